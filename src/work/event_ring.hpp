// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "work/live_event.hpp"

namespace nexpo::work {

/// The newest events of all organizations, numbered as they come. What does not fit any more is forgotten: it stands in
/// the database.
class EventRing {
 public:
    /// Everything behind this position will be here, until it is forgotten.
    void begin_at(operation::EventPosition position) {
        first_ = end();
        events_.clear();
        bytes_ = 0;
        start_ = position;
    }

    void append(SharedEvent event) {
        bytes_ += event->bytes();
        events_.push_back(std::move(event));
        while (events_.size() > kMostEvents || (bytes_ > kMostBytes && events_.size() > 1)) {
            start_ = events_.front()->position();
            bytes_ -= events_.front()->bytes();
            events_.pop_front();
            ++first_;
        }
    }

    /// Everything behind it that has come is here.
    operation::EventPosition start() const noexcept { return start_; }
    std::uint64_t first() const noexcept { return first_; }
    std::uint64_t end() const noexcept { return first_ + events_.size(); }
    SharedEvent const& at(std::uint64_t number) const { return events_[number - first_]; }
    /// The number of the first event behind a position.
    std::uint64_t behind(operation::EventPosition position) const {
        auto const found = std::ranges::upper_bound(events_, position, {}, &LiveEvent::position);
        return first_ + static_cast<std::uint64_t>(found - events_.begin());
    }

 private:
    static constexpr std::size_t kMostEvents = 1'024;
    static constexpr std::size_t kMostBytes = 4U << 20U;

    std::deque<SharedEvent> events_;
    std::size_t bytes_ = 0;
    std::uint64_t first_ = 0;
    operation::EventPosition start_{};
};

}  // namespace nexpo::work
