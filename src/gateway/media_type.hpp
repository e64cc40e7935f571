// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace nexpo::gateway {

/// What a `Content-Type` header says.
enum class BodyType : std::uint8_t { json, merge_patch, other };

/// Reads a `Content-Type` header. The only parameter that is understood is `charset=utf-8`.
BodyType body_type(std::string_view content_type) noexcept;

/// True when an `Accept` header admits `application/json` (RFC 9110 section 12.5.1). The most specific range decides;
/// elements that cannot be read are ignored, and a header without any other is no preference.
bool accepts_json(std::string_view accept) noexcept;
/// The same for `text/event-stream`.
bool accepts_event_stream(std::string_view accept) noexcept;

}  // namespace nexpo::gateway
