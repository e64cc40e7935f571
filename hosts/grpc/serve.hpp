// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/log_writer.hpp"
#include "common/tls_certificates.hpp"
#include "grpc/grpc_server.hpp"

namespace nexpo::grpc_host {

/// The certificate and key that gRPC reads: copies, in memory, of files that were found to be good. gRPC itself takes
/// over whatever its files hold, and with a key that does not belong to its certificate it serves nobody.
class ServedFiles {
 public:
    ServedFiles() = default;
    ~ServedFiles();
    ServedFiles(ServedFiles const&) = delete;
    ServedFiles& operator=(ServedFiles const&) = delete;

    /// Reads the files, if there are any. Errors: those of `TlsContext::load`, unavailable.
    Result<void> load(hosts::TlsConfig const& config);
    /// Where gRPC finds them.
    ServerFiles paths() const;
    /// What was loaded; null without TLS.
    std::shared_ptr<hosts::TlsContext const> const& context() const { return context_; }

 private:
    static Result<void> copy(std::string const& path, int& descriptor);

    std::shared_ptr<hosts::TlsContext const> context_;
    int certificate_ = -1;
    int key_ = -1;
    int client_ca_ = -1;
};

/// Has all threads that are started from now on leave SIGINT, SIGTERM and SIGHUP to `Serving`.
void block_signals();

/// A server from its start to its end.
class Serving {
 public:
    Serving(GrpcSettings const& settings, hosts::LogWriter& log);

    /// Errors: those of `GrpcServer::start`.
    Result<void> start(ServedFiles const& files, Backend const& backend);
    std::string const& address() const { return server_->address(); }
    /// Returns when a signal has ended it, and the backend is closed.
    void run(ServedFiles& files, Backend const& backend);

 private:
    void report(LogLevel level, std::string_view message, std::string_view detail);
    void drain(Backend const& backend);

    GrpcSettings const& settings_;
    hosts::LogWriter& log_;
    std::unique_ptr<GrpcServer> server_;
};

}  // namespace nexpo::grpc_host
