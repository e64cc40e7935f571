// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/describe.hpp"
#include "nexpo/random.hpp"
#include "nexpo/store.hpp"
#include "nexpo/time.hpp"

namespace nexpo::operation {

/// One row of the audit as it was written.
struct AuditRecord {
    std::string id{};
    std::optional<std::string> organization_id{};
    Timestamp at{};
    std::string actor_kind{};
    std::string actor_id{};
    std::string operation{};
    std::string target{};
    std::string outcome{};
    std::string request_id{};
    std::string address{};
    std::optional<std::int64_t> position{};  ///< Not part of what is hashed: it follows from the place in the chain.
    std::optional<std::string> hash{};

    std::string_view organization() const noexcept {
        return organization_id ? std::string_view(*organization_id) : std::string_view{};
    }
};

StructType describe(Type<AuditRecord>);

/// What a chain starts from, before its first row.
std::string first_link(std::string_view organization_id);
/// The hash of a row that stands behind `previous` at `position`.
std::string next_link(std::string_view previous, std::int64_t position, AuditRecord const& record);

/// The end of a chain, as it is signed.
struct AuditHead {
    std::string organization_id{};
    std::int64_t position = 0;
    std::string hash{};
    Timestamp sealed_at{};
    std::string signature{};  ///< A compact JWS over the rest.
};

StructType describe(Type<AuditHead>);

/// The operation of the row that the beginning of a chain leaves in the chain of the installation, with the
/// organization as its target, so that no organization can vanish with all its rows, or begin anew, unnoticed. The
/// first row of the installation's own chain is such a row without a target.
inline constexpr std::string_view kChainBegun = "audit.begin";  // literally in the queries for such rows, too

/// Writes that row.
Result<void> announce_chain(Transaction const& tx, std::string_view organization_id, Timestamp now, Random& random);

}  // namespace nexpo::operation
