// SPDX-License-Identifier: Apache-2.0
#include "power_loss/recording_vfs.hpp"

#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace nexpo::power_loss {

namespace {

constexpr auto* kName = "recording";

using OpenDirectory = int (*)(char const*, int*);

/// SQLite syncs a directory inside of other calls; the system call that opens it tells.
OpenDirectory real_open_directory = nullptr;
thread_local bool directory_opened = false;

int open_directory(char const* path, int* descriptor) {
    directory_opened = true;
    return real_open_directory(path, descriptor);
}

}  // namespace

struct RecordingVfs::State {
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    WriteLog* log = nullptr;
    std::mutex mutex{};
    std::map<std::string, int> names{};  ///< Files by path.
    int next_file = 0;
    std::atomic<std::uint64_t> syncs = 0;
    std::atomic<std::uint64_t> fail_every = 0;
};

/// What SQLite holds as its open file; the real one follows it in memory.
struct RecordingFile : sqlite3_file {
    RecordingVfs::State* state;
    int file;  ///< -1 for temporary ones.

    static RecordingFile& of(sqlite3_file* file) { return *static_cast<RecordingFile*>(file); }
    static RecordingVfs::State& state_of(sqlite3_vfs* vfs) { return *static_cast<RecordingVfs::State*>(vfs->pAppData); }
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(this) + kSize); }

    static std::size_t const kSize;
    static sqlite3_io_methods const kMethods;

    static int open(sqlite3_vfs* vfs, char const* path, sqlite3_file* file, int flags, int* out_flags);
    static int remove(sqlite3_vfs* vfs, char const* path, int sync_directory);
    static int write(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 offset);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
};

// As the real file would be aligned by SQLite's own allocation.
std::size_t const RecordingFile::kSize = (sizeof(RecordingFile) + 15U) & ~std::size_t{15};

sqlite3_io_methods const RecordingFile::kMethods = {
    .iVersion = 3,
    .xClose = [](sqlite3_file* file) { return of(file).real()->pMethods->xClose(of(file).real()); },
    .xRead = [](sqlite3_file* file, void* into, int size,
                sqlite3_int64 offset) { return of(file).real()->pMethods->xRead(of(file).real(), into, size, offset); },
    .xWrite = &RecordingFile::write,
    .xTruncate = &RecordingFile::truncate,
    .xSync = &RecordingFile::sync,
    .xFileSize = [](sqlite3_file* file,
                    sqlite3_int64* size) { return of(file).real()->pMethods->xFileSize(of(file).real(), size); },
    .xLock = [](sqlite3_file* file, int level) { return of(file).real()->pMethods->xLock(of(file).real(), level); },
    .xUnlock = [](sqlite3_file* file, int level) { return of(file).real()->pMethods->xUnlock(of(file).real(), level); },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* held) {
            return of(file).real()->pMethods->xCheckReservedLock(of(file).real(), held);
        },
    .xFileControl =
        [](sqlite3_file* file, int what, void* argument) {
            return of(file).real()->pMethods->xFileControl(of(file).real(), what, argument);
        },
    .xSectorSize = [](sqlite3_file* file) { return of(file).real()->pMethods->xSectorSize(of(file).real()); },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) { return of(file).real()->pMethods->xDeviceCharacteristics(of(file).real()); },
    .xShmMap =
        [](sqlite3_file* file, int page, int size, int extend, void volatile** at) {
            return of(file).real()->pMethods->xShmMap(of(file).real(), page, size, extend, at);
        },
    .xShmLock = [](sqlite3_file* file, int offset, int n,
                   int flags) { return of(file).real()->pMethods->xShmLock(of(file).real(), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* file) { of(file).real()->pMethods->xShmBarrier(of(file).real()); },
    .xShmUnmap = [](sqlite3_file* file,
                    int remove) { return of(file).real()->pMethods->xShmUnmap(of(file).real(), remove); },
    .xFetch = [](sqlite3_file* file, sqlite3_int64 offset, int size,
                 void** at) { return of(file).real()->pMethods->xFetch(of(file).real(), offset, size, at); },
    .xUnfetch = [](sqlite3_file* file, sqlite3_int64 offset,
                   void* at) { return of(file).real()->pMethods->xUnfetch(of(file).real(), offset, at); },
};

