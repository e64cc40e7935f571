// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "nexpo/result.hpp"

namespace nexpo::store {

inline Error closed_error() {
    return {Errc::unavailable, "closed", "the backend is closed"};
}
inline Error stopped_error() {
    return {Errc::cancelled, "call_stopped", "the call was stopped"};
}
inline Error late_error() {
    return {Errc::deadline_exceeded, "deadline_exceeded", "the call took too long"};
}
inline Error nested_read_error() {
    return {Errc::internal, "nested_read", "a read was begun within another one"};
}
inline Error queue_full_error() {
    return {Errc::unavailable, "database_busy", "too many writes are waiting", {}, std::chrono::seconds(1)};
}

/// Beyond this many waiting writes the caller is told to come back: memory must not grow with a slow database.
constexpr std::size_t kMaxQueuedWrites = 16'384;

}  // namespace nexpo::store
