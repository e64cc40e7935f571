// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "gateway/exchange.hpp"
#include "nexpo/gateway.hpp"
#include "operation/pipeline.hpp"

namespace nexpo::gateway {

/// The ids that every answer carries.
struct AnswerIds {
    std::string request_id{};
    std::string traceparent{};
};

/// An answer without body: ids and `Cache-Control`.
Response bare_answer(int status, AnswerIds ids, std::string_view cache_control);

/// An answer with a body.
Response text_answer(int status, AnswerIds ids, std::string_view cache_control, std::string_view content_type,
                     std::string body);

/// Problem details with `WWW-Authenticate` and `Retry-After` where they belong.
Response problem_answer(int status, Error const& error, AnswerIds ids, bool token_refused);

/// What a call's outcome looks like on HTTP.
Response outcome_answer(Exchange const& exchange, operation::Outcome outcome);

/// The head of a stream of server-sent events.
Response event_stream_answer(operation::Outcome outcome);

/// Says `Cache-Control` to keep an answer nowhere.
inline constexpr std::string_view kNoStore = "no-store";

}  // namespace nexpo::gateway
