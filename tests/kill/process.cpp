// SPDX-License-Identifier: Apache-2.0
#include "kill/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace nexpo::kill {

Process::Process(std::vector<std::string> words) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    auto const parent = getpid();
    id_ = fork();
    if (id_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (id_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        dup2(ends[1], STDOUT_FILENO);
        execv(arguments.front(), arguments.data());
        _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
}

Process::~Process() {
    if (id_ > 0) kill();
    close(output_);
}

bool Process::fill(Deadline deadline) {
    using std::chrono::milliseconds;
    auto const left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = output_, .events = POLLIN, .revents = 0};
    auto const ready =
        poll(&waiting, 1, static_cast<int>(std::clamp(left, milliseconds(0), milliseconds(60'000)).count()));
    if (ready <= 0) return ready < 0 && errno == EINTR;
    std::array<char, 65'536> piece;
    auto const size = read(output_, piece.data(), piece.size());
    if (size <= 0) {
        ended_ = true;
        return false;
    }
    buffer_.append(piece.data(), static_cast<std::size_t>(size));
    return true;
}

std::optional<std::string> Process::line(Deadline deadline) {
    std::size_t searched = 0;
    while (true) {
        auto const end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            auto text = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return text;
        }
        searched = buffer_.size();
        if (!fill(deadline)) return std::nullopt;
    }
}

void Process::kill() {
    ::kill(id_, SIGKILL);
    wait();
}

int Process::wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace nexpo::kill
