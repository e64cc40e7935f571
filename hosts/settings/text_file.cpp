// SPDX-License-Identifier: Apache-2.0
#include "settings/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
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

/// An open file, closed when it goes out of scope.
class OpenFile {
 public:
    /// Does not wait: whoever opens a named pipe waits for somebody who writes to it.
    explicit OpenFile(std::string const& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
    OpenFile(OpenFile const&) = delete;
    OpenFile& operator=(OpenFile const&) = delete;
    ~OpenFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    int descriptor() const { return descriptor_; }

 private:
    int descriptor_;
};

}  // namespace

Result<std::string> read_text_file(std::string const& path) {
    OpenFile const file(path);
    struct stat status {};
    if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0) return failure(errno);
    if (!S_ISREG(status.st_mode)) return Error{Errc::invalid_argument, "file_not_regular", "is not a regular file"};
    std::string text;
    std::array<char, 4096> part;
    ssize_t count = 0;
    while ((count = ::read(file.descriptor(), part.data(), part.size())) != 0) {
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(errno);
        text.append(part.data(), static_cast<std::size_t>(count));
        if (text.size() > kMost) return Error{Errc::invalid_argument, "file_too_large", "is larger than a mebibyte"};
    }
    return text;
}

}  // namespace nexpo::hosts
