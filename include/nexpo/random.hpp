// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief The source of randomness that can be replaced in tests.

#include <cstddef>
#include <memory>
#include <span>

#include "nexpo/export.hpp"

namespace nexpo::inline v1 {

/// Where the library takes random bytes for ids, tokens and keys from. Implementations are called from any thread at
/// the same time, and outside of tests must be cryptographically secure.
class NEXPO_API Random {
 public:
    Random() = default;
    Random(Random const&) = delete;
    Random& operator=(Random const&) = delete;
    virtual ~Random();

    /// Overwrites `bytes` with random data. Throws `Exception` (internal) when no randomness can be had.
    virtual void fill(std::span<std::byte> bytes) = 0;
};

/// OpenSSL's cryptographically secure generator.
NEXPO_API std::shared_ptr<Random> system_random();

}  // namespace nexpo::inline v1
