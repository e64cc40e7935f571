// SPDX-License-Identifier: Apache-2.0
#include "grpc/serve.hpp"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <initializer_list>
#include <utility>

#include "nexpo/time.hpp"
#include "settings/text_file.hpp"

namespace nexpo::grpc_host {

namespace {

/// How often health is asked for and certificates are looked for.
constexpr timespec kInterval{.tv_sec = 1, .tv_nsec = 0};

std::string path_of(int descriptor) {
    return descriptor < 0 ? std::string() : "/proc/self/fd/" + std::to_string(descriptor);
}

bool write_all(int descriptor, std::string_view text) {
    if (::ftruncate(descriptor, 0) != 0) return false;
    for (::off_t at = 0; !text.empty();) {
        auto const written = ::pwrite(descriptor, text.data(), text.size(), at);
        if (written <= 0) return false;
        at += written;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

sigset_t signals_of(std::initializer_list<int> numbers) {
    sigset_t set{};
    ::sigemptyset(&set);
    for (int const number : numbers) ::sigaddset(&set, number);
    return set;
}

}  // namespace

ServedFiles::~ServedFiles() {
    for (int const descriptor : {certificate_, key_, client_ca_}) {
        if (descriptor >= 0) ::close(descriptor);
    }
}

Result<void> ServedFiles::copy(std::string const& path, int& descriptor) {
    if (path.empty()) return {};
    auto text = hosts::read_text_file(path);
    if (!text) return Error{text.error().code, "tls_unreadable", path + ' ' + text.error().message};
    if (descriptor < 0) descriptor = ::memfd_create("nexpo-tls", MFD_CLOEXEC);
    bool const written = descriptor >= 0 && write_all(descriptor, *text);
    ::explicit_bzero(text->data(), text->size());
    if (written) return {};
    return Error{Errc::unavailable, "tls_unavailable", "there is no memory for " + path};
}

Result<void> ServedFiles::load(hosts::TlsConfig const& config) {
    if (!config.is_on()) return {};
    auto loaded = hosts::TlsContext::load(config);
    if (!loaded) return std::move(loaded).error();
    if (auto done = copy(config.certificate, certificate_); !done) return done;
    if (auto done = copy(config.key, key_); !done) return done;
    if (auto done = copy(config.client_ca, client_ca_); !done) return done;
    if (hosts::stamp_files(config) != (*loaded)->stamps()) {
        return Error{Errc::unavailable, "tls_changing", "the certificate's files change right now"};
    }
    context_ = std::move(*loaded);
    return {};
}

ServerFiles ServedFiles::paths() const {
    return {.certificate = path_of(certificate_), .key = path_of(key_), .client_ca = path_of(client_ca_)};
}

void block_signals() {
    auto const signals = signals_of({SIGINT, SIGTERM, SIGHUP});
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Serving::Serving(GrpcSettings const& settings, hosts::LogWriter& log) : settings_(settings), log_(log) {}

Result<void> Serving::start(ServedFiles const& files, Backend const& backend) {
    std::function<void(std::string_view)> access;
    if (settings_.log.access) access = [this](std::string_view line) { log_.write(line); };
    auto server = GrpcServer::start(settings_, files.paths(), backend, std::move(access));
    if (!server) return std::move(server).error();
    server_ = std::move(*server);
    report(LogLevel::info, "listening", server_->address());
    return {};
}

void Serving::run(ServedFiles& files, Backend const& backend) {
    hosts::TlsCertificates certificates(
        settings_.tls, files.context(),
        [this](LogLevel level, std::string_view message, std::string_view detail) { report(level, message, detail); });
    auto served = certificates.current();
    auto const signals = signals_of({SIGINT, SIGTERM, SIGHUP});
    while (true) {
        int const signal = ::sigtimedwait(&signals, nullptr, &kInterval);
        if (signal == SIGINT || signal == SIGTERM) break;
        server_->publish_health(backend.health().ok);
        signal == SIGHUP ? certificates.reload() : certificates.look();
        if (certificates.current() == served) continue;
        auto const copied = files.load(settings_.tls);
        if (copied) served = certificates.current();
        if (!copied) report(LogLevel::warning, "certificate not copied yet", copied.error().message);
    }
    drain(backend);
}

void Serving::drain(Backend const& backend) {
    report(LogLevel::info, "draining", {});
    // A second signal ends the program at once.
    auto const again = signals_of({SIGINT, SIGTERM});
    std::signal(SIGINT, [](int number) { ::_exit(128 + number); });
    std::signal(SIGTERM, [](int number) { ::_exit(128 + number); });
    ::pthread_sigmask(SIG_UNBLOCK, &again, nullptr);
    if (!server_->drain(std::chrono::seconds(settings_.grpc.drain_seconds))) {
        report(LogLevel::warning, "calls were cut off, as grpc.drain_seconds have passed", {});
    }
    backend.close();
    server_.reset();
}

void Serving::report(LogLevel level, std::string_view message, std::string_view detail) {
    if (static_cast<LogLevel>(settings_.log.level) > level) return;
    LogField const field{"detail", detail};
    log_.write(to_json_line({system_clock()->now(), level, message, {&field, detail.empty() ? std::size_t{0} : 1}}));
}

}  // namespace nexpo::grpc_host
