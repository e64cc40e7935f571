// SPDX-License-Identifier: Apache-2.0
#include "nexpo/id.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

#include "base/first_id.hpp"

namespace nexpo::inline v1 {

namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kSuffixLength = 26;
constexpr std::size_t kMaxPrefixLength = 63;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool valid_prefix(std::string_view prefix) {
    return !prefix.empty() && prefix.size() <= kMaxPrefixLength && is_lower(prefix.front()) &&
           is_lower(prefix.back()) && std::ranges::all_of(prefix, [](char c) { return is_lower(c) || c == '_'; });
}

using Halves = std::array<std::uint64_t, 2>;

/// RFC 9562 section 5.7: 48 bits of Unix milliseconds, version 7, ten bits of microseconds (section 6.2, method 3) and
/// 64 random bits around the variant.
Halves uuid_v7(Timestamp at, Halves random) {
    auto const since_1970 = std::max(at.time_since_epoch(), Timestamp::duration::zero());
    auto const milliseconds = std::chrono::floor<std::chrono::milliseconds>(since_1970);
    auto const microseconds = since_1970 - milliseconds;
    return {static_cast<std::uint64_t>(milliseconds.count()) << 16 | 0x7000 |
                static_cast<std::uint64_t>(microseconds.count()) << 2 | (random[0] & 3),
            (random[1] & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62)};
}

Halves random_halves(Random& random) {
    std::array<std::byte, 16> bytes{};
    random.fill(std::span(bytes).subspan(6));
    Halves halves{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        halves[i / 8] = halves[i / 8] << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    }
    return halves;
}

std::string to_text(std::string_view prefix, Halves uuid) {
    assert(valid_prefix(prefix));
    auto [high, low] = uuid;
    std::string id;
    id.reserve(prefix.size() + 1 + kSuffixLength);
    id.append(prefix).push_back('_');
    std::size_t const start = id.size();
    id.resize(start + kSuffixLength);
    // 26 characters hold 130 bits; the two spare ones lead, so the first character is at most 7.
    for (std::size_t i = kSuffixLength; i-- > 0;) {
        id[start + i] = kAlphabet[low & 31];
        low = low >> 5 | high << 59;
        high >>= 5;
    }
    return id;
}

}  // namespace

std::string make_id(std::string_view prefix, Timestamp now, Random& random) {
    return to_text(prefix, uuid_v7(now, random_halves(random)));
}

bool is_id(std::string_view text, std::string_view prefix) noexcept {
    if (!valid_prefix(prefix) || text.size() != prefix.size() + 1 + kSuffixLength || !text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    if (text.front() != '_') return false;
    text.remove_prefix(1);
    return text.front() <= '7' && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace nexpo::inline v1

namespace nexpo::base {

std::string first_id(std::string_view prefix, Timestamp at) {
    return to_text(prefix, uuid_v7(at, {}));
}

}  // namespace nexpo::base
