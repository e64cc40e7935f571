// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Exact decimal numbers for business figures.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/export.hpp"
#include "nexpo/result.hpp"

namespace nexpo::inline v1 {

/// `mantissa / 10^scale` with a 64-bit mantissa and a scale of 0 to 9. A string on the wire. Arithmetic is exact or
/// answers an error; rounding is half to even. Equal numbers compare equal whatever their scale (`1.0 == 1`).
class NEXPO_API Decimal {
 public:
    static constexpr int kMaxScale = 9;  ///< Most digits after the point.

    /// Zero.
    constexpr Decimal() noexcept = default;
    /// A whole number.
    constexpr Decimal(std::int64_t whole) noexcept : mantissa_(whole) {}

    /// `mantissa / 10^scale`. Errors: out_of_range when `scale` is not 0 to 9.
    static Result<Decimal> make(std::int64_t mantissa, int scale);
    /// Reads `-12.50`: an optional minus, digits, and optionally a point and 1 to 9 digits; no exponent, no plus, no
    /// leading zeros. Keeps the scale as written. Errors: invalid_argument, out_of_range.
    static Result<Decimal> parse(std::string_view text);

    /// The number without its point.
    constexpr std::int64_t mantissa() const noexcept { return mantissa_; }
    /// Digits after the point, 0 to 9.
    constexpr int scale() const noexcept { return scale_; }

    /// The same number with `scale` digits after the point, rounded half to even. Errors: out_of_range.
    Result<Decimal> rescale(int scale) const;
    /// The exact sum, with the larger scale. Errors: out_of_range.
    Result<Decimal> add(Decimal other) const;
    /// The exact difference, with the larger scale. Errors: out_of_range.
    Result<Decimal> subtract(Decimal other) const;
    /// The product, rounded half to even to `scale` digits after the point. Errors: out_of_range.
    Result<Decimal> multiply(Decimal other, int scale) const;
    /// The quotient, rounded half to even to `scale` digits after the point.
    /// Errors: out_of_range; invalid_argument when `other` is zero.
    Result<Decimal> divide(Decimal other, int scale) const;

    /// The number with exactly `scale()` digits after the point.
    std::string to_string() const;

    /// Compares by value.
    friend NEXPO_API std::strong_ordering operator<=>(Decimal left, Decimal right) noexcept;
    /// Compares by value.
    friend NEXPO_API bool operator==(Decimal left, Decimal right) noexcept;

 private:
    constexpr Decimal(std::int64_t mantissa, int scale) noexcept
        : mantissa_(mantissa), scale_(static_cast<std::int8_t>(scale)) {}

    std::int64_t mantissa_ = 0;
    std::int8_t scale_ = 0;
};

}  // namespace nexpo::inline v1
