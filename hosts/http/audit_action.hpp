// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/http_settings.hpp"
#include "nexpo/audit.hpp"
#include "nexpo/result.hpp"

namespace nexpo::http_host {

/// Opens the backend without serving and examines its audit.
Result<AuditReport> verify_audit(HttpSettings settings);

/// What the report says, in lines for a terminal.
std::string audit_text(AuditReport const& report);

}  // namespace nexpo::http_host
