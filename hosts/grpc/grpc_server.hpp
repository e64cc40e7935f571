// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "grpc/grpc_settings.hpp"
#include "nexpo/backend.hpp"
#include "nexpo/log.hpp"
#include "nexpo/result.hpp"

namespace nexpo::grpc_host {

/// Where a server finds its certificate; empty paths: there is no TLS.
struct ServerFiles {
    std::string certificate{};
    std::string key{};
    std::string client_ca{};
};

/// A backend behind gRPC. The public functions are for one thread.
class GrpcServer {
 public:
    using Report = std::function<void(LogLevel, std::string_view message, std::string_view detail)>;

    /// Listens and serves. `access` takes the lines of the access log; empty: there is none. Errors: unavailable (the
    /// port), internal (the program's descriptors do not fit its operations).
    static Result<std::unique_ptr<GrpcServer>> start(GrpcSettings const& settings, ServerFiles const& files,
                                                     Backend const& backend,
                                                     std::function<void(std::string_view)> access);
    ~GrpcServer();
    GrpcServer(GrpcServer const&) = delete;
    GrpcServer& operator=(GrpcServer const&) = delete;

    /// `127.0.0.1:50051`
    std::string const& address() const;
    /// Tells those who ask for it how the backend is.
    void publish_health(bool ok);
    /// Says that no more calls are wanted, ends streams of events, waits for calls under way, and cancels what is left
    /// after that long. False when anything was.
    bool drain(std::chrono::seconds patience);

 private:
    struct State;

    explicit GrpcServer(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace nexpo::grpc_host
