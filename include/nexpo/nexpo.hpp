// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief The whole library.

#include "nexpo/api_key.hpp"
#include "nexpo/audit.hpp"
#include "nexpo/auth.hpp"
#include "nexpo/backend.hpp"
#include "nexpo/caller.hpp"
#include "nexpo/config.hpp"
#include "nexpo/decimal.hpp"
#include "nexpo/describe.hpp"
#include "nexpo/error.hpp"
#include "nexpo/event.hpp"
#include "nexpo/gateway.hpp"
#include "nexpo/id.hpp"
#include "nexpo/json.hpp"
#include "nexpo/log.hpp"
#include "nexpo/money.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/page.hpp"
#include "nexpo/patch.hpp"
#include "nexpo/plugin/queue.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/schedule.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/store.hpp"
#include "nexpo/time.hpp"
#include "nexpo/user.hpp"
#include "nexpo/webhook.hpp"
#include "nexpo/work.hpp"
