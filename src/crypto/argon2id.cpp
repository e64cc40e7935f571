// SPDX-License-Identifier: Apache-2.0
#include "crypto/argon2id.hpp"

#include <sys/mman.h>

#include <argon2.h>

namespace nexpo::crypto {
namespace {

/// libargon2's allocation callbacks carry no context of ours.
thread_local Argon2Arena* current_arena = nullptr;

int take_block(std::uint8_t** memory, std::size_t bytes) noexcept {
    auto const arena = current_arena->bytes();
    *memory = bytes <= arena.size() ? reinterpret_cast<std::uint8_t*>(arena.data()) : nullptr;
    return *memory != nullptr ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

/// The arena keeps the block. libargon2 has wiped it by now, as a test watches.
void give_back_block(std::uint8_t*, std::size_t) noexcept {}

// libargon2 takes pointers to what it only reads, as long as no flag asks it to wipe its inputs.
std::uint8_t* input(std::string_view text) noexcept {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

bool is_sound(Argon2Parameters const& parameters) noexcept {
    constexpr std::uint32_t kMostMemoryKib = 4u * 1024 * 1024;
    constexpr std::uint32_t kMostIterations = 1000;
    constexpr std::uint32_t kMostLanes = 64;
    return parameters.iterations >= 1 && parameters.iterations <= kMostIterations && parameters.lanes >= 1 &&
           parameters.lanes <= kMostLanes && parameters.memory_kib >= 8 * parameters.lanes &&
           parameters.memory_kib <= kMostMemoryKib;
}

Result<Argon2Arena> Argon2Arena::allocate(std::size_t bytes) {
    void* const block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        return Error{.code = Errc::resource_exhausted,
                     .reason = "password_memory_unavailable",
                     .message = "There is not enough memory for password hashing."};
    }
    return Argon2Arena(static_cast<std::byte*>(block), bytes);
}

void Argon2Arena::release() noexcept {
    // It cannot fail for a mapping of our own; if it did, the memory would only stay with us.
    static_cast<void>(madvise(block_.get(), block_.get_deleter().size, MADV_DONTNEED));
}

void Argon2Arena::Unmap::operator()(std::byte* block) const noexcept {
    munmap(block, size);
}

Result<void> argon2id(Argon2Parameters const& parameters, std::string_view password, std::string_view salt,
                      Argon2Arena& arena, std::span<std::byte> hash) {
    auto status = static_cast<int>(ARGON2_INCORRECT_PARAMETER);
    if (is_sound(parameters) && password.size() <= ARGON2_MAX_PWD_LENGTH && salt.size() <= ARGON2_MAX_SALT_LENGTH &&
        hash.size() <= 1024) {
        argon2_context context{};
        context.out = reinterpret_cast<std::uint8_t*>(hash.data());
        context.outlen = static_cast<std::uint32_t>(hash.size());
        context.pwd = input(password);
        context.pwdlen = static_cast<std::uint32_t>(password.size());
        context.salt = input(salt);
        context.saltlen = static_cast<std::uint32_t>(salt.size());
        context.t_cost = parameters.iterations;
        context.m_cost = parameters.memory_kib;
        context.lanes = parameters.lanes;
        context.threads = 1;  // Lanes change the result, threads do not; the pool owns all the threads there are.
        context.version = ARGON2_VERSION_13;
        context.allocate_cbk = take_block;
        context.free_cbk = give_back_block;
        context.flags = ARGON2_DEFAULT_FLAGS;
        current_arena = &arena;
        status = argon2id_ctx(&context);
        current_arena = nullptr;
    }
    if (status != ARGON2_OK) {
        return Error{.code = Errc::internal,
                     .reason = "password_hash_failed",
                     .message = "The password hash could not be computed."};
    }
    return {};
}

}  // namespace nexpo::crypto
