// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "support/durability/subject.hpp"

namespace nexpo::durability {

/// What the caller of a step was told.
struct Answer {
    bool ok = false;
    std::string id{};          ///< Of the user, of a bundle's first part, or of the user that a sign-up made.
    std::int64_t version = 0;  ///< Of the user.
    std::string reason{};      ///< When it is not `ok`.
};

/// One subject as its caller knows it.
struct Entry {
    Subject subject{};
    int begun = 0;     ///< Steps that were sent.
    int answered = 0;  ///< Steps whose success was answered; at most one less than `begun`.
    std::string id{};
    Answer last{};  ///< The answer to the last answered step.
};

/// What callers know: the database must agree.
class Ledger {
 public:
    void begin(Subject const& subject) {
        auto& entry = entries_[subject.name];
        entry.subject = subject;
        ++entry.begun;
        ++begun_;
    }
    void answer(std::string const& name, Answer const& answer) {
        auto& entry = entries_.at(name);
        entry.answered = entry.begun;
        if (!answer.id.empty()) entry.id = answer.id;
        entry.last = answer;
        ++answered_;
    }

    /// An answer said that nobody knows whether the step is done.
    void leave_open() { ++left_open_; }

    std::map<std::string, Entry> const& entries() const noexcept { return entries_; }
    Entry const& at(std::string const& name) const { return entries_.at(name); }
    std::size_t begun() const noexcept { return begun_; }
    std::size_t answered() const noexcept { return answered_; }
    std::size_t left_open() const noexcept { return left_open_; }

 private:
    std::map<std::string, Entry> entries_;
    std::size_t begun_ = 0;
    std::size_t answered_ = 0;
    std::size_t left_open_ = 0;
};

}  // namespace nexpo::durability
