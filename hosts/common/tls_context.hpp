// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "common/common_settings.hpp"
#include "nexpo/result.hpp"

struct ssl_ctx_st;

namespace nexpo::hosts {

/// Says that another file is there, or other contents. All zero for none.
struct FileStamp {
    ::dev_t device = 0;
    ::ino_t file = 0;
    ::off_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    friend bool operator==(FileStamp const&, FileStamp const&) = default;
};

/// Of the certificate, the key and the authorities.
using TlsStamps = std::array<FileStamp, 3>;
TlsStamps stamp_files(TlsConfig const& config);

/// A certificate with its key and everything else that handshakes need; fixed once it is loaded. Thread-safe.
class TlsContext {
 public:
    /// Reads the files. Errors: failed_precondition (`tls_malformed`, `tls_mismatch`, `tls_expired`, …), unavailable;
    /// the message names the file and what is wrong with it, and holds nothing of the key.
    static Result<std::shared_ptr<TlsContext const>> load(TlsConfig const& config);

    ssl_ctx_st* native() const { return native_.get(); }
    /// When the first certificate of the chain expires.
    std::time_t expires() const { return expires_; }
    /// The files as they were before they were read.
    TlsStamps const& stamps() const { return stamps_; }
    /// What should be known of the files although they work.
    std::vector<std::string> const& warnings() const { return warnings_; }

 private:
    struct Free {
        void operator()(ssl_ctx_st* native) const;
    };

    TlsContext() = default;
    friend class TlsLoader;

    std::unique_ptr<ssl_ctx_st, Free> native_;
    std::time_t expires_ = 0;
    TlsStamps stamps_;
    std::vector<std::string> warnings_;
};

}  // namespace nexpo::hosts
