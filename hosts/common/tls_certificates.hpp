// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/tls_context.hpp"
#include "nexpo/log.hpp"

namespace nexpo::hosts {

/// The certificate in use. It follows its files: what is good there is used for new connections, what is not leaves the
/// old one in use. Lives on one thread, but for `current`.
class TlsCertificates {
 public:
    using Report = std::function<void(LogLevel, std::string_view message, std::string_view detail)>;

    /// `first` may be null: then there is no TLS, and nothing to do.
    TlsCertificates(TlsConfig config, std::shared_ptr<TlsContext const> first, Report report);

    /// From any thread.
    std::shared_ptr<TlsContext const> current() const;
    /// Loads the files, changed or not.
    void reload();
    /// Loads the files when they have changed, and have not since the last look, as a certificate and its key are
    /// rarely replaced at the very same time. Warns once a day when the certificate is about to expire.
    void look();

 private:
    void warn_of_expiry(TlsContext const& context);

    TlsConfig config_;
    Report report_;
    TlsStamps seen_{};
    TlsStamps tried_{};
    std::time_t next_warning_ = 0;
    mutable std::mutex mutex_;
    std::shared_ptr<TlsContext const> current_;
};

}  // namespace nexpo::hosts
