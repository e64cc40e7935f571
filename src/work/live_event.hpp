// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "operation/event_log.hpp"

namespace nexpo::work {

/// An event as all subscriptions of the process share it. Thread-safe.
class LiveEvent {
 public:
    explicit LiveEvent(operation::LoggedEvent logged)
        : position_(logged.position),
          bytes_(logged.payload.size() + kOverhead),
          event_(std::move(logged.event)),
          payload_(std::move(logged.payload)) {}

    operation::EventPosition position() const noexcept { return position_; }
    std::string const& name() const noexcept { return event_.name; }
    std::string const& organization_id() const noexcept { return event_.organization_id; }
    Timestamp created_at() const noexcept { return event_.created_at; }
    std::size_t bytes() const noexcept { return bytes_; }

    Event const& event() const {
        unpack();
        return event_;
    }
    std::string const& json() const {
        unpack();
        return json_;
    }

 private:
    static constexpr std::size_t kOverhead = 512;
    static constexpr std::size_t kMaxDepth = 512;

    /// By the first who wants it.
    void unpack() const {
        std::call_once(unpacked_, [this] {
            if (auto payload = Json::parse(payload_, kMaxDepth)) event_.payload = std::move(*payload);
            payload_ = {};
            json_ = to_json(event_);
        });
    }

    operation::EventPosition position_;
    std::size_t bytes_;
    mutable std::once_flag unpacked_;
    mutable Event event_;
    mutable std::string payload_;
    mutable std::string json_;
};

using SharedEvent = std::shared_ptr<LiveEvent const>;

}  // namespace nexpo::work
