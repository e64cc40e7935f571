// SPDX-License-Identifier: Apache-2.0
#include "crypto/jws.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/base64.hpp"

namespace nexpo::crypto {
namespace {

struct Segments {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signing_input;
};

std::optional<Segments> split(std::string_view compact) {
    auto const first = compact.find('.');
    if (first == compact.npos) return std::nullopt;
    auto const second = compact.find('.', first + 1);
    if (second == compact.npos || compact.find('.', second + 1) != compact.npos) return std::nullopt;
    return Segments{.header = compact.substr(0, first),
                    .payload = compact.substr(first + 1, second - first - 1),
                    .signature = compact.substr(second + 1),
                    .signing_input = compact.substr(0, second)};
}

std::optional<Json> decode_object(std::string_view segment, std::size_t max_depth) {
    auto const text = base::base64url_decode(segment);
    if (!text) return std::nullopt;
    auto value = Json::parse(*text, max_depth);
    if (!value || value->if_object() == nullptr) return std::nullopt;
    return std::move(*value);
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower, lower);
}

/// RFC 7515 section 4.1.9: a `typ` without a slash stands for `application/` and itself.
std::string_view without_media_prefix(std::string_view typ) noexcept {
    constexpr std::string_view kPrefix = "application/";
    auto const has_prefix =
        equal_ignoring_case(typ.substr(0, kPrefix.size()), kPrefix) && typ.find('/', kPrefix.size()) == typ.npos;
    return has_prefix ? typ.substr(kPrefix.size()) : typ;
}

/// What the header says of itself.
struct Header {
    std::string_view alg;
    std::optional<std::string_view> kid;
    std::optional<std::string_view> typ;
};

/// Reads the text members that we go by; false when one is something else.
bool read(Json const& header, std::string_view name, std::optional<std::string_view>& text) {
    auto const* value = header.find(name);
    if (value == nullptr) return true;
    if (auto const* found = value->if_string()) text = *found;
    return text.has_value();
}

class Verification {
 public:
    Verification(std::span<VerificationKey const> keys, VerifyOptions const& options)
        : keys_(keys), options_(options) {}

    TokenFault run(std::string_view compact, Json& claims) const {
        if (compact.size() > options_.max_size) return TokenFault::size;
        auto const segments = split(compact);
        if (!segments) return TokenFault::form;
        constexpr std::size_t kHeaderDepth = 4;
        auto const json = decode_object(segments->header, kHeaderDepth);
        if (!json) return TokenFault::header;
        // RFC 7515 section 4.1.11: an extension that must be understood. We understand none, `b64` of RFC 7797
        // included.
        if (json->find("crit") != nullptr || json->find("b64") != nullptr) return TokenFault::critical;
        std::optional<std::string_view> alg;
        Header header;
        if (!read(*json, "alg", alg) || !alg) return TokenFault::algorithm;
        if (!read(*json, "kid", header.kid)) return TokenFault::key;
        if (!read(*json, "typ", header.typ) || !accepts(header.typ)) return TokenFault::type;
        header.alg = *alg;
        if (auto const fault = check_signature(header, *segments); fault != TokenFault::none) return fault;
        auto payload = decode_object(segments->payload, kPayloadDepth);
        if (!payload) return TokenFault::payload;
        claims = std::move(*payload);
        return TokenFault::none;
    }

 private:
    static constexpr std::size_t kPayloadDepth = 32;

    bool accepts(std::optional<std::string_view> typ) const noexcept {
        return options_.typ.empty() ||
               (typ && equal_ignoring_case(without_media_prefix(*typ), without_media_prefix(options_.typ)));
    }

    TokenFault check_signature(Header const& header, Segments const& segments) const {
        // `none` in any spelling is no algorithm of any key, so it ends here as every unknown name does.
        auto const of_algorithm = [&](VerificationKey const& key) { return to_string(key.algorithm()) == header.alg; };
        auto const usable = std::ranges::count_if(keys_, of_algorithm);
        if (usable == 0) return TokenFault::algorithm;
        if (!header.kid && usable != 1) return TokenFault::key;
        auto const signature = base::base64url_decode(segments.signature);
        if (!signature) return TokenFault::signature;
        auto fault = TokenFault::key;
        for (auto const& key : keys_) {
            if (!of_algorithm(key) || (header.kid && *header.kid != key.key_id())) continue;
            if (key.verify(segments.signing_input, *signature)) return TokenFault::none;
            fault = TokenFault::signature;
        }
        return fault;
    }

    std::span<VerificationKey const> keys_;
    VerifyOptions const& options_;
};

}  // namespace

Result<Json> verify_jws(std::string_view compact, std::span<VerificationKey const> keys, VerifyOptions const& options,
                        TokenFault* detail) {
    Json claims;
    auto const fault = Verification(keys, options).run(compact, claims);
    if (fault != TokenFault::none) return refuse_token(fault, detail);
    return claims;
}

}  // namespace nexpo::crypto
