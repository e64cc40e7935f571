// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "gateway/answer.hpp"
#include "gateway/gateway_state.hpp"

namespace nexpo::gateway {

/// One of the gateway's own pages.
Response page_answer(OwnPage page, Exchange const& exchange, AnswerIds const& ids, GatewayState const& state,
                     std::shared_ptr<BackendState> const& backend);

}  // namespace nexpo::gateway
