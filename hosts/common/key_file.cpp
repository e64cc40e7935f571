// SPDX-License-Identifier: Apache-2.0
#include "common/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "nexpo/random.hpp"
#include "settings/text_file.hpp"

namespace nexpo::hosts {

namespace {

constexpr std::size_t kKeyBytes = 32;

Error failure(std::string const& path, std::string_view what, int number) {
    std::string message = path;
    message.append(" ").append(what).append(": ").append(std::generic_category().message(number));
    return {Errc::unavailable, "file_failed", std::move(message)};
}

/// A file of ours in the making; gone when it goes out of scope.
class NewFile {
 public:
    explicit NewFile(std::string path)
        : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {}
    NewFile(NewFile const&) = delete;
    NewFile& operator=(NewFile const&) = delete;
    ~NewFile() {
        if (descriptor_ < 0) return;
        ::close(descriptor_);
        ::unlink(path_.c_str());
    }

    bool write(std::string_view text) {
        if (descriptor_ < 0) return false;
        auto const count = ::write(descriptor_, text.data(), text.size());
        if (count >= 0 && static_cast<std::size_t>(count) != text.size()) errno = ENOSPC;
        return count == static_cast<ssize_t>(text.size()) && ::fsync(descriptor_) == 0;
    }

    /// Gives the complete file its name, unless there is one of that name.
    bool publish(std::string const& name) { return ::link(path_.c_str(), name.c_str()) == 0 || errno == EEXIST; }

 private:
    std::string path_;
    int descriptor_;
};

Result<void> create_key(std::string const& path) {
    // Not the process id: two containers that share a volume may have the same one.
    NewFile file(path + '.' + std::string(random_text(9).reveal()));
    auto const key = random_text(kKeyBytes);
    std::string text(key.reveal());
    text += '\n';
    bool const created = file.write(text) && file.publish(path);
    auto const number = errno;
    Secret const wipe(std::move(text));
    if (!created) return failure(path, "cannot be created", number);
    return {};
}

}  // namespace

Secret random_text(std::size_t bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::vector<std::byte> random(bytes);
    system_random()->fill(random);
    std::string text;
    text.reserve((bytes * 8 + 5) / 6);
    std::uint32_t bits = 0;
    int count = 0;
    for (auto& byte : random) {
        bits = bits << 8 | std::to_integer<std::uint32_t>(byte);
        for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63];
        byte = {};
    }
    if (count > 0) text += kAlphabet[bits << (6 - count) & 63];
    return Secret(std::move(text));
}

Result<void> make_folder(std::string const& path) {
    for (std::size_t end = 1; end <= path.size(); ++end) {
        if (end != path.size() && path[end] != '/') continue;
        auto const part = path.substr(0, end);
        if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return failure(part, "cannot be created", errno);
    }
    return {};
}

Result<Secret> read_or_create_key(std::string const& path) {
    auto text = hosts::read_text_file(path);
    if (!text && text.error().code == Errc::not_found) {
        if (auto created = create_key(path); !created) return std::move(created).error();
        text = hosts::read_text_file(path);
    }
    if (!text) return Error{Errc::unavailable, "file_failed", path + ' ' + text.error().message};
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    if (text->empty()) return Error{Errc::failed_precondition, "sealing_key_malformed", path + " is empty"};
    return Secret(std::move(*text));
}

}  // namespace nexpo::hosts
