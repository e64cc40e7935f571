// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Randomness that repeats itself, for tests.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "nexpo/random.hpp"

namespace nexpo::inline v1 {

namespace testing {

/// A `Random` that gives the same bytes for the same seed on every platform (xoshiro256** seeded by SplitMix64,
/// https://prng.di.unimi.it). Not secure: never use it outside of tests. Thread-safe; the order in which threads draw
/// is up to them.
class SeededRandom final : public Random {
 public:
    /// Starts the sequence of this seed.
    explicit SeededRandom(std::uint64_t seed) {
        for (std::uint64_t& word : state_) {
            seed += 0x9E3779B97F4A7C15;
            word = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
            word ^= word >> 31;
        }
    }

    /// Overwrites `bytes` with the next of the sequence.
    void fill(std::span<std::byte> bytes) override {
        std::scoped_lock const lock(mutex_);
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (i % 8 == 0) word = next();
            bytes[i] = static_cast<std::byte>(word & 255);
            word >>= 8;
        }
    }

 private:
    std::uint64_t next() {
        std::uint64_t const result = std::rotl(state_[1] * 5, 7) * 9;
        std::uint64_t const shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    std::mutex mutex_;
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace testing

}  // namespace nexpo::inline v1
