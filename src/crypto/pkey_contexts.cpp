// SPDX-License-Identifier: Apache-2.0
#include "crypto/pkey_contexts.hpp"

namespace nexpo::crypto {

namespace {

/// More calls than this at once are rare.
constexpr std::size_t kMostIdle = 16;

}  // namespace

PkeyCtxPtr PkeyContexts::find() const {
    std::unique_lock lock(mutex_);
    if (!idle_.empty()) {
        auto context = std::move(idle_.back());
        idle_.pop_back();
        return context;
    }
    idle_.reserve(kMostIdle);
    lock.unlock();
    PkeyCtxPtr copy(EVP_PKEY_CTX_dup(first_.get()));
    require(copy != nullptr);
    return copy;
}

void PkeyContexts::give_back(PkeyCtxPtr context) const noexcept {
    std::lock_guard const lock(mutex_);
    if (idle_.size() < idle_.capacity()) idle_.push_back(std::move(context));
}

}  // namespace nexpo::crypto
