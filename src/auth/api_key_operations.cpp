// SPDX-License-Identifier: Apache-2.0
#include "auth/api_key_service.hpp"

namespace nexpo::auth {

namespace {

Reason const kNotFound{Errc::not_found, "api_key_not_found"};
Reason const kNotHeld{Errc::permission_denied, "scope_not_held"};
Reason const kVersionMismatch{Errc::aborted, "version_mismatch"};

}  // namespace

void add_operations(OperationTable& table, ApiKeyService& service) {
    table.add<CreateApiKey, NewApiKey>(
        {.info = {.name = "api_keys.create",
                  .summary = "Make an API key for a program",
                  .description =
                      "The secret is shown this once. A key has the permissions in `scopes`, which whoever "
                      "makes it must have too, and stays when its maker leaves. No key can have "
                      "`api_keys:write`, `roles:write` or what only owners may do, so that keys make no "
                      "keys and give no roles: a leaked key does no more once it is removed. An organization "
                      "has at most 1,000 keys.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /api-keys",
                  .location = "/api-keys/{id}",
                  .permission = "api_keys:write",
                  .reasons = {kNotHeld, {Errc::failed_precondition, "too_many_api_keys"}},
                  .emits = {event<ApiKeyEvent>("api_key.created", "api_keys:read")},
                  .credentials = true},
         .handler = [&](Call& call, CreateApiKey const& input) { return service.create(call, input); }});
    table.add<ListApiKeys, Page<ApiKey>>(
        {.info = {.name = "api_keys.list",
                  .summary = "List the organization's API keys in the order in which they were made",
                  .rest = "GET /api-keys",
                  .permission = "api_keys:read",
                  .reasons = {{Errc::invalid_argument, "cursor_invalid"}}},
         .handler = [&](Call& call, ListApiKeys const& input) { return service.list(call, input); }});
    table.add<GetApiKey, ApiKey>(
        {.info = {.name = "api_keys.get",
                  .summary = "Get one API key, without its secret",
                  .rest = "GET /api-keys/{id}",
                  .permission = "api_keys:read",
                  .reasons = {kNotFound}},
         .handler = [&](Call& call, GetApiKey const& input) { return service.get(call, input); }});
    table.add<RotateApiKey, NewApiKey>(
        {.info = {.name = "api_keys.rotate",
                  .summary = "Give an API key a new secret",
                  .description = "The old secret goes on working for `old_valid_seconds`. At most two work at a time.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /api-keys/{id}/rotate",
                  .permission = "api_keys:write",
                  .reasons = {kNotFound, kNotHeld, kVersionMismatch, {Errc::failed_precondition, "rotation_under_way"}},
                  .emits = {event<ApiKeyEvent>("api_key.rotated", "api_keys:read")},
                  .credentials = true},
         .handler = [&](Call& call, RotateApiKey const& input) { return service.rotate(call, input); }});
    table.add<RemoveApiKey, Empty>(
        {.info = {.name = "api_keys.remove",
                  .summary = "Remove an API key",
                  .description = "Its secrets are refused at once.",
                  .kind = OperationKind::mutation,
                  .rest = "DELETE /api-keys/{id}",
                  .permission = "api_keys:write",
                  .reasons = {kNotFound, kVersionMismatch},
                  .emits = {event<ApiKeyEvent>("api_key.removed", "api_keys:read")}},
         .handler = [&](Call& call, RemoveApiKey const& input) { return service.remove(call, input); }});
}

}  // namespace nexpo::auth
