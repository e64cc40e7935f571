// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/json.hpp"
#include "store/store.hpp"

namespace nexpo::durability {

struct ProfileFact {
    std::string id{};
    std::string organization_id{};
    std::string email{};
    std::string name{};
    std::optional<std::string> account_id{};
    std::int64_t version = 0;
};

struct AccountFact {
    std::string id{};
    std::string email{};
};

/// How often something stands in a table: `what` about `target`.
struct CountFact {
    std::string what{};
    std::string target{};
    std::int64_t count = 0;
};

struct EventFact {
    std::string event{};
    Json payload{};
};

/// What stands in a database, read past the backend.
struct Facts {
    std::map<std::string, ProfileFact> profiles{};  ///< By address.
    std::map<std::string, std::string> accounts{};  ///< Id by address.
    std::map<std::string, std::int64_t> organizations{};
    std::map<std::string, std::int64_t> sessions{};  ///< Open ones by account.
    std::map<std::string, std::int64_t> parts{};     ///< Rows by bundle.
    std::map<std::string, std::map<std::string, std::int64_t>>
        audit{};  ///< Rows by operation and target, but those of the sealing.
    std::map<std::string, std::map<std::string, std::int64_t>> events{};  ///< Rows by event and id.
    std::map<std::string, std::int64_t> records{};                        ///< Idempotency records by operation.
    std::vector<std::string> damage{};                                    ///< What the database itself says is wrong.

    static Facts load(store::Store& store);

    std::int64_t audited(std::string const& operation, std::string const& target) const;
    std::int64_t emitted(std::string const& event, std::string const& id) const;
};

/// What stands in the database with this URL, and what it finds wrong with itself.
Facts facts_of(std::string const& url);

}  // namespace nexpo::durability
