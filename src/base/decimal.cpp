// SPDX-License-Identifier: Apache-2.0
#include "nexpo/decimal.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace nexpo::inline v1 {

namespace {

__extension__ typedef __int128 Wide;

constexpr Wide kMin = std::numeric_limits<std::int64_t>::min();
constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();

constexpr Wide power_of_ten(int exponent) {
    Wide power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

bool valid_scale(int scale) {
    return scale >= 0 && scale <= Decimal::kMaxScale;
}

Error out_of_range() {
    return {.code = Errc::out_of_range,
            .reason = "decimal_out_of_range",
            .message = "A decimal number has a 64-bit mantissa and at most 9 digits after the point."};
}

Error malformed() {
    return {.code = Errc::invalid_argument,
            .reason = "decimal_malformed",
            .message = "A decimal number looks like -12.50, with at most 9 digits after the point."};
}

/// `dividend / divisor`, rounded half to even. The divisor is not zero and far from Wide's limits.
Wide divide_half_even(Wide dividend, Wide divisor) {
    Wide const quotient = dividend / divisor;
    Wide const remainder = dividend % divisor;
    Wide const twice = 2 * (remainder < 0 ? -remainder : remainder);
    Wide const size = divisor < 0 ? -divisor : divisor;
    bool const away = twice > size || (twice == size && quotient % 2 != 0);
    if (!away) return quotient;
    return (dividend < 0) == (divisor < 0) ? quotient + 1 : quotient - 1;
}

Result<Decimal> narrow(Wide mantissa, int scale) {
    if (mantissa < kMin || mantissa > kMax) return out_of_range();
    return Decimal::make(static_cast<std::int64_t>(mantissa), scale);
}

/// `mantissa / 10^from` as a number with `to` digits after the point.
Result<Decimal> rescale_wide(Wide mantissa, int from, int to) {
    if (to <= from) return narrow(divide_half_even(mantissa, power_of_ten(from - to)), to);
    // Beyond 64 bits a growing mantissa cannot fit any more, and the product could exceed even Wide.
    if (mantissa < kMin || mantissa > kMax) return out_of_range();
    return narrow(mantissa * power_of_ten(to - from), to);
}

/// The mantissa at `scale`, which is at least the number's own.
Wide mantissa_at(Decimal number, int scale) {
    return Wide{number.mantissa()} * power_of_ten(scale - number.scale());
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<Decimal> Decimal::make(std::int64_t mantissa, int scale) {
    if (!valid_scale(scale)) return out_of_range();
    return Decimal(mantissa, scale);
}

Result<Decimal> Decimal::parse(std::string_view text) {
    bool const negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::size_t const point = text.find('.');
    std::string_view const whole = text.substr(0, point);
    std::string_view const fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
    if (!all_digits(whole) || (whole.size() > 1 && whole.front() == '0')) return malformed();
    if (point != std::string_view::npos && (!all_digits(fraction) || fraction.size() > kMaxScale)) return malformed();
    Wide mantissa = 0;
    for (std::string_view part : {whole, fraction}) {
        for (char c : part) {
            mantissa = mantissa * 10 + (c - '0');
            if (mantissa > kMax + 1) return out_of_range();
        }
    }
    return narrow(negative ? -mantissa : mantissa, static_cast<int>(fraction.size()));
}

Result<Decimal> Decimal::rescale(int scale) const {
    if (!valid_scale(scale)) return out_of_range();
    return rescale_wide(mantissa_, scale_, scale);
}

Result<Decimal> Decimal::add(Decimal other) const {
    int const scale = std::max(scale_, other.scale_);
    return narrow(mantissa_at(*this, scale) + mantissa_at(other, scale), scale);
}

Result<Decimal> Decimal::subtract(Decimal other) const {
    int const scale = std::max(scale_, other.scale_);
    return narrow(mantissa_at(*this, scale) - mantissa_at(other, scale), scale);
}

Result<Decimal> Decimal::multiply(Decimal other, int scale) const {
    if (!valid_scale(scale)) return out_of_range();
    return rescale_wide(Wide{mantissa_} * other.mantissa_, scale_ + other.scale_, scale);
}

Result<Decimal> Decimal::divide(Decimal other, int scale) const {
    if (!valid_scale(scale)) return out_of_range();
    if (other.mantissa_ == 0) {
        return Error{
            .code = Errc::invalid_argument, .reason = "division_by_zero", .message = "A number is divided by zero."};
    }
    // At most 19 + 18 digits on either side, which Wide holds.
    int const exponent = other.scale_ - scale_ + scale;
    Wide const dividend = Wide{mantissa_} * power_of_ten(std::max(exponent, 0));
    Wide const divisor = Wide{other.mantissa_} * power_of_ten(std::max(-exponent, 0));
    return narrow(divide_half_even(dividend, divisor), scale);
}

std::string Decimal::to_string() const {
    bool const negative = mantissa_ < 0;
    auto const size = negative ? ~static_cast<std::uint64_t>(mantissa_) + 1 : static_cast<std::uint64_t>(mantissa_);
    std::string digits = std::to_string(size);
    auto const scale = static_cast<std::size_t>(scale_);
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
    if (negative) digits.insert(0, 1, '-');
    return digits;
}

std::strong_ordering operator<=>(Decimal left, Decimal right) noexcept {
    int const scale = std::max(left.scale(), right.scale());
    Wide const a = mantissa_at(left, scale);
    Wide const b = mantissa_at(right, scale);
    if (a == b) return std::strong_ordering::equal;
    return a < b ? std::strong_ordering::less : std::strong_ordering::greater;
}

bool operator==(Decimal left, Decimal right) noexcept {
    return (left <=> right) == std::strong_ordering::equal;
}

}  // namespace nexpo::inline v1
