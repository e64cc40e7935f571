// SPDX-License-Identifier: Apache-2.0
#include "nexpo/audit.hpp"

namespace nexpo::inline v1 {

StructType describe(Type<AuditFault>) {
    return structure<AuditFault>(
        "AuditFault", field("kind", &AuditFault::kind).doc("What is wrong."),
        field("organization_id", &AuditFault::organization_id).doc("Empty for calls outside any organization."),
        field("position", &AuditFault::position).doc("The place in the chain, from 1."),
        field("entry_id", &AuditFault::entry_id).doc("The row in question if it is there."));
}

StructType describe(Type<AuditReport>) {
    return structure<AuditReport>(
        "AuditReport", field("organizations", &AuditReport::organizations).doc("Chains examined."),
        field("sealed", &AuditReport::sealed).doc("Rows that are sealed."),
        field("unsealed", &AuditReport::unsealed).doc("Rows that wait for the next sealing; no fault."),
        field("oldest_unsealed", &AuditReport::oldest_unsealed).doc("When the oldest of these was written."),
        field("faults", &AuditReport::faults).doc("At most one per chain."));
}

}  // namespace nexpo::inline v1
