// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>

#include "nexpo/result.hpp"

namespace nexpo::crypto {

/// The cost of one Argon2id hash (RFC 9106). The defaults are OWASP's first choice for password storage.
struct Argon2Parameters {
    std::uint32_t memory_kib = 19456;
    std::uint32_t iterations = 2;
    std::uint32_t lanes = 1;

    std::size_t memory_bytes() const noexcept { return std::size_t{memory_kib} * 1024; }
    bool operator==(Argon2Parameters const&) const = default;
};

/// What Argon2 itself can work with (RFC 9106 section 3.1), short of the huge.
bool is_sound(Argon2Parameters const& parameters) noexcept;

/// The block that one worker's hashes are computed in: taken once, so that hashing neither churns the allocator nor
/// outgrows its budget. Pages that no hash has touched do not become resident.
class Argon2Arena {
 public:
    /// Errors: resource_exhausted.
    static Result<Argon2Arena> allocate(std::size_t bytes);

    std::span<std::byte> bytes() const noexcept { return {block_.get(), block_.get_deleter().size}; }
    /// Gives the pages back to the system; the next hash gets fresh ones.
    void release() noexcept;

 private:
    struct Unmap {
        std::size_t size = 0;
        void operator()(std::byte* block) const noexcept;
    };

    Argon2Arena(std::byte* block, std::size_t size) noexcept : block_(block, Unmap{size}) {}

    std::unique_ptr<std::byte, Unmap> block_;
};

/// Fills `hash` with Argon2id, version 0x13, of `password` and `salt`, on this thread and in `arena`, which is zero
/// again afterwards. Errors: internal, when the parameters are not sound or do not fit into the arena.
Result<void> argon2id(Argon2Parameters const& parameters, std::string_view password, std::string_view salt,
                      Argon2Arena& arena, std::span<std::byte> hash);

}  // namespace nexpo::crypto
