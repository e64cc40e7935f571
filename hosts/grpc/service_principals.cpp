// SPDX-License-Identifier: Apache-2.0
#include "grpc/service_principals.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace nexpo::grpc_host {

namespace {

Error malformed(char const* message) {
    return {Errc::invalid_argument, "principal_malformed", message};
}

std::string next_word(std::string_view& text) {
    constexpr std::string_view kSpace = " \t";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    auto const size = std::min(text.find_first_of(kSpace), text.size());
    std::string word(text.substr(0, size));
    text.remove_prefix(size);
    return word;
}

}  // namespace

Result<Principal> parse_principal(std::string_view text) {
    Principal principal{.name = next_word(text), .organization = next_word(text)};
    for (auto word = next_word(text); !word.empty(); word = next_word(text)) {
        if (word.find(':') == word.npos) return malformed("has a permission that is not like users:read");
        principal.permissions.push_back(std::move(word));
    }
    if (principal.permissions.empty()) return malformed("must be a name, an organization and permissions");
    // In the audit it stands where the ids of API keys do.
    if (principal.name.starts_with("key_")) return malformed("has a name that looks like the id of an API key");
    return principal;
}

ServicePrincipals::ServicePrincipals(Backend backend, std::span<std::string const> clients)
    : backend_(std::move(backend)) {
    for (auto const& client : clients) {
        if (auto principal = parse_principal(client)) principals_.push_back(std::move(*principal));
    }
}

Result<std::optional<Caller>> ServicePrincipals::find(std::span<std::string const> names) const {
    for (auto const& principal : principals_) {
        if (std::ranges::find(names, principal.name) == names.end()) continue;
        auto organization = organization_id(principal.organization);
        if (!organization) return std::move(organization).error();
        return std::optional<Caller>(Caller{.kind = CallerKind::api_key,
                                            .organization_id = std::move(*organization),
                                            .api_key_id = principal.name,
                                            .scopes = principal.permissions});
    }
    return std::optional<Caller>();
}

Result<std::string> ServicePrincipals::organization_id(std::string const& slug) const {
    {
        std::lock_guard const lock(mutex_);
        auto const known = std::ranges::find(organization_ids_, slug, &std::pair<std::string, std::string>::first);
        if (known != organization_ids_.end()) return known->second;
    }
    // Any call of the system's says which organization it was made in.
    std::promise<CallAnswer> promise;
    backend_.as_system(slug).start(
        "users.list", [](StructType const& type) -> Result<std::shared_ptr<void>> { return type.make(); },
        [&promise](CallAnswer answer) { promise.set_value(std::move(answer)); });
    auto answer = promise.get_future().get();
    if (!answer.output) return answer.output.error();
    std::lock_guard const lock(mutex_);
    organization_ids_.emplace_back(slug, answer.caller.organization_id);
    return std::move(answer.caller.organization_id);
}

}  // namespace nexpo::grpc_host
