// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "nexpo/nexpo.hpp"

namespace nexpo::durability {

/// What an application does with background jobs: an order is one call that writes a row and queues a job for each
/// part.
struct Order {
    std::string name{};         ///< `<label>-<caller>-<number>`
    std::int64_t parts = 1;     ///< Jobs `order.pack`, each of which writes one effect.
    std::string line{};         ///< Parts with the same line are packed in the order in which they were queued.
    std::int64_t failures = 0;  ///< So many attempts at each part fail.
    bool fatal = false;         ///< Each part fails for good.
    bool has_bills = false;     ///< Each part queues an `order.bill` with its own commit.
    std::string sync{};         ///< A job `order.sync` that is there once at a time for this word; empty: none.
    bool later = false;         ///< Its parts wait for an hour, so that its caller can call the first one off.
};

StructType describe(Type<Order>);

/// What `orders.place` answers.
struct Placed {
    std::vector<std::string> jobs{};  ///< Ids; that of the part that can be called off is the first.
};

StructType describe(Type<Placed>);

/// The orders of a run follow from its label and seed alone, so that another process can tell them.
struct OrderScript {
    std::string label = "run";
    std::uint64_t seed = 1;

    Order order(int caller, int number) const;
    /// The one with this name.
    Order order(std::string const& name) const;
};

/// What callers were told.
class OrderLedger {
 public:
    struct Entry {
        Order order{};
        bool answered = false;
        std::vector<std::string> jobs{};
    };

    void begin(Order const& order) { entries_[order.name].order = order; }
    void answer(std::string const& name, std::vector<std::string> jobs) {
        auto& entry = entries_.at(name);
        entry.answered = true;
        entry.jobs = std::move(jobs);
        ++answered_;
    }
    void cancelled(std::string const& job) { cancelled_.insert(job); }

    std::map<std::string, Entry> const& entries() const noexcept { return entries_; }
    std::set<std::string> const& cancelled() const noexcept { return cancelled_; }
    std::size_t answered() const noexcept { return answered_; }

 private:
    std::map<std::string, Entry> entries_;
    std::set<std::string> cancelled_;
    std::size_t answered_ = 0;
};

/// A configuration with `orders.place` and the kinds of its jobs. With `careless`, which the backend fills once it is
/// open, handlers write their effects in a transaction of their own instead of that of the job's end.
Config order_config(std::string url, std::string owner, std::shared_ptr<std::function<Api()>> const& careless = {});

}  // namespace nexpo::durability
