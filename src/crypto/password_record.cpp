// SPDX-License-Identifier: Apache-2.0
#include "crypto/password_record.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

#include "base/base64.hpp"

namespace nexpo::crypto {
namespace {

// Argon2's own minima (RFC 9106 section 3.1, as libargon2 holds them) and twice what anyone stores.
constexpr std::size_t kLeastSalt = 8;
constexpr std::size_t kLeastHash = 16;
constexpr std::size_t kMost = 128;

// PHC strings carry the standard alphabet without padding.
std::string base64_without_padding(std::string_view bytes) {
    auto text = base::base64_encode(bytes);
    text.erase(text.find_last_not_of('=') + 1);
    return text;
}

std::optional<std::string> from_base64_without_padding(std::string_view text) {
    if (text.size() > 2 * kMost || text.find('=') != text.npos) return std::nullopt;
    std::string padded(text);
    padded.append((4 - padded.size() % 4) % 4, '=');
    return base::base64_decode(padded);
}

bool skip(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool read_number(std::string_view& text, std::uint32_t& number) {
    if (text.starts_with('0')) return false;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

}  // namespace

std::string encode(PasswordRecord const& record) {
    auto const& cost = record.parameters;
    return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.iterations) +
           ",p=" + std::to_string(cost.lanes) + "$" + base64_without_padding(record.salt) + "$" +
           base64_without_padding(record.hash);
}

std::optional<PasswordRecord> parse_password_record(std::string_view text) {
    PasswordRecord record;
    auto& cost = record.parameters;
    auto const well_formed = skip(text, "$argon2id$v=19$m=") && read_number(text, cost.memory_kib) &&
                             skip(text, ",t=") && read_number(text, cost.iterations) && skip(text, ",p=") &&
                             read_number(text, cost.lanes) && skip(text, "$");
    auto const divider = text.find('$');
    if (!well_formed || !is_sound(cost) || divider == text.npos) return std::nullopt;
    auto salt = from_base64_without_padding(text.substr(0, divider));
    auto hash = from_base64_without_padding(text.substr(divider + 1));
    if (!salt || salt->size() < kLeastSalt || salt->size() > kMost) return std::nullopt;
    if (!hash || hash->size() < kLeastHash || hash->size() > kMost) return std::nullopt;
    record.salt = std::move(*salt);
    record.hash = std::move(*hash);
    return record;
}

}  // namespace nexpo::crypto
