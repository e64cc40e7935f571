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
            .doc("Sign-ins that may wait for a hash; more are refused at once."),
        field("signing_algorithm", &AuthConfig::signing_algorithm)
            .doc("What access tokens are signed with; another one than before makes a new key."),
        field("signing_key_days", &AuthConfig::signing_key_days)
            .min(0)
            .max(36'500)
            .doc("Age at which a new signing key takes over; 0 = never by itself."),
        field("signing_key_publish_seconds", &AuthConfig::signing_key_publish_seconds)
            .min(0)
            .max(604'800)
            .doc("How long a new signing key is published before it signs."));
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
        field("failed_identity_per_minute", &LimitsConfig::failed_identity_per_minute)
            .min(0)
            .max(1'000'000'000)
            .doc(
                "Refused tokens and API keys per client address and minute; beyond it those that are not known already "
                "are refused without a look. 0 = no limit."),
        field("call_seconds", &LimitsConfig::call_seconds).min(1).max(3600).doc("Longest time for one call."),
        field("streams_per_caller", &LimitsConfig::streams_per_caller)
            .min(0)
            .max(1'000'000)
            .doc("Live subscriptions (streams of events) that one caller may have open; 0 = no limit."),
        field("streams", &LimitsConfig::streams)
            .min(0)
            .max(1'000'000)
            .doc("Live subscriptions of all callers that may be open; 0 = no limit."));
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
            .doc("Connections for writing, each with a thread; PostgreSQL only."),
        field("jobs", &ThreadsConfig::jobs)
            .min(0)
            .max(1024)
            .doc("Threads that run background jobs, beside one that finds them; 0 = none."),
        field("events", &ThreadsConfig::events)
            .doc("One thread that follows new events while there are live subscriptions."),
        field("queue", &ThreadsConfig::queue)
            .doc("With work.queue, one thread that sends to it, and where jobs run one that receives."));
}

StructType describe(Type<WorkConfig>) {
    return structure<WorkConfig>(
        "WorkConfig",
        field("lease_seconds", &WorkConfig::lease_seconds)
            .min(5)
            .max(3600)
            .doc("How long a background job stays with a worker that is not heard of any more."),
        field("housekeeping", &WorkConfig::housekeeping)
            .doc("The library's own schedules run: they seal the audit every minute and remove what has expired."),
        field("queue", &WorkConfig::queue)
            .secret()
            .max(4096)
            .doc("URL of a queue that wakes workers of other processes at once, such as redis://host?queue=jobs. "
                 "Empty: none; they look into the database once a second, and PostgreSQL wakes them too."),
        field("signals", &WorkConfig::signals)
            .secret()
            .max(4096)
            .doc("Redis over which processes tell each other of jobs and events where the database cannot, such as "
                 "redis://host?queue=nexpo."));
}

StructType describe(Type<GatewayConfig>) {
    return structure<GatewayConfig>(
        "GatewayConfig",
        field("cors_origins", &GatewayConfig::cors_origins)
            .max(1000)
            .doc("Origins whose pages may read answers in a browser (CORS): https://app.example.com, "
                 "https://*.example.com for all with one more label, or only * for every one."),
        field("cors_credentials", &GatewayConfig::cors_credentials)
            .doc("Pages of these origins may send cookies and certificates. Access tokens do not need it."),
        field("cors_max_age_seconds", &GatewayConfig::cors_max_age_seconds)
            .min(0)
            .max(86'400)
            .doc("How long a browser may rely on what these settings allowed."),
        field("hsts_seconds", &GatewayConfig::hsts_seconds)
            .min(0)
            .max(63'072'000)
            .doc("How long browsers shall use nothing but TLS for this host, told in answers over TLS; 0 = not told."),
        field("compress", &GatewayConfig::compress)
            .doc("Answers are compressed (gzip) for clients that accept it, never those with credentials."),
        field("compress_min_bytes", &GatewayConfig::compress_min_bytes)
            .min(1)
            .max(1'073'741'824)
            .doc("Shorter answers are sent as they are."),
        field("operations", &GatewayConfig::operations)
            .doc("The operations are served. Off: only health and metrics, for a process that works."),
        field("body_bytes", &GatewayConfig::body_bytes)
            .min(0)
            .max(8'388'608)
            .doc("Longest request body, as sent and after decompression; longer ones are answered 413."));
}

StructType describe(Type<OutboundConfig>) {
    return structure<OutboundConfig>(
        "OutboundConfig",
        field("proxy", &OutboundConfig::proxy)
            .secret()
            .doc("The one proxy for HTTP requests to others, http://user:password@host:port; empty: none."),
        field("ca_file", &OutboundConfig::ca_file).max(4096).doc("PEM of the trusted roots; empty: the system's."),
        field("allowed_networks", &OutboundConfig::allowed_networks)
            .max(1000)
            .doc("Networks (10.0.0.0/8) that URLs given by users may lead to, beside the public Internet."),
        field("allowed_hosts", &OutboundConfig::allowed_hosts)
            .max(1000)
            .doc("Names of hosts that URLs given by users may lead to, whatever their addresses."));
}

StructType describe(Type<NotificationConfig>) {
    return structure<NotificationConfig>(
        "NotificationConfig",
        field("allow_http", &NotificationConfig::allow_http).doc("URLs of webhooks may be http://; for development."),
        field("webhooks_per_organization", &NotificationConfig::webhooks_per_organization)
            .min(1)
            .max(1000)
            .doc("How many webhooks an organization may have."),
        field("webhook_concurrency", &NotificationConfig::webhook_concurrency)
            .min(1)
            .max(1000)
            .doc("How many messages are under way to one webhook at a time."),
        field("webhook_timeout_seconds", &NotificationConfig::webhook_timeout_seconds)
            .min(1)
            .max(30)
            .doc("How long one attempt to deliver a message may take."));
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
        field("migrate", &Config::migrate)
            .doc("The database and its tables are made and brought up to date. Else one that is missing or of another "
                 "version is refused."),
        field("sealing_key", &Config::sealing_key)
            .secret()
            .doc("32 bytes as base64, base64url or hex. Empty: a key kept in the database, which protects nothing from "
                 "whoever has the file."),
        field("sealing_keys_old", &Config::sealing_keys_old)
            .secret()
            .doc("Keys that only open what they sealed, with commas or white space between them. For changing the "
                 "key."),
        field("create_organizations", &Config::create_organizations)
            .doc("The application's own calls create a missing organization on their first write."),
        field("auth", &Config::auth), field("limits", &Config::limits), field("gateway", &Config::gateway),
        field("threads", &Config::threads), field("work", &Config::work), field("outbound", &Config::outbound),
        field("notification", &Config::notification), hidden(&Config::operations), hidden(&Config::jobs),
        hidden(&Config::migrations), hidden(&Config::queue), hidden(&Config::log), hidden(&Config::clock),
        hidden(&Config::random));
}

}  // namespace nexpo::inline v1
