// SPDX-License-Identifier: Apache-2.0
#include "grpc/grpc_settings.hpp"

#include <utility>

#include "grpc/service_principals.hpp"
#include "nexpo/json.hpp"

namespace nexpo::grpc_host {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

}  // namespace

StructType describe(Type<GrpcConfig>) {
    return structure<GrpcConfig>(
        "GrpcConfig",
        field("address", &GrpcConfig::address)
            .required()
            .max(64)
            .doc("IP address to listen on; 0.0.0.0 or :: for every interface."),
        field("port", &GrpcConfig::port).min(0).max(65'535).doc("Port to listen on; 0 for any free one."),
        field("blocking_threads", &GrpcConfig::blocking_threads)
            .min(1)
            .max(4096)
            .doc("Most threads for calls that wait, such as sign-in."),
        field("blocking_queue", &GrpcConfig::blocking_queue)
            .min(0)
            .max(1'000'000)
            .doc("Calls that may wait for such a thread; more are answered UNAVAILABLE."),
        field("message_bytes", &GrpcConfig::message_bytes)
            .min(1024)
            .max(67'108'864)
            .doc("Longest message from a client; longer ones are answered RESOURCE_EXHAUSTED."),
        field("metadata_bytes", &GrpcConfig::metadata_bytes)
            .min(1024)
            .max(65'536)
            .doc("Most metadata of a call; more is answered RESOURCE_EXHAUSTED."),
        field("streams_per_connection", &GrpcConfig::streams_per_connection)
            .min(1)
            .max(100'000)
            .doc("Calls at the same time on one connection; others wait."),
        field("keepalive_seconds", &GrpcConfig::keepalive_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time of silence after which a connection is asked whether it lives."),
        field("keepalive_timeout_seconds", &GrpcConfig::keepalive_timeout_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time for it to answer; then it is closed."),
        field("ping_seconds", &GrpcConfig::ping_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Clients may ask the same no more often; else their connection is closed."),
        field("idle_seconds", &GrpcConfig::idle_seconds)
            .min(1)
            .max(30 * kDaySeconds)
            .doc("Time that a connection may stay without a call."),
        field("drain_seconds", &GrpcConfig::drain_seconds)
            .min(0)
            .max(kDaySeconds)
            .doc("Time for running calls to finish after SIGTERM or SIGINT."),
        field("reflection", &GrpcConfig::reflection)
            .doc("Whether clients may ask which services and messages there are."),
        field("clients", &GrpcConfig::clients)
            .doc("What clients may do whose certificate has this DNS name or URI: NAME ORGANIZATION PERMISSION..., "
                 "for example billing.internal acme users:read jobs:read."));
}

StructType describe(Type<GrpcSettings>) {
    return structure<GrpcSettings>("GrpcSettings", field("", &GrpcSettings::backend),
                                   field("grpc", &GrpcSettings::grpc), field("tls", &GrpcSettings::tls),
                                   field("log", &GrpcSettings::log), field("admin", &GrpcSettings::admin));
}

Result<GrpcSettings> load_grpc_settings(hosts::Sources const& sources) {
    GrpcSettings settings;
    auto const loaded = hosts::load_settings(struct_type<GrpcSettings>(), &settings, sources);
    if (!loaded) return loaded.error();

    std::vector<Violation> problems;
    auto const refuse = [&](char const* key, char const* rule, std::string message) {
        problems.push_back({loaded->describe(key), rule, std::move(message)});
    };
    if (!hosts::is_ip_address(settings.grpc.address)) refuse("grpc.address", "format", "must be an IP address");
    for (auto const& client : settings.grpc.clients) {
        if (auto const parsed = parse_principal(client); !parsed) {
            refuse("grpc.clients", "format", Json(client).dump() + " " + parsed.error().message);
        }
    }
    if (!settings.grpc.clients.empty() && settings.tls.client_ca.empty()) {
        refuse("tls.client_ca", "required", "is needed with grpc.clients");
    }
    if (settings.tls.minimum != hosts::TlsVersion::tls_1_2) {
        refuse("tls.minimum", "unsupported", "can only be 1.2 here: gRPC itself chooses from 1.2 on");
    }
    hosts::check_common(settings.backend, settings.tls, settings.admin, *loaded, problems);
    if (!problems.empty()) return hosts::settings_error(std::move(problems));
    return settings;
}

}  // namespace nexpo::grpc_host
