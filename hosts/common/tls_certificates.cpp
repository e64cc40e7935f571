// SPDX-License-Identifier: Apache-2.0
#include "common/tls_certificates.hpp"

#include <utility>

#include "nexpo/time.hpp"

namespace nexpo::hosts {

namespace {

constexpr std::time_t kDay = 86'400;
constexpr std::time_t kSoon = 14 * kDay;

std::string text_of(std::time_t time) {
    return to_string(Timestamp(std::chrono::seconds(time)));
}

}  // namespace

TlsCertificates::TlsCertificates(TlsConfig config, std::shared_ptr<TlsContext const> first, Report report)
    : config_(std::move(config)), report_(std::move(report)), current_(std::move(first)) {
    if (!current_) return;
    tried_ = seen_ = current_->stamps();
    for (auto const& warning : current_->warnings()) report_(LogLevel::warning, "certificate", warning);
    warn_of_expiry(*current_);
}

std::shared_ptr<TlsContext const> TlsCertificates::current() const {
    std::lock_guard const lock(mutex_);
    return current_;
}

void TlsCertificates::reload() {
    if (!config_.is_on()) return;
    tried_ = seen_ = stamp_files(config_);
    auto loaded = TlsContext::load(config_);
    if (!loaded) {
        return report_(LogLevel::error, "certificate not reloaded, the old one stays in use", loaded.error().message);
    }
    {
        std::lock_guard const lock(mutex_);
        current_ = *loaded;
    }
    report_(LogLevel::info, "certificate reloaded", config_.certificate + " expires " + text_of((*loaded)->expires()));
    for (auto const& warning : (*loaded)->warnings()) report_(LogLevel::warning, "certificate", warning);
    next_warning_ = 0;
    warn_of_expiry(**loaded);
}

void TlsCertificates::look() {
    if (!config_.is_on()) return;
    auto const now = stamp_files(config_);
    bool const settled = now == seen_;
    seen_ = now;
    if (settled && now != tried_) return reload();
    warn_of_expiry(*current());
}

void TlsCertificates::warn_of_expiry(TlsContext const& context) {
    auto const now = std::time(nullptr);
    if (context.expires() - now >= kSoon || now < next_warning_) return;
    next_warning_ = now + kDay;
    report_(LogLevel::warning, "certificate expires soon", config_.certificate + ", " + text_of(context.expires()));
}

}  // namespace nexpo::hosts
