// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/audit.hpp"
#include "operation/audit_key.hpp"
#include "store/store.hpp"

namespace nexpo::operation {

/// Examines every chain on one snapshot. It reads all audit rows once. Errors: the store's; faults of the audit are in
/// the report.
Result<AuditReport> verify_audit(store::Store& store, store::Scope const& scope, AuditKey const& key);

}  // namespace nexpo::operation
