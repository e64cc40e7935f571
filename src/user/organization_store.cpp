// SPDX-License-Identifier: Apache-2.0
#include "user/organization_store.hpp"

namespace nexpo::user {

Result<std::optional<std::string>> OrganizationStore::find(Read const& read, std::string_view slug) {
    return read.one<std::string>("SELECT id FROM organizations WHERE slug = $1", {slug});
}

Result<bool> OrganizationStore::create(Transaction const& tx, std::string_view id, std::string_view slug,
                                       std::string_view name, Timestamp now) {
    auto inserted = tx.execute(
        "INSERT INTO organizations (id, slug, name, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING",
        {id, slug, name, now});
    if (!inserted) return std::move(inserted).error();
    return *inserted == 1;
}

}  // namespace nexpo::user