int RecordingFile::open(sqlite3_vfs* vfs, char const* path, sqlite3_file* file, int flags, int* out_flags) {
    auto& state = state_of(vfs);
    auto& self = *new (file) RecordingFile{};
    self.state = &state;
    self.file = -1;
    std::lock_guard const lock(state.mutex);
    bool const existed = path != nullptr && std::filesystem::exists(path);
    // What was written before is not in the log, so that no image of such a file could be made.
    if (existed && !state.names.contains(path)) return SQLITE_CANTOPEN;
    auto const result = state.real->xOpen(state.real, path, self.real(), flags, out_flags);
    if (self.real()->pMethods == nullptr) return result;
    self.pMethods = &kMethods;
    if (result != SQLITE_OK || path == nullptr) return result;
    auto const known = state.names.find(path);
    if (known != state.names.end()) {
        self.file = known->second;
        return result;
    }
    self.file = state.next_file++;
    state.names.emplace(path, self.file);
    state.log->add(logged::Create{std::filesystem::path(path).filename(), self.file});
    return result;
}

int RecordingFile::remove(sqlite3_vfs* vfs, char const* path, int sync_directory) {
    auto& state = state_of(vfs);
    std::lock_guard const lock(state.mutex);
    directory_opened = false;
    auto const result = state.real->xDelete(state.real, path, sync_directory);
    if (result != SQLITE_OK || state.names.erase(path) == 0) return result;
    state.log->add(logged::Remove{std::filesystem::path(path).filename()});
    if (directory_opened) state.log->add(logged::SyncNames{state.log->size()});
    return result;
}

int RecordingFile::write(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 offset) {
    auto& self = of(file);
    auto const result = self.real()->pMethods->xWrite(self.real(), bytes, size, offset);
    // What failed may have been written in part, which a write that is torn stands for as well.
    if (self.file >= 0) {
        self.state->log->add(logged::Write{
            self.file, offset, std::string(static_cast<char const*>(bytes), static_cast<std::size_t>(size))});
    }
    return result;
}

int RecordingFile::truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& self = of(file);
    auto const result = self.real()->pMethods->xTruncate(self.real(), size);
    if (result == SQLITE_OK && self.file >= 0) self.state->log->add(logged::Resize{self.file, size});
    return result;
}

int RecordingFile::sync(sqlite3_file* file, int flags) {
    auto& self = of(file);
    auto& state = *self.state;
    if (self.file < 0) return self.real()->pMethods->xSync(self.real(), flags);
    auto const begun_at = state.log->size();
    auto const fail_every = state.fail_every.load();
    if (fail_every != 0 && ++state.syncs % fail_every == 0) {
        state.log->add(logged::FailedSync{self.file});
        return SQLITE_IOERR_FSYNC;
    }
    directory_opened = false;
    auto const result = self.real()->pMethods->xSync(self.real(), flags);
    if (result != SQLITE_OK) {
        state.log->add(logged::FailedSync{self.file});
        return result;
    }
    state.log->add(logged::Sync{self.file, begun_at});
    if (directory_opened) state.log->add(logged::SyncNames{begun_at});
    return result;
}

RecordingVfs::RecordingVfs(WriteLog& log) : state_(std::make_unique<State>()) {
    auto& state = *state_;
    state.real = sqlite3_vfs_find(nullptr);
    state.log = &log;
    state.vfs = *state.real;
    state.vfs.szOsFile = static_cast<int>(RecordingFile::kSize) + state.real->szOsFile;
    state.vfs.pNext = nullptr;
    state.vfs.zName = kName;
    state.vfs.pAppData = &state;
    state.vfs.xOpen = &RecordingFile::open;
    state.vfs.xDelete = &RecordingFile::remove;
    real_open_directory = reinterpret_cast<OpenDirectory>(state.real->xGetSystemCall(state.real, "openDirectory"));
    state.real->xSetSystemCall(state.real, "openDirectory", reinterpret_cast<sqlite3_syscall_ptr>(&open_directory));
    // The others of the real one's functions look at nothing but their arguments, or at its own data: give it to them.
    state.vfs.xAccess = [](sqlite3_vfs* vfs, char const* path, int flags, int* out) {
        auto* real = RecordingFile::state_of(vfs).real;
        return real->xAccess(real, path, flags, out);
    };
    state.vfs.xFullPathname = [](sqlite3_vfs* vfs, char const* path, int size, char* out) {
        auto* real = RecordingFile::state_of(vfs).real;
        return real->xFullPathname(real, path, size, out);
    };
    if (sqlite3_vfs_register(&state.vfs, 1) != SQLITE_OK) throw std::runtime_error("SQLite refuses the file system");
}

RecordingVfs::~RecordingVfs() {
    auto& state = *state_;
    sqlite3_vfs_unregister(&state.vfs);
    sqlite3_vfs_register(state.real, 1);
    state.real->xSetSystemCall(state.real, "openDirectory", nullptr);
}

void RecordingVfs::fail_every_sync(std::uint64_t n) {
    state_->fail_every = n;
}

}  // namespace nexpo::power_loss
