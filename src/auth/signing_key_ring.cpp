// SPDX-License-Identifier: Apache-2.0
#include "auth/signing_key_ring.hpp"

#include <algorithm>

namespace nexpo::auth {

namespace {

std::shared_ptr<SigningKeyRing::Keys const> sorted(std::vector<RingKey> keys) {
    std::ranges::stable_sort(keys, {}, [](RingKey const& entry) { return entry.active_at; });
    auto made = std::make_shared<SigningKeyRing::Keys>();
    for (auto const& entry : keys) made->verifying.emplace_back(entry.key);
    made->all = std::move(keys);
    return made;
}

}  // namespace

SigningKeyRing::SigningKeyRing(std::vector<RingKey> keys) : keys_(sorted(std::move(keys))) {}

void SigningKeyRing::set(std::vector<RingKey> keys) {
    auto fresh = sorted(std::move(keys));
    std::lock_guard const lock(mutex_);
    ++version_;
    replace(std::move(fresh));
}

bool SigningKeyRing::set_if(std::uint64_t version, std::vector<RingKey> keys) {
    auto fresh = sorted(std::move(keys));
    std::lock_guard const lock(mutex_);
    if (version_ != version) return false;
    replace(std::move(fresh));
    return true;
}

void SigningKeyRing::outdate() {
    std::lock_guard const lock(mutex_);
    ++version_;
}

std::uint64_t SigningKeyRing::version() const {
    std::lock_guard const lock(mutex_);
    return version_;
}

void SigningKeyRing::replace(std::shared_ptr<Keys const> fresh) {
    bool const all_there = std::ranges::all_of(keys_->all, [&](RingKey const& old) {
        return std::ranges::any_of(fresh->all,
                                   [&](RingKey const& entry) { return entry.key.key_id() == old.key.key_id(); });
    });
    keys_ = std::move(fresh);
    if (!all_there) removals_.fetch_add(1, std::memory_order_acq_rel);
}

std::shared_ptr<SigningKeyRing::Keys const> SigningKeyRing::keys() const {
    std::lock_guard const lock(mutex_);
    return keys_;
}

Result<crypto::SigningKey> SigningKeyRing::signer(Timestamp now) const {
    auto const known = keys();
    if (known->all.empty()) {
        return Error{Errc::unavailable, "signing_key_missing", "there is no key to sign access tokens with"};
    }
    // The first one when none signs yet: the clock was set back.
    auto const* signer = &known->all.front();
    for (auto const& entry : known->all) {
        if (entry.active_at <= now) signer = &entry;
    }
    return signer->key;
}

}  // namespace nexpo::auth
