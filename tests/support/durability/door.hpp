// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "nexpo/nexpo.hpp"
#include "support/durability/ledger.hpp"

namespace nexpo::durability {

/// A way to send the steps of a script to a backend. Used by one thread.
class Door {
 public:
    Door() = default;
    Door(Door const&) = delete;
    Door& operator=(Door const&) = delete;
    virtual ~Door() = default;

    /// Sends one step, counted from 0, and waits for its answer. `id` is what the first step answered.
    virtual Answer send(Subject const& subject, int step, std::string const& id) = 0;
};

/// Calls in-process, as the system and as nobody.
std::unique_ptr<Door> backend_door(Backend const& backend);

/// A configuration without limits, with `bundles.add` and its table, for the database of this URL. `owner` is the URL
/// of the role that owns the tables; empty: that of `url`.
Config durable_config(std::string url, std::string owner = {});

/// What a worker tells of its steps, the moment they happen.
struct Witness {
    std::function<void(Subject const&)> begun;
    std::function<void(Subject const&, Answer const&)> answered;
    /// Called with what is no success; true to send the step once more with the same key. Null: never.
    std::function<bool(Answer const&)> again{};
};

/// Sends the subjects from `first` on until there are `count`, a step is given up, or `stop` says so.
/// Answers the first subject that was not touched.
int work(Door& door, Script const& script, int worker, int first, int count, Witness const& witness,
         std::function<bool()> const& stop);

/// Sends a step that may have been done already: with the key of the first time, or to learn that it was.
Answer send_again(Door& door, Subject const& subject, int step, std::string const& id);

/// Sends the unanswered steps of the ledger again and notes the answers.
void repeat_unanswered(Door& door, Ledger& ledger);

}  // namespace nexpo::durability
