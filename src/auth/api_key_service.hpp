// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "auth/api_key_identifier.hpp"
#include "nexpo/api_key.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/random.hpp"

namespace nexpo::auth {

/// The rules of API keys. Thread-safe.
class ApiKeyService {
 public:
    ApiKeyService(ApiKeyIdentifier& identifier, Random& random) : identifier_(identifier), random_(random) {}

    Reply<NewApiKey> create(Call& call, CreateApiKey const& input);
    Reply<ApiKey> get(Call& call, GetApiKey const& input);
    Reply<Page<ApiKey>> list(Call& call, ListApiKeys const& input);
    Reply<NewApiKey> rotate(Call& call, RotateApiKey const& input);
    Reply<Empty> remove(Call& call, RemoveApiKey const& input);

 private:
    ApiKeyIdentifier& identifier_;
    Random& random_;
};

/// Adds the rows of API keys to the table.
void add_operations(OperationTable& table, ApiKeyService& service);

}  // namespace nexpo::auth
