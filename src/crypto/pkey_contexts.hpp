// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "crypto/openssl.hpp"

namespace nexpo::crypto {

/// Contexts of one key that stand ready to sign or to verify. Each serves one call at a time and is used again; copies
/// are made when calls meet, because setting a context up takes fetches from OpenSSL's global stores and copying it
/// does not. Thread-safe.
class PkeyContexts {
 public:
    explicit PkeyContexts(PkeyCtxPtr first) : first_(std::move(first)) {}

    /// A context for one call.
    class Lease {
     public:
        Lease(PkeyContexts const& owner, PkeyCtxPtr context) : owner_(owner), context_(std::move(context)) {}
        Lease(Lease const&) = delete;
        Lease& operator=(Lease const&) = delete;
        ~Lease() { owner_.give_back(std::move(context_)); }
        EVP_PKEY_CTX* get() const noexcept { return context_.get(); }

     private:
        PkeyContexts const& owner_;
        PkeyCtxPtr context_;
    };
    Lease take() const { return {*this, find()}; }

 private:
    PkeyCtxPtr find() const;
    void give_back(PkeyCtxPtr context) const noexcept;

    PkeyCtxPtr first_;
    mutable std::mutex mutex_;
    mutable std::vector<PkeyCtxPtr> idle_;
};

}  // namespace nexpo::crypto
