// SPDX-License-Identifier: Apache-2.0
#include "base/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace nexpo::base {

namespace {

constexpr int kGzipOnly = 15 + 16;  // zlib's way to say: a window of 32 KiB, and neither zlib's own format nor raw data
constexpr int kMemoryLevel = 8;
// JSON shrinks to a sixth at any level; the higher ones cost half as much again for 4 % of that.
constexpr int kLevel = 3;
constexpr std::size_t kFirstBytes = 4096;

Bytef* writable(std::string& text, std::size_t at) {
    return reinterpret_cast<Bytef*>(text.data() + at);
}

/// zlib does not write to its input, but has no word for that.
Bytef* readable(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

/// Setting up costs more than compressing a short text, so each thread keeps its own.
class Deflater {
 public:
    Deflater()
        : ready_(deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipOnly, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK) {}
    Deflater(Deflater const&) = delete;
    Deflater& operator=(Deflater const&) = delete;
    ~Deflater() {
        if (ready_) deflateEnd(&stream_);
    }

    bool ready() const { return ready_; }

    std::optional<std::string> run(std::string_view text) {
        if (deflateReset(&stream_) != Z_OK) return std::nullopt;
        std::string out(deflateBound(&stream_, text.size()), '\0');
        stream_.next_in = readable(text);
        stream_.avail_in = static_cast<uInt>(text.size());
        stream_.next_out = writable(out, 0);
        stream_.avail_out = static_cast<uInt>(out.size());
        if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) return std::nullopt;
        out.resize(out.size() - stream_.avail_out);
        return out;
    }

 private:
    z_stream stream_{};
    bool ready_;
};

struct Inflater {
    Inflater() : ready(inflateInit2(&stream, kGzipOnly) == Z_OK) {}
    Inflater(Inflater const&) = delete;
    Inflater& operator=(Inflater const&) = delete;
    ~Inflater() {
        if (ready) inflateEnd(&stream);
    }

    z_stream stream{};
    bool ready;
};

Error no_memory() {
    return {.code = Errc::unavailable, .reason = "out_of_memory", .message = "There is no memory to decompress with."};
}

Error malformed() {
    return {.code = Errc::invalid_argument,
            .reason = "encoding_malformed",
            .message = "The body is not what Content-Encoding says: whole gzip data and nothing else."};
}

Error too_large(std::size_t most) {
    return {.code = Errc::invalid_argument,
            .reason = "body_too_large",
            .message = "The body is larger than " + std::to_string(most) + " bytes when it is decompressed."};
}

}  // namespace

std::optional<std::string> gzip(std::string_view text) {
    if (text.empty() || text.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
    thread_local std::unique_ptr<Deflater> deflater;
    if (deflater == nullptr) deflater = std::make_unique<Deflater>();
    if (deflater->ready()) return deflater->run(text);
    deflater.reset();
    return std::nullopt;
}

Result<std::string> gunzip(std::string_view data, std::size_t most) {
    Inflater inflater;
    if (!inflater.ready) return no_memory();
    if (data.size() > std::numeric_limits<uInt>::max()) return too_large(most);
    auto& stream = inflater.stream;
    stream.next_in = readable(data);
    stream.avail_in = static_cast<uInt>(data.size());

    std::string text;
    std::size_t made = 0;
    while (true) {
        // Grows by what has come, not by what the sender says, and stops one byte beyond the limit.
        if (made == text.size()) text.resize(std::min(most + 1, std::max(2 * made, kFirstBytes)));
        stream.next_out = writable(text, made);
        stream.avail_out = static_cast<uInt>(text.size() - made);
        auto const status = inflate(&stream, Z_NO_FLUSH);
        made = text.size() - stream.avail_out;
        if (made > most) return too_large(most);
        if (status == Z_MEM_ERROR) return no_memory();
        if (status == Z_STREAM_END) {
            if (stream.avail_in == 0) break;
            if (inflateReset(&stream) != Z_OK) return malformed();  // the next member: RFC 1952 section 2.2
        } else if (status != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
            return malformed();
        }
    }
    text.resize(made);
    return text;
}

}  // namespace nexpo::base
