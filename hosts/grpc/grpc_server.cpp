// SPDX-License-Identifier: Apache-2.0
#include "grpc/grpc_server.hpp"

#include <dlfcn.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "grpc/descriptors.hpp"
#include "grpc/grpc_service.hpp"

namespace nexpo::grpc_host {

namespace {

constexpr unsigned kCertificateSeconds = 1;
constexpr char const* kReflection = NEXPO_GRPC_REFLECTION;

int milliseconds(std::int64_t seconds) {
    constexpr std::int64_t kMost = 2'000'000;
    return static_cast<int>(std::min(seconds, kMost) * 1000);
}

std::shared_ptr<grpc::ServerCredentials> credentials_of(GrpcSettings const& settings, ServerFiles const& files) {
    namespace tls = grpc::experimental;
    if (files.certificate.empty()) return grpc::InsecureServerCredentials();
    auto const provider = std::make_shared<tls::FileWatcherCertificateProvider>(files.key, files.certificate,
                                                                                files.client_ca, kCertificateSeconds);
    tls::TlsServerCredentialsOptions options(provider);
    options.watch_identity_key_cert_pairs();
    if (!files.client_ca.empty()) {
        options.watch_root_certs();
        options.set_cert_request_type(settings.tls.client_required
                                          ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                          : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
    }
    return tls::TlsServerCredentials(options);
}

void set_limits(grpc::ServerBuilder& builder, GrpcSettings const& settings) {
    auto const& config = settings.grpc;
    builder.SetMaxReceiveMessageSize(static_cast<int>(config.message_bytes));
    builder.SetMaxSendMessageSize(-1);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(config.metadata_bytes));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(config.streams_per_connection));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(config.keepalive_seconds));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(config.keepalive_timeout_seconds));
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               milliseconds(config.ping_seconds));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(config.idle_seconds));
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, milliseconds(settings.tls.handshake_seconds));
    // Another program on the port is a mistake that must be seen, not somebody to share it with.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

/// Once for the program, and before a server is made: what they offer is decided there.
void prepare_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        grpc::EnableDefaultHealthCheckService(true);
        static_cast<void>(proto_files());
    });
}

/// As soon as this library is there, every server has its service: it is not linked, so that one can do without.
bool load_reflection() {
    static bool const loaded = ::dlopen(kReflection, RTLD_NOW | RTLD_NODELETE) != nullptr;
    return loaded;
}

std::string joined(std::vector<std::string> const& lines) {
    std::string text;
    for (auto const& line : lines) text.append(text.empty() ? "" : "; ").append(line);
    return text;
}

}  // namespace

struct GrpcServer::State {
    State(Backend const& backend, GrpcConfig const& config, std::function<void(std::string_view)> access)
        : door(backend, config, std::move(access)) {}

    Door door;
    std::vector<std::unique_ptr<GrpcService>> services;
    std::unique_ptr<grpc::Server> server;
    std::string address;
    bool drained = false;
};

GrpcServer::GrpcServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

GrpcServer::~GrpcServer() {
    if (!state_->drained) drain(std::chrono::seconds(0));
}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(GrpcSettings const& settings, ServerFiles const& files,
                                                      Backend const& backend,
                                                      std::function<void(std::string_view)> access) {
    prepare_library();
    auto state = std::make_unique<State>(backend, settings.grpc, std::move(access));
    if (auto const& problems = state->door.methods.problems(); !problems.empty()) {
        return Error{Errc::internal, "descriptors_differ", joined(problems)};
    }
    if (settings.grpc.reflection && !load_reflection()) {
        return Error{Errc::unavailable, "reflection_unavailable",
                     std::string("there is no ") + kReflection + "; switch grpc.reflection off"};
    }
    grpc::ServerBuilder builder;
    set_limits(builder, settings);
    bool const v6 = settings.grpc.address.find(':') != std::string::npos;
    auto const host = v6 ? '[' + settings.grpc.address + ']' : settings.grpc.address;
    int port = 0;
    builder.AddListeningPort(host + ':' + std::to_string(settings.grpc.port), credentials_of(settings, files), &port);
    for (auto const& service : state->door.methods.services()) {
        state->services.push_back(std::make_unique<GrpcService>(state->door, service));
        builder.RegisterService(state->services.back().get());
    }
    state->server = builder.BuildAndStart();
    if (state->server == nullptr || port == 0) {
        return Error{Errc::unavailable, "port_unavailable",
                     "cannot listen on " + host + ':' + std::to_string(settings.grpc.port)};
    }
    state->address = host + ':' + std::to_string(port);
    auto made = std::unique_ptr<GrpcServer>(new GrpcServer(std::move(state)));
    made->publish_health(true);
    return made;
}

std::string const& GrpcServer::address() const {
    return state_->address;
}

void GrpcServer::publish_health(bool ok) {
    auto* health = state_->server->GetHealthCheckService();
    if (health == nullptr) return;
    health->SetServingStatus("", ok);
    for (auto const& service : state_->door.methods.services()) health->SetServingStatus(service.name, ok);
}

bool GrpcServer::drain(std::chrono::seconds patience) {
    state_->drained = true;
    if (auto* health = state_->server->GetHealthCheckService()) health->Shutdown();
    state_->door.end_streams();
    auto const until = std::chrono::system_clock::now() + patience;
    state_->server->Shutdown(until);
    state_->server->Wait();
    bool const in_time = std::chrono::system_clock::now() < until;
    state_->door.pool.stop();
    state_->door.followers.stop();
    return in_time || patience == std::chrono::seconds(0);
}

}  // namespace nexpo::grpc_host
