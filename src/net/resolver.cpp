// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <string_view>
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

/// Who runs a host's name servers, roughly: its last two labels, or three below the likes of co.uk.
std::string zone_of(std::string_view host) {
    constexpr std::array<std::string_view, 9> kShared{"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"};
    auto const last = host.rfind('.');
    if (last == std::string_view::npos || last == 0) return std::string(host);
    auto before = host.rfind('.', last - 1);
    if (before == std::string_view::npos || before == 0) return std::string(host);
    auto const second = host.substr(before + 1, last - before - 1);
    bool const is_shared = host.size() - last == 3 && std::ranges::find(kShared, second) != kShared.end();
    if (is_shared) before = host.rfind('.', before - 1);
    return std::string(before == std::string_view::npos ? host : host.substr(before + 1));
}

struct Lookup {
    struct Waiter {
        std::stop_token stop;
        Resolver::Done done;
    };

    std::string host;
    UrlSource source = UrlSource::user;
    std::string zone = zone_of(host);
    std::vector<Waiter> waiters{};

    /// The operator's lookup must not wait for a user's.
    static std::string key(UrlSource source, std::string const& host) {
        return (source == UrlSource::user ? 'u' : 'c') + host;
    }

    bool is_wanted() const {
        return std::ranges::any_of(waiters, [](Waiter const& each) { return !each.stop.stop_requested(); });
    }
};

/// Shared with the threads: one that hangs in a lookup outlives the resolver.
struct State {
    using Time = std::chrono::steady_clock::time_point;
    using LookupPointer = std::shared_ptr<Lookup>;

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
    std::array<std::deque<LookupPointer>, 2> queues;           // by UrlSource
    std::vector<std::string> users_zones;                      // of what is being looked up for users
    std::unordered_map<std::string, LookupPointer> under_way;  // by key
    std::unordered_map<std::string, Known> known;

    std::deque<LookupPointer>& queue(UrlSource source) { return queues[static_cast<std::size_t>(source)]; }

    /// Whoever has given up must not take the time of those who come after.
    void drop_unwanted(UrlSource source) {
        std::erase_if(queue(source), [this](LookupPointer const& each) {
            if (each->is_wanted()) return false;
            under_way.erase(Lookup::key(each->source, each->host));
            return true;
        });
    }

    bool has_room(Lookup const& lookup) {
        drop_unwanted(lookup.source);
        auto const& waiting = queue(lookup.source);
        if (waiting.size() >= options.queue) return false;
        if (lookup.source == UrlSource::configuration) return true;
        auto const of_zone =
            std::ranges::count_if(waiting, [&](auto const& each) { return each->zone == lookup.zone; });
        return static_cast<std::size_t>(of_zone) < std::max<std::size_t>(options.queue / 8, 1);
    }

    /// Takes out what comes next; null when nothing may.
    LookupPointer next() {
        drop_unwanted(UrlSource::configuration);
        if (auto& operators = queue(UrlSource::configuration); !operators.empty()) {
            auto lookup = std::move(operators.front());
            operators.pop_front();
            return lookup;
        }
        if (users_zones.size() + 1 >= options.threads) return nullptr;
        drop_unwanted(UrlSource::user);
        auto& users = queue(UrlSource::user);
        auto const found = std::ranges::find_if(users, [this](LookupPointer const& each) {
            return std::ranges::find(users_zones, each->zone) == users_zones.end();
        });
        if (found == users.end()) return nullptr;
        auto lookup = std::move(*found);
        users.erase(found);
        // It was its zone's turn: the rest of the zone comes last.
        std::ranges::stable_partition(users, [&](LookupPointer const& each) { return each->zone != lookup->zone; });
        users_zones.push_back(lookup->zone);
        return lookup;
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
            LookupPointer lookup;
            work_ready.wait(lock, [&] { return closed || (lookup = next()) != nullptr; });
            if (closed) return;
            worker.busy = true;
            lock.unlock();
            auto const outcome = look_up(lookup->host);
            lock.lock();
            worker.busy = false;
            if (closed) return;
            if (lookup->source == UrlSource::user) std::erase(users_zones, lookup->zone);
            if (outcome) keep(lookup->host, *outcome);
            under_way.erase(Lookup::key(lookup->source, lookup->host));
            work_ready.notify_one();  // a user's lookup may have waited for its turn
            lock.unlock();
            for (auto const& waiter : lookup->waiters) waiter.done(outcome);
            lookup.reset();
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

    void resolve(std::string host, UrlSource source, std::stop_token stop, Done done) override {
        if (auto answer = answer_or_queue(host, source, std::move(stop), done)) done(std::move(*answer));
    }

    void close() override {
        std::vector<Lookup::Waiter> waiters;
        {
            std::lock_guard const lock(state_->mutex);
            state_->closed = true;
            for (auto const& [key, lookup] : std::exchange(state_->under_way, {})) {
                std::ranges::move(std::exchange(lookup->waiters, {}), std::back_inserter(waiters));
            }
            state_->work_ready.notify_all();
        }
        for (auto const& waiter : waiters) waiter.done(client_closed());
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
                                                                  std::stop_token stop, Done& done) {
        std::lock_guard const lock(state_->mutex);
        if (state_->closed) return client_closed();
        auto const known = state_->known.find(host);
        if (known != state_->known.end() && known->second.until > state_->clock->steady_now()) {
            return known->second.addresses;
        }
        auto const key = Lookup::key(source, host);
        if (auto const found = state_->under_way.find(key); found != state_->under_way.end()) {
            found->second->waiters.push_back({.stop = std::move(stop), .done = std::move(done)});
            return std::nullopt;
        }
        auto const lookup = std::make_shared<Lookup>(Lookup{.host = host, .source = source});
        if (!state_->has_room(*lookup)) return client_busy();
        lookup->waiters.push_back({.stop = std::move(stop), .done = std::move(done)});
        state_->under_way.emplace(key, lookup);
        state_->queue(source).push_back(lookup);
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
