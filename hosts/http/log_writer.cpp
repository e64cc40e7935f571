// SPDX-License-Identifier: Apache-2.0
#include "http/log_writer.hpp"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>

#include "nexpo/log.hpp"
#include "nexpo/time.hpp"

namespace nexpo::http_host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kQueuedLines = 4096;
/// A pipe that is ready takes this much (PIPE_BUF) without blocking.
constexpr std::size_t kWriteBytes = 4096;
constexpr int kPollMilliseconds = 100;
constexpr std::chrono::seconds kClosingTime{2};

/// Collects lines and writes them when nothing more is queued, so that a busy log costs few system calls. Only the
/// log's thread uses it.
class LineSink final : public spdlog::sinks::sink {
 public:
    explicit LineSink(int descriptor) : descriptor_(descriptor) {}

    void watch(spdlog::details::thread_pool* pool) { pool_ = pool; }
    void stop_waiting_at(Clock::time_point time) { give_up_ = time; }

    void log(spdlog::details::log_msg const& message) override {
        pending_.append(message.payload.data(), message.payload.size()).push_back('\n');
        if (pending_.size() >= kWriteBytes || pool_->queue_size() == 0) flush();
    }

    void flush() override {
        report_losses();
        std::string_view left = pending_;
        while (!left.empty() && Clock::now() < give_up_.load()) {
            pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
            if (::poll(&ready, 1, kPollMilliseconds) <= 0) continue;
            auto const count = ::write(descriptor_, left.data(), std::min(left.size(), kWriteBytes));
            if (count >= 0) {
                left.remove_prefix(static_cast<std::size_t>(count));
            } else if (errno != EINTR && errno != EAGAIN) {
                break;  // Nobody can read the log any more, so there is nobody to tell.
            }
        }
        pending_.clear();
    }

    void set_pattern(std::string const&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
    void report_losses() {
        auto const lost = pool_->overrun_counter();
        if (lost == reported_) return;
        LogField const fields[] = {{"lines", static_cast<std::int64_t>(lost - reported_)}};
        reported_ = lost;
        pending_ += to_json_line({system_clock()->now(), LogLevel::warning, "log lines were lost", fields});
        pending_ += '\n';
    }

    int descriptor_;
    spdlog::details::thread_pool* pool_ = nullptr;
    std::size_t reported_ = 0;
    std::string pending_;
    std::atomic<Clock::time_point> give_up_ = Clock::time_point::max();
};

}  // namespace

struct LogWriter::Parts {
    std::shared_ptr<LineSink> sink;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

LogWriter::LogWriter(int descriptor) : parts_(std::make_unique<Parts>()) {
    parts_->sink = std::make_shared<LineSink>(descriptor);
    parts_->pool = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
    parts_->sink->watch(parts_->pool.get());
    parts_->logger = std::make_shared<spdlog::async_logger>("nexpo", parts_->sink, parts_->pool,
                                                            spdlog::async_overflow_policy::overrun_oldest);
}

LogWriter::~LogWriter() {
    parts_->sink->stop_waiting_at(Clock::now() + kClosingTime);
    parts_->logger->flush();
    parts_->logger.reset();
    parts_->pool.reset();
}

void LogWriter::write(std::string_view line) {
    parts_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace nexpo::http_host
