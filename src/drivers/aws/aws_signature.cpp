// SPDX-License-Identifier: Apache-2.0
#include "drivers/aws/aws_signature.hpp"

#include <algorithm>
#include <map>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "crypto/digest.hpp"
#include "drivers/http/form.hpp"

namespace nexpo::drivers {

namespace {

std::string sha256(std::string_view text) {
    return base::hex_encode(crypto::sha256(text));
}

/// Outer blanks removed, inner runs of them one.
std::string trimmed(std::string_view value) {
    std::string text;
    for (char const c : value) {
        if (c != ' ' && c != '\t') {
            text += c;
        } else if (!text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
    if (text.ends_with(' ')) text.pop_back();
    return text;
}

/// `YYYYMMDDTHHMMSSZ`, out of RFC 3339.
std::string compact(Timestamp time) {
    std::string text;
    for (char const c : to_string(std::chrono::floor<std::chrono::seconds>(time))) {
        if (c != '-' && c != ':') text += c;
    }
    return text;
}

std::string canonical_query(AwsRequest const& request) {
    std::vector<std::pair<std::string, std::string>> encoded;
    encoded.reserve(request.query.size());
    for (auto const& [name, value] : request.query) encoded.emplace_back(percent_encoded(name), percent_encoded(value));
    std::sort(encoded.begin(), encoded.end());
    std::string query;
    for (auto const& [name, value] : encoded) {
        query.append(query.empty() ? "" : "&").append(name).append("=").append(value);
    }
    return query;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> aws_signature(AwsRequest const& request,
                                                               AwsCredentials const& credentials,
                                                               AwsScope const& scope) {
    auto const time = compact(scope.now);
    auto const day = time.substr(0, 8);
    std::vector<std::pair<std::string, std::string>> added{{"X-Amz-Date", time}};
    if (!credentials.session_token.empty()) {
        added.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
    }

    std::map<std::string, std::string> signed_headers{{"host", request.host}};
    auto const sign = [&signed_headers](auto const& headers) {
        for (auto const& [name, value] : headers) {
            auto& joined = signed_headers[base::to_lower(name)];
            joined.append(joined.empty() ? "" : ",").append(trimmed(value));
        }
    };
    sign(request.headers);
    sign(added);
    std::string lines;
    std::string names;
    for (auto const& [name, value] : signed_headers) {
        lines.append(name).append(":").append(value).append("\n");
        names.append(names.empty() ? "" : ";").append(name);
    }

    auto const canonical = request.method + "\n" + percent_encoded(request.path, "/") + "\n" +
                           canonical_query(request) + "\n" + lines + "\n" + names + "\n" + sha256(request.body);
    auto const credential_scope = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
    auto const to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + credential_scope + "\n" + sha256(canonical);

    Secret const first("AWS4" + std::string(credentials.secret_key.reveal()));
    auto key = crypto::hmac_sha256(first.reveal(), day);
    for (std::string_view const part : {std::string_view(scope.region), std::string_view(scope.service),
                                        std::string_view("aws4_request"), std::string_view(to_sign)}) {
        key = crypto::hmac_sha256(key, crypto::bytes_of(part));
    }
    added.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + credentials.access_key + "/" +
                                            credential_scope + ", SignedHeaders=" + names +
                                            ", Signature=" + base::hex_encode(key));
    return added;
}

}  // namespace nexpo::drivers
