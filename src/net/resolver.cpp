// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "net/http_error.hpp"
#include "net/quiet_thread.hpp"

namespace nexpo::net {
namespace {

Result<std::vector<IpAddress>> look_up(std::string const& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;  // no IPv6 addresses where there is no IPv6
    addrinfo* list = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return name_not_resolved();
    std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> const owner(list, &freeaddrinfo);
    std::vector<IpAddress> addresses;
    for (auto const* each = list; each != nullptr; each = each->ai_next) {
        auto const address = IpAddress::of(*each->ai_addr);
        if (address && std::ranges::find(addresses, *address) == addresses.end()) addresses.push_back(*address);
    }
    if (addresses.empty()) return name_not_resolved();
    return addresses;
}

/// Shared with the threads: one that hangs in a lookup outlives the resolver.
struct State {
    using Time = std::chrono::steady_clock::time_point;

    struct Known {
        std::vector<IpAddress> addresses;
        Time until;
    };

    struct Worker {
        std::thread thread;
        bool busy = false;
    };

    SystemResolverOptions options;
    std::shared_ptr<Clock> clock;

    std::mutex mutex;
    std::condition_variable work_ready;
    bool closed = false;
    std::array<std::deque<std::string>, 2> queues;  // by UrlSource
    std::size_t looking_up_for_users = 0;
    // By the host, with a mark for the source: the operator's lookup must not wait for a user's.
    std::unordered_map<std::string, std::vector<Resolver::Done>> waiting;
    std::unordered_map<std::string, Known> known;

    static std::string key(UrlSource source, std::string const& host) {
        return (source == UrlSource::user ? 'u' : 'c') + host;
    }

    std::deque<std::string>& queue(UrlSource source) { return queues[static_cast<std::size_t>(source)]; }

    std::optional<UrlSource> next() {
        if (!queue(UrlSource::configuration).empty()) return UrlSource::configuration;
        bool const may = looking_up_for_users + 1 < options.threads;
        return may && !queue(UrlSource::user).empty() ? std::optional(UrlSource::user) : std::nullopt;
    }

    void keep(std::string const& host, std::vector<IpAddress> const& addresses) {
        auto const now = clock->steady_now();
        if (known.size() >= options.keep_most) {
            std::erase_if(known, [now](auto const& each) { return each.second.until <= now; });
            if (known.size() >= options.keep_most) known.clear();
        }
        known.insert_or_assign(host, Known{addresses, now + options.keep_for});
    }

    void work(Worker& worker) {
        std::unique_lock lock(mutex);
        for (;;) {
            std::optional<UrlSource> source;
            work_ready.wait(lock, [&] { return closed || (source = next()).has_value(); });
            if (closed) return;
            auto const host = std::move(queue(*source).front());
            queue(*source).pop_front();
            worker.busy = true;
            if (*source == UrlSource::user) ++looking_up_for_users;
            lock.unlock();
            auto const outcome = look_up(host);
            lock.lock();
            worker.busy = false;
            if (*source == UrlSource::user) --looking_up_for_users;
            if (closed) return;
            if (outcome) keep(host, *outcome);
            auto const found = waiting.extract(key(*source, host));
            work_ready.notify_one();  // a user's lookup may have waited for its turn
            lock.unlock();
            for (auto const& done : found.mapped()) done(outcome);
            lock.lock();
        }
    }
};

class SystemResolver final : public Resolver {
 public:
    explicit SystemResolver(std::shared_ptr<State> state) : state_(std::move(state)) {}
    SystemResolver(SystemResolver const&) = delete;
    SystemResolver& operator=(SystemResolver const&) = delete;
    ~SystemResolver() override { SystemResolver::close(); }

    /// False when the system gives no more threads.
    bool start() {
        for (std::size_t i = 0; i < state_->options.threads; ++i) {
            auto worker = std::make_shared<State::Worker>();
            std::lock_guard const lock(state_->mutex);
            try {
                worker->thread = quiet_thread([state = state_, worker] { state->work(*worker); });
            } catch (std::system_error const&) {
                return false;
            }
            workers_.push_back(std::move(worker));
        }
        return true;
    }

    void resolve(std::string host, UrlSource source, Done done) override {
        if (auto answer = answer_or_queue(host, source, done)) done(std::move(*answer));
    }

    void close() override {
        std::unordered_map<std::string, std::vector<Done>> waiting;
        {
            std::lock_guard const lock(state_->mutex);
            state_->closed = true;
            waiting.swap(state_->waiting);
            state_->work_ready.notify_all();
        }
        for (auto const& [host, all] : waiting) {
            for (auto const& done : all) done(client_closed());
        }
        for (auto const& worker : std::exchange(workers_, {})) {
            std::unique_lock lock(state_->mutex);
            bool const busy = worker->busy;
            lock.unlock();
            if (busy) {
                worker->thread.detach();  // getaddrinfo cannot be interrupted
            } else {
                worker->thread.join();
            }
        }
    }

 private:
    /// Nothing when `done` was taken over.
    std::optional<Result<std::vector<IpAddress>>> answer_or_queue(std::string const& host, UrlSource source,
                                                                  Done& done) {
        std::lock_guard const lock(state_->mutex);
        if (state_->closed) return client_closed();
        auto const known = state_->known.find(host);
        if (known != state_->known.end() && known->second.until > state_->clock->steady_now()) {
            return known->second.addresses;
        }
        auto const key = State::key(source, host);
        if (auto const waiting = state_->waiting.find(key); waiting != state_->waiting.end()) {
            waiting->second.push_back(std::move(done));
            return std::nullopt;
        }
        if (state_->queue(source).size() >= state_->options.queue) return client_busy();
        state_->waiting[key].push_back(std::move(done));
        state_->queue(source).push_back(host);
        state_->work_ready.notify_one();
        return std::nullopt;
    }

    std::shared_ptr<State> state_;
    std::vector<std::shared_ptr<State::Worker>> workers_;
};

}  // namespace

Result<std::shared_ptr<Resolver>> system_resolver(SystemResolverOptions const& options, std::shared_ptr<Clock> clock) {
    auto state = std::make_shared<State>();
    state->options = options;
    state->options.threads = std::max<std::size_t>(options.threads, 2);
    state->clock = std::move(clock);
    auto resolver = std::make_shared<SystemResolver>(std::move(state));
    if (!resolver->start()) {
        return Error{.code = Errc::resource_exhausted,
                     .reason = "threads_unavailable",
                     .message = "The system gave no thread for looking up names."};
    }
    return std::shared_ptr<Resolver>(std::move(resolver));
}

}  // namespace nexpo::net
