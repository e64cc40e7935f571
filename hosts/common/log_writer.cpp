// SPDX-License-Identifier: Apache-2.0
#include "common/log_writer.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "nexpo/log.hpp"
#include "nexpo/time.hpp"

namespace nexpo::hosts {

namespace {

using namespace std::chrono_literals;

/// What may wait: a thousand lines and more.
constexpr std::size_t kMostQueued = 1U << 20U;
/// How long lines are collected after the first one, so that a busy host wakes this thread a few hundred times a second
/// and not once a line.
constexpr auto kCollect = 2ms;
constexpr std::size_t kCollected = 65'536;
/// A pipe that is ready takes this much (PIPE_BUF) without blocking; a file takes anything.
constexpr std::size_t kPipeBytes = 4096;
constexpr std::size_t kFileBytes = 1U << 20U;
constexpr int kPollMilliseconds = 100;
constexpr auto kClosingTime = 2s;

/// False when there is no memory to say it now.
bool append_loss(std::string& text, std::uint64_t lines) try {
    LogField const fields[] = {{"lines", static_cast<std::int64_t>(lines)}};
    text += to_json_line({system_clock()->now(), LogLevel::warning, "log lines were lost", fields}) + '\n';
    return true;
} catch (std::bad_alloc const&) {
    return false;
}

std::size_t bytes_at_once(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) ? kFileBytes : kPipeBytes;
}

}  // namespace

LogWriter::LogWriter(int descriptor)
    : descriptor_(descriptor), at_once_(bytes_at_once(descriptor)), thread_([this] { work(); }) {}

LogWriter::~LogWriter() {
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
        give_up_ = Clock::now() + kClosingTime;
    }
    wake_.notify_one();
    thread_.join();
}

void LogWriter::write(std::string_view line) {
    bool wake = false;
    {
        std::lock_guard const lock(mutex_);
        auto const before = queued_.size();
        if (before + line.size() >= kMostQueued || !has_room(before + line.size() + 1)) {
            ++lost_;
            return;
        }
        queued_.append(line).push_back('\n');
        wake = std::exchange(sleeping_, false) || (before < kCollected && queued_.size() >= kCollected);
    }
    if (wake) wake_.notify_one();
}

/// Whether there is memory for so many characters: a line is there with its end, or not at all.
bool LogWriter::has_room(std::size_t size) try {
    queued_.reserve(size);
    return true;
} catch (std::bad_alloc const&) {
    return false;
}

void LogWriter::work() {
    std::string text;
    bool readable = true;
    std::unique_lock lock(mutex_);
    while (readable) {
        sleeping_ = true;
        wake_.wait(lock, [this] { return closing_ || !queued_.empty(); });
        sleeping_ = false;
        wake_.wait_for(lock, kCollect, [this] { return closing_ || queued_.size() >= kCollected; });
        if (queued_.empty() && lost_ == 0) return;
        std::swap(text, queued_);
        if (lost_ != 0 && (append_loss(text, lost_) || closing_)) lost_ = 0;
        lock.unlock();
        readable = write_out(text);
        text.clear();
        lock.lock();
    }
}

LogWriter::Clock::time_point LogWriter::give_up_at() {
    std::lock_guard const lock(mutex_);
    return give_up_;
}

bool LogWriter::write_out(std::string_view text) {
    while (!text.empty() && Clock::now() < give_up_at()) {
        pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
        if (::poll(&ready, 1, kPollMilliseconds) <= 0) continue;
        auto const count = ::write(descriptor_, text.data(), std::min(text.size(), at_once_));
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR && errno != EAGAIN) {
            return false;  // there is nobody to tell
        }
    }
    return true;
}

}  // namespace nexpo::hosts
