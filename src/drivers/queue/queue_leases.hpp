// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "nexpo/time.hpp"

namespace nexpo::drivers {

/// What a process holds of a service that does not tell when a lease is another's: by receipt, with the time at which
/// the lease ends, and what the driver needs to end it. Thread-safe.
template <class Held>
class QueueLeases {
 public:
    QueueLeases(std::shared_ptr<Clock> clock, std::chrono::seconds lease) : clock_(std::move(clock)), lease_(lease) {}

    /// A lease that begins now.
    void add(std::string const& receipt, Held held) {
        std::scoped_lock const lock(mutex_);
        leases_.insert_or_assign(receipt, Lease{clock_->steady_now() + lease_, std::move(held)});
    }

    /// What is held; nothing when the lease has ended.
    std::shared_ptr<Held const> find(std::string const& receipt) const {
        std::scoped_lock const lock(mutex_);
        auto const found = leases_.find(receipt);
        if (found == leases_.end() || found->second.end <= clock_->steady_now()) return nullptr;
        return std::make_shared<Held const>(found->second.held);
    }

    /// Lets the lease begin anew. False when it has ended.
    bool renew(std::string const& receipt) { return renew(receipt, lease_); }

    /// As above, with another length.
    bool renew(std::string const& receipt, std::chrono::seconds lease) {
        std::scoped_lock const lock(mutex_);
        auto const found = leases_.find(receipt);
        if (found == leases_.end() || found->second.end <= clock_->steady_now()) return false;
        found->second.end = clock_->steady_now() + lease;
        return true;
    }

    void forget(std::string const& receipt) {
        std::scoped_lock const lock(mutex_);
        leases_.erase(receipt);
    }

    /// Takes out what has ended and gives each to `done`.
    template <class Done>
    void take_ended(Done done) {
        std::map<std::string, Lease> ended;
        {
            std::scoped_lock const lock(mutex_);
            auto const now = clock_->steady_now();
            for (auto at = leases_.begin(); at != leases_.end();) {
                auto const next = std::next(at);
                if (at->second.end <= now) ended.insert(leases_.extract(at));
                at = next;
            }
        }
        for (auto& [receipt, lease] : ended) done(lease.held);
    }

 private:
    struct Lease {
        std::chrono::steady_clock::time_point end;
        Held held;
    };

    std::shared_ptr<Clock> const clock_;
    std::chrono::seconds const lease_;
    mutable std::mutex mutex_;
    std::map<std::string, Lease> leases_;
};

}  // namespace nexpo::drivers
