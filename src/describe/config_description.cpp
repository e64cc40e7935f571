// SPDX-License-Identifier: Apache-2.0
#include "nexpo/config.hpp"

namespace nexpo::inline v1 {

StructType describe(Type<AuthConfig>) {
    return structure<AuthConfig>(
        "AuthConfig",
        field("open_registration", &AuthConfig::open_registration)
            .doc("Anybody may sign up and gets an organization of their own."),
        field("issuer", &AuthConfig::issuer).required().max(255).doc("The `iss` and `aud` of access tokens."),
        field("access_token_seconds", &AuthConfig::access_token_seconds)
            .min(60)
            .max(86'400)
            .doc("Life of an access token."),
        field("session_seconds", &AuthConfig::session_seconds)
            .min(300)
            .max(31'536'000)
            .doc("Life of a session without a refresh."),
        field("hash_memory_mib", &AuthConfig::hash_memory_mib)
            .min(19)
            .max(65'536)
            .doc("Memory for hashing passwords at the same time; one hash takes 19 MiB."),
        field("hash_queue", &AuthConfig::hash_queue)
            .min(0)
            .max(100'000)
            .doc("Sign-ins that may wait for a hash; more are refused at once."));
}

StructType describe(Type<LimitsConfig>) {
    return structure<LimitsConfig>(
        "LimitsConfig",
        field("address_per_minute", &LimitsConfig::address_per_minute)
            .min(0)
            .max(1'000'000'000)
            .doc("Credential calls per client address and minute; 0 = no limit."),
        field("account_per_minute", &LimitsConfig::account_per_minute)
            .min(0)
            .max(1'000'000'000)
            .doc("Credential calls per account and minute; 0 = no limit."),
        field("caller_per_minute", &LimitsConfig::caller_per_minute)
            .min(0)
            .max(1'000'000'000)
            .doc("Other calls per caller and minute; 0 = no limit."),
        field("call_seconds", &LimitsConfig::call_seconds).min(1).max(3600).doc("Longest time for one call."));
}

StructType describe(Type<ThreadsConfig>) {
    return structure<ThreadsConfig>(
        "ThreadsConfig",
        field("hash", &ThreadsConfig::hash)
            .min(0)
            .max(1024)
            .doc("Threads that hash passwords; 0 = one per core, as far as auth.hash_memory_mib allows."),
        field("readers", &ThreadsConfig::readers)
            .min(1)
            .max(1024)
            .doc("Database connections for reading, used on the callers' threads."),
        field("writers", &ThreadsConfig::writers)
            .min(1)
            .max(1024)
            .doc("Connections for writing, each with a thread; PostgreSQL only."));
}

StructType describe(Type<Config>) {
    return structure<Config>(
        "Config",
        field("database", &Config::database)
            .required()
            .max(4096)
            .doc("`sqlite:<file>` or `postgresql://user:password@host:port/database`."),
        field("database_owner", &Config::database_owner)
            .secret()
            .doc("PostgreSQL: the same database with the role that owns the tables. It migrates and lets the role of "
                 "`database` use them. Empty: the role of `database` does it."),
        field("database_replicas", &Config::database_replicas)
            .max(16)
            .doc("PostgreSQL: URLs of standby servers to read from."),
        field("database_replica_lag_seconds", &Config::database_replica_lag_seconds)
            .min(1)
            .max(3600)
            .doc("A replica that is further behind is not read from."),
        field("sealing_key", &Config::sealing_key)
            .secret()
            .doc("32 bytes as base64, base64url or hex. Empty: a key kept in the database, which protects nothing from "
                 "whoever has the file."),
        field("create_organizations", &Config::create_organizations)
            .doc("The application's own calls create a missing organization on their first write."),
        field("auth", &Config::auth), field("limits", &Config::limits), field("threads", &Config::threads),
        hidden(&Config::operations), hidden(&Config::migrations), hidden(&Config::log), hidden(&Config::clock),
        hidden(&Config::random));
}

}  // namespace nexpo::inline v1
