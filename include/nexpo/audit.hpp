// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief The record of who did what, and the proof that nobody changed it afterwards.
///
/// Every mutation leaves a row in the same commit. Once a second the new rows of each organization are chained: a row's
/// hash covers the row and the hash before it, and the newest hash is signed with a key that stands sealed in the
/// database. Whoever can write to the database but has no sealing key cannot edit, remove or move a sealed row without
/// breaking a chain, which is never continued then. What this cannot show: rows of the last second, which are not
/// sealed yet; a whole database that was put back to an earlier state; what somebody does who holds the sealing key.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// What is wrong with a chain.
enum class AuditFaultKind : std::uint8_t {
    changed,          ///< A row is not what was sealed: edited, exchanged, or moved.
    removed,          ///< A row is missing.
    head_missing,     ///< There are sealed rows, or there were, but nothing signed.
    head_mismatch,    ///< The chain ends elsewhere than the signature says.
    head_unverified,  ///< The signature is not good.
    begin_missing,    ///< The installation's chain does not know when this chain began.
    begun_twice,      ///< The chain was begun anew after all of it had been taken away.
};

/// The names of `AuditFaultKind`.
constexpr std::array<std::string_view, 7> enum_names(AuditFaultKind) {
    return {"changed", "removed", "head_missing", "head_mismatch", "head_unverified", "begin_missing", "begun_twice"};
}

/// The first fault of an organization's chain; what follows it is not told apart.
struct AuditFault {
    AuditFaultKind kind = AuditFaultKind::changed;  ///< What is wrong.
    std::string organization_id{};                  ///< `org_…`; empty for calls outside any organization.
    std::int64_t position = 0;                      ///< The place in the chain, from 1.
    std::string entry_id{};                         ///< `aud_…`, the row in question if it is there.
};

/// What an examination of the audit found.
struct AuditReport {
    std::int64_t organizations = 0;              ///< Chains examined.
    std::int64_t sealed = 0;                     ///< Rows that are sealed.
    std::int64_t unsealed = 0;                   ///< Rows that wait for the next sealing; no fault.
    std::optional<Timestamp> oldest_unsealed{};  ///< When the oldest of these was written.
    std::vector<AuditFault> faults{};            ///< At most one per chain; empty when all is well.
};

NEXPO_API StructType describe(Type<AuditFault>);   ///< Description.
NEXPO_API StructType describe(Type<AuditReport>);  ///< Description.

}  // namespace nexpo::inline v1
