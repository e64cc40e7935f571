// SPDX-License-Identifier: Apache-2.0
#include "load/load.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/hex.hpp"

namespace nexpo::bench {

namespace {

constexpr std::string_view kRandom = "{random}";
constexpr std::uint64_t kTimer = ~std::uint64_t{0};
/// How long answers are waited for after the last request has begun.
constexpr std::chrono::seconds kPatience{20};

[[noreturn]] void fail(char const* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

Clock::duration ticks(std::chrono::duration<double> time) {
    return std::chrono::duration_cast<Clock::duration>(time);
}

std::string sixteen_digits(std::uint64_t number) {
    std::array const numbers = {number};
    return base::hex_encode(std::as_bytes(std::span(numbers)));
}

/// Of times in order: the smallest that is no less than this share of them.
double percentile(std::vector<double> const& sorted, double share) {
    auto const rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(rank, sorted.size() - 1)];
}

/// Processor time of this process.
std::chrono::duration<double> processor_time() {
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) fail("getrusage");
    auto const seconds = [](timeval const& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return std::chrono::duration<double>(seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

}  // namespace

Load::Load(LoadOptions options)
    : options_(std::move(options)),
      random_(std::random_device{}()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (epoll_ < 0 || timer_ < 0) fail("epoll");
    auto const at = options_.body.find(kRandom);
    has_random_ = at != options_.body.npos;
    auto const size = has_random_ ? options_.body.size() - kRandom.size() + 16 : options_.body.size();
    before_ = options_.method + " " + options_.target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + options_.headers;
    if (size != 0) before_ += "Content-Type: application/json\r\nContent-Length: " + std::to_string(size) + "\r\n";
    before_ += "\r\n" + options_.body.substr(0, at);
    if (has_random_) after_ = options_.body.substr(at + kRandom.size());
}

Load::~Load() {
    ::close(epoll_);
    ::close(timer_);
}

void Load::connect() {
    for (std::size_t i = 0; i < options_.connections; ++i) {
        connections_.push_back(std::make_unique<Connection>(options_.port));
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back()->descriptor(), &event) != 0) fail("epoll_ctl");
        idle_.push_back(i);
    }
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kTimer}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &event) != 0) fail("epoll_ctl");
}

void Load::run() {
    connect();
    auto const begun = Clock::now();
    auto const processor_before = processor_time();
    next_due_ = begun;
    counted_from_ = next_due_ + ticks(options_.warm);
    end_ = counted_from_ + ticks(options_.time);
    begin_due(next_due_);
    constexpr int kMilliseconds = 100;
    std::array<epoll_event, 64> events{};
    while (!is_done(Clock::now())) {
        auto const count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kMilliseconds);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; ++i) {
            auto const index = events[static_cast<std::size_t>(i)].data.u64;
            if (index != kTimer) on_readable(static_cast<std::size_t>(index));
        }
        begin_due(Clock::now());
    }
    busy_ = (processor_time() - processor_before) / (Clock::now() - begun);
    if (running_ + waiting_.size() != 0) throw std::runtime_error("requests were never answered");
}

/// Begins what is due: at a given rate what the clock says, otherwise as much as connections are free.
void Load::begin_due(Clock::time_point now) {
    if (options_.rate <= 0) {
        while (!idle_.empty() && may_begin(now)) begin(idle_.back(), now);
        return;
    }
    auto const step = ticks(std::chrono::duration<double>(1 / options_.rate));
    for (; next_due_ <= now && may_begin(next_due_); next_due_ += step) waiting_.push_back(next_due_);
    while (!waiting_.empty() && !idle_.empty()) {
        auto const due = waiting_.front();
        waiting_.pop_front();
        begin(idle_.back(), due);
    }
    if (may_begin(next_due_)) arm_timer(next_due_);
}

void Load::begin(std::size_t index, Clock::time_point due) {
    idle_.pop_back();
    ++begun_;
    ++running_;
    if (!has_random_) return connections_[index]->send(before_, due);
    connections_[index]->send(before_ + sixteen_digits(++random_ * 0x9E3779B97F4A7C15) + after_, due);
}

void Load::arm_timer(Clock::time_point time) const {
    auto const since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
    itimerspec const moment{.it_interval = {},
                            .it_value = {.tv_sec = since / 1'000'000'000, .tv_nsec = since % 1'000'000'000}};
    if (::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &moment, nullptr) != 0) fail("timerfd_settime");
}

void Load::on_readable(std::size_t index) {
    if (auto const response = connections_[index]->receive()) finish(index, *response);
}

void Load::finish(std::size_t index, ResponseSpan const& response) {
    auto const now = Clock::now();
    auto const due = connections_[index]->due();
    --running_;
    last_ = now;
    // As fast as answered: what is answered in time counts. At a rate: what was due in time, however late its answer.
    bool const counts = options_.rate > 0 ? due >= counted_from_ : now >= counted_from_ && now < end_;
    if (counts || options_.requests != 0) {
        milliseconds_[response.status].push_back(std::chrono::duration<double, std::milli>(now - due).count());
    }
    if (!response.keep_alive) throw std::runtime_error("the server ends connections");
    idle_.push_back(index);
}

bool Load::may_begin(Clock::time_point now) const {
    return now < end_ && (options_.requests == 0 || begun_ < options_.requests);
}

bool Load::is_done(Clock::time_point now) const {
    bool const may_more = options_.rate > 0 ? may_begin(next_due_) || !waiting_.empty() : may_begin(now);
    return (!may_more && running_ == 0) || now > end_ + kPatience;
}

std::string Load::report() const {
    std::size_t count = 0;
    for (auto const& [status, times] : milliseconds_) count += times.size();
    auto const time = options_.requests != 0 ? std::chrono::duration<double>(last_ - counted_from_) : options_.time;
    std::ostringstream out;
    out << "{\"per_second\": " << static_cast<double>(count) / time.count() << ", \"busy\": " << busy_
        << ", \"statuses\": {";
    char const* separator = "";
    for (auto const& [status, times] : milliseconds_) {
        auto sorted = times;
        std::ranges::sort(sorted);
        out << separator << '"' << status << "\": {\"count\": " << sorted.size()
            << ", \"p50_ms\": " << percentile(sorted, 0.5) << ", \"p99_ms\": " << percentile(sorted, 0.99)
            << ", \"max_ms\": " << sorted.back() << '}';
        separator = ", ";
    }
    out << "}}";
    return out.str();
}

}  // namespace nexpo::bench
