// SPDX-License-Identifier: Apache-2.0
#include "settings/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace nexpo::hosts {

namespace {

constexpr std::size_t kMost = std::size_t{1} << 20;

Error failure(int number) {
    auto const code = number == ENOENT   ? Errc::not_found
                      : number == EACCES ? Errc::permission_denied
                                         : Errc::unavailable;
    return {code, "file_unreadable", "cannot be read: " + std::generic_category().message(number)};
}

}  // namespace

Result<std::string> read_text_file(std::string const& path) {
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return failure(errno);
    std::string text;
    std::array<char, 4096> part;
    ssize_t count = 0;
    int problem = 0;
    while ((count = ::read(file, part.data(), part.size())) != 0) {
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            problem = errno;
            break;
        }
        text.append(part.data(), static_cast<std::size_t>(count));
        if (text.size() > kMost) break;
    }
    ::close(file);
    if (problem != 0) return failure(problem);
    if (text.size() > kMost) return Error{Errc::invalid_argument, "file_too_large", "is larger than a mebibyte"};
    return text;
}

}  // namespace nexpo::hosts
