// SPDX-License-Identifier: Apache-2.0
#include "drivers/azure/azure_signature.hpp"

#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "drivers/http/form.hpp"

namespace nexpo::drivers {

namespace {

constexpr std::chrono::hours kLife{1};

}  // namespace

Secret azure_signature(std::string const& resource, AzureKey const& key, Timestamp expiry) {
    auto const encoded = percent_encoded(base::to_lower(resource));
    auto const end = std::to_string(std::chrono::floor<std::chrono::seconds>(expiry).time_since_epoch().count());
    auto const signature = crypto::hmac_sha256(key.key.reveal(), encoded + "\n" + end);
    return Secret("SharedAccessSignature sr=" + encoded +
                  "&sig=" + percent_encoded(base::base64_encode(crypto::text_of(signature))) + "&se=" + end +
                  "&skn=" + percent_encoded(key.name));
}

std::shared_ptr<Authorizations> azure_signatures(std::string resource, AzureKey key, std::shared_ptr<Clock> clock) {
    auto ask = [resource = std::move(resource), key = std::move(key), clock]() -> Result<Authorization> {
        return Authorization{.value = azure_signature(resource, key, clock->now() + kLife), .life = kLife};
    };
    return std::make_shared<Authorizations>(std::move(clock), std::move(ask));
}

}  // namespace nexpo::drivers
