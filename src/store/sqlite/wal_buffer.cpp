// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/wal_buffer.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

namespace nexpo::store {

namespace {

/// The most that SQLite's own file for Unix writes with one call.
constexpr std::size_t kCapacity = 131'071;

/// Stands in for the methods of one open file (https://www.sqlite.org/c3ref/io_methods.html) and calls them.
struct WalBuffer : sqlite3_io_methods {
    explicit WalBuffer(sqlite3_io_methods const& real) : sqlite3_io_methods(real), of_file(&real) {}

    sqlite3_io_methods const* of_file;
    sqlite3_int64 offset = 0;  ///< Of the first of the bytes.
    std::size_t size = 0;
    std::unique_ptr<char[]> bytes{new char[kCapacity]};

    static WalBuffer& of(sqlite3_file* file) {
        // SQLite only reads through its pointer; the buffer was made without const.
        return *static_cast<WalBuffer*>(const_cast<sqlite3_io_methods*>(file->pMethods));
    }

    /// What cannot be written is forgotten: SQLite takes its transaction back.
    int flush(sqlite3_file* file) {
        if (size == 0) return SQLITE_OK;
        return of_file->xWrite(file, bytes.get(), static_cast<int>(std::exchange(size, 0)), offset);
    }
};

int write(sqlite3_file* file, void const* data, int amount, sqlite3_int64 offset) {
    auto& buffer = WalBuffer::of(file);
    auto const count = static_cast<std::size_t>(amount);
    bool const follows = offset == buffer.offset + static_cast<sqlite3_int64>(buffer.size);
    if (!follows || buffer.size + count > kCapacity) {
        if (int const code = buffer.flush(file); code != SQLITE_OK) return code;
    }
    if (count > kCapacity) return buffer.of_file->xWrite(file, data, amount, offset);
    if (buffer.size == 0) buffer.offset = offset;
    std::memcpy(buffer.bytes.get() + buffer.size, data, count);
    buffer.size += count;
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* data, int amount, sqlite3_int64 offset) {
    auto& buffer = WalBuffer::of(file);
    int const code = buffer.flush(file);
    return code == SQLITE_OK ? buffer.of_file->xRead(file, data, amount, offset) : code;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& buffer = WalBuffer::of(file);
    int const code = buffer.flush(file);
    return code == SQLITE_OK ? buffer.of_file->xTruncate(file, size) : code;
}

int sync(sqlite3_file* file, int flags) {
    auto& buffer = WalBuffer::of(file);
    int const code = buffer.flush(file);
    return code == SQLITE_OK ? buffer.of_file->xSync(file, flags) : code;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    auto& buffer = WalBuffer::of(file);
    int const code = buffer.flush(file);
    return code == SQLITE_OK ? buffer.of_file->xFileSize(file, size) : code;
}

int close(sqlite3_file* file) {
    std::unique_ptr<WalBuffer> const buffer(&WalBuffer::of(file));
    int const flushed = buffer->flush(file);
    file->pMethods = buffer->of_file;
    int const closed = buffer->of_file->xClose(file);
    return closed == SQLITE_OK ? flushed : closed;
}

}  // namespace

bool buffer_write_ahead_log(sqlite3* database) {
    sqlite3_file* file = nullptr;
    int const found = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (found != SQLITE_OK || file == nullptr || file->pMethods == nullptr) return false;
    auto buffer = std::make_unique<WalBuffer>(*file->pMethods);
    buffer->xWrite = write;
    buffer->xRead = read;
    buffer->xTruncate = truncate;
    buffer->xSync = sync;
    buffer->xFileSize = file_size;
    buffer->xClose = close;
    file->pMethods = buffer.release();
    return true;
}

}  // namespace nexpo::store
