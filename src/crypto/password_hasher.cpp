// SPDX-License-Identifier: Apache-2.0
#include "crypto/password_hasher.hpp"

#include <algorithm>
#include <utility>

#include "crypto/digest.hpp"
#include "crypto/password_record.hpp"

namespace nexpo::crypto {
namespace {

// RFC 9106 section 4: a 128-bit salt and a 256-bit tag.
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kHashSize = 32;

std::string random_bytes(Random& random, std::size_t size) {
    std::string bytes(size, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

bool within(Argon2Parameters const& cost, Argon2Parameters const& limits) noexcept {
    return cost.memory_kib <= limits.memory_kib && cost.iterations <= limits.iterations && cost.lanes <= limits.lanes;
}

Error bad_options(char const* reason, char const* message) {
    return {.code = Errc::invalid_argument, .reason = reason, .message = message};
}

}  // namespace

Result<std::unique_ptr<PasswordHasher>> PasswordHasher::create(PasswordHasherOptions const& options,
                                                               std::shared_ptr<Random> random,
                                                               std::shared_ptr<Clock> clock) {
    if (!is_sound(options.parameters) || !within(options.parameters, options.limits)) {
        return bad_options("password_cost_invalid", "The cost of password hashes is out of range.");
    }
    auto const affordable = options.memory_budget_bytes / options.parameters.memory_bytes();
    if (affordable == 0) {
        return bad_options("password_memory_too_small", "The memory for password hashing is below that of one hash.");
    }
    auto effective = options;
    effective.threads = std::clamp<std::size_t>(options.threads, 1, affordable);
    auto const share_kib = options.memory_budget_bytes / effective.threads / 1024;
    effective.limits.memory_kib =
        static_cast<std::uint32_t>(std::min<std::size_t>(options.limits.memory_kib, share_kib));
    auto pool =
        Argon2Pool::create(effective.threads, effective.limits.memory_bytes(), effective.queue, std::move(clock));
    if (!pool) return pool.error();
    return std::unique_ptr<PasswordHasher>(new PasswordHasher(effective, std::move(random), std::move(*pool)));
}

PasswordHasher::PasswordHasher(PasswordHasherOptions const& options, std::shared_ptr<Random> random,
                               std::unique_ptr<Argon2Pool> pool)
    : options_(options), random_(std::move(random)), pool_(std::move(pool)) {
    dummy_hash_ = encode({.parameters = options_.parameters,
                          .salt = random_bytes(*random_, kSaltSize),
                          .hash = random_bytes(*random_, kHashSize)});
}

Result<std::string> PasswordHasher::hash(Secret const& password) {
    PasswordRecord record{.parameters = options_.parameters,
                          .salt = random_bytes(*random_, kSaltSize),
                          .hash = std::string(kHashSize, '\0')};
    auto done =
        pool_->run(record.parameters, password.reveal(), record.salt, std::as_writable_bytes(std::span(record.hash)));
    if (!done) return done.error();
    return encode(record);
}

Result<bool> PasswordHasher::verify(Secret const& password, std::string_view encoded) {
    auto const record = parse_password_record(encoded);
    if (!record) {
        return Error{.code = Errc::data_loss,
                     .reason = "password_hash_damaged",
                     .message = "The stored password hash cannot be read."};
    }
    if (!within(record->parameters, options_.limits)) {
        return Error{.code = Errc::failed_precondition,
                     .reason = "password_hash_too_costly",
                     .message = "The stored password hash costs more than the configured limits allow."};
    }
    std::string hash(record->hash.size(), '\0');
    auto done =
        pool_->run(record->parameters, password.reveal(), record->salt, std::as_writable_bytes(std::span(hash)));
    if (!done) return done.error();
    return constant_time_equal(hash, record->hash);
}

bool PasswordHasher::needs_rehash(std::string_view encoded) const {
    auto const record = parse_password_record(encoded);
    return !record || record->parameters != options_.parameters || record->hash.size() != kHashSize ||
           record->salt.size() != kSaltSize;
}

}  // namespace nexpo::crypto
