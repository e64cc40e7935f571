// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Everything that decides how a backend runs.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/log.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/store.hpp"
#include "nexpo/time.hpp"
#include "nexpo/work.hpp"

namespace nexpo::inline v1 {

/// What access tokens are signed with.
enum class SigningAlgorithm : std::uint8_t {
    es256,  ///< ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4); every verifier knows it.
    eddsa,  ///< Ed25519 (RFC 8037).
};

/// The algorithms' names in settings.
constexpr std::array<std::string_view, 2> enum_names(SigningAlgorithm) {
    return {"es256", "eddsa"};
}

/// Sign-in.
struct AuthConfig {
    bool open_registration = false;            ///< Anybody may sign up and gets an organization of their own.
    std::string issuer = "nexpo";              ///< The `iss` and `aud` of access tokens.
    std::int64_t access_token_seconds = 900;   ///< Life of an access token, 60 to 86,400.
    std::int64_t session_seconds = 2'592'000;  ///< Life of a session without a refresh, 300 to 31,536,000.
    std::int64_t hash_memory_mib = 76;  ///< Memory for hashing passwords at the same time; one hash takes 19 MiB.
    std::int64_t hash_queue = 16;       ///< Sign-ins that may wait for a hash; more are refused at once.
    SigningAlgorithm signing_algorithm = SigningAlgorithm::es256;  ///< Another one than before makes a new key.
    std::int64_t signing_key_days = 90;              ///< Age at which a new key takes over; 0 = never by itself.
    std::int64_t signing_key_publish_seconds = 600;  ///< How long a new key is published before it signs.
};

/// Limits against abuse. The system caller has none.
struct LimitsConfig {
    std::int64_t address_per_minute = 20;  ///< Credential calls per client address; 0 = no limit.
    std::int64_t account_per_minute = 10;  ///< Credential calls per account; 0 = no limit.
    std::int64_t caller_per_minute = 600;  ///< Other calls per caller; 0 = no limit.
    /// Refused tokens and API keys per client address; beyond it unknown ones are refused unseen. 0 = no limit.
    std::int64_t failed_identity_per_minute = 60;
    std::int64_t call_seconds = 30;        ///< Longest time for one call.
    std::int64_t streams_per_caller = 20;  ///< Live subscriptions of one caller in this process; 0 = no limit.
    std::int64_t streams = 10'000;         ///< The same of all callers.
};

/// Threads that the library starts, besides the one writer of an SQLite database.
struct ThreadsConfig {
    std::int64_t hash = 0;  ///< Threads that hash passwords; 0 = one per core, as far as `auth.hash_memory_mib` allows.
    std::int64_t readers = 8;   ///< Connections for reading, used on the callers' threads.
    std::int64_t writers = 16;  ///< Connections for writing, each with a thread; PostgreSQL only.
    std::int64_t jobs = 4;      ///< Threads that run jobs, and one that finds them; 0 = none: call `Backend::work`.
    bool events = true;         ///< One thread that follows new events while there are live subscriptions.
    /// One thread that sends to the queue of `work.queue` or `Config::queue`, and where `jobs` run another one that
    /// receives from it. Without them `Backend::work` sends, and nobody receives.
    bool queue = true;
};

/// Background jobs.
struct WorkConfig {
    /// How long a job stays with a worker that is not heard of any more, 5 to 3,600. It is renewed while the job runs.
    std::int64_t lease_seconds = 30;
    /// The library's own schedules run: they seal the audit every minute, and remove expired sessions, and answers and
    /// events that are too old. What is left of the audit is sealed when the backend closes. Off: another process on
    /// the database does it.
    bool housekeeping = true;
    /// A queue outside of the database that wakes workers of other processes at once, such as
    /// `redis://host?queue=jobs`; a message carries the id of a due job. Empty: none.
    Secret queue{};
    /// Redis, over which processes tell each other at once that there are jobs or events, such as
    /// `redis://host?queue=nexpo`, where the database cannot: several on one SQLite file, or behind a pooler of
    /// PostgreSQL. Empty: PostgreSQL's NOTIFY, and on SQLite they look once a second.
    Secret signals{};
};

/// Answers over HTTP, whatever server carries them.
struct GatewayConfig {
    /// Origins whose pages may read answers in a browser (CORS): `https://app.example.com`, `https://*.example.com` for
    /// all with exactly one more label, or only `*` for every one. Empty: those of no other origin.
    std::vector<std::string> cors_origins{};
    /// Pages of these origins may send cookies, certificates and HTTP sign-in. Access tokens do not need it.
    bool cors_credentials = false;
    std::int64_t cors_max_age_seconds = 600;  ///< How long a browser may rely on the answer to a preflight, to 86,400.
    std::int64_t hsts_seconds = 0;            ///< `Strict-Transport-Security` of answers over TLS; 0 = not sent.
    bool compress = true;                     ///< Answers are compressed (gzip) for clients that accept it.
    std::int64_t compress_min_bytes = 1024;   ///< Shorter answers are sent as they are.
    /// The operations are served. Off: only what says how the process is (`/health/…`, `/metrics`), for one that works.
    bool operations = true;
    std::int64_t body_bytes = 1'048'576;  ///< Longest request body, after decompression; at most 8 MiB.
};

/// HTTP requests to others.
struct OutboundConfig {
    /// The one proxy for everything, `http://user:password@host:port`; empty: none. Neither the environment nor
    /// `no_proxy` is asked.
    Secret proxy{};
    std::string ca_file{};  ///< PEM of the trusted roots; empty: the system's.
    /// Networks in CIDR notation that URLs given by users may lead to, beside the public Internet.
    std::vector<std::string> allowed_networks{};
    std::vector<std::string> allowed_hosts{};  ///< Names of hosts, likewise, whatever their addresses.
};

/// Webhooks.
struct NotificationConfig {
    bool allow_http = false;                      ///< URLs of webhooks may be `http://…`; for development.
    std::int64_t webhooks_per_organization = 20;  ///< 1 to 1,000.
    std::int64_t webhook_concurrency = 20;        ///< Messages under way to one webhook at a time, 1 to 1,000.
    std::int64_t webhook_timeout_seconds = 15;    ///< For one attempt, 1 to 30.
};

/// How a backend runs. Only `database` has no useful default.
struct Config {
    std::string database{};  ///< `sqlite:<file>` or `postgresql://user:password@host:port/database`.
    /// PostgreSQL: the same database, with the role that owns the tables; empty: the role of `database` does. It
    /// migrates and gives the role of `database` what that one needs.
    Secret database_owner{};
    std::vector<std::string> database_replicas{};   ///< PostgreSQL: standby servers to read from.
    std::int64_t database_replica_lag_seconds = 5;  ///< A replica that is further behind is not read from.
    /// The database and its tables are made and brought up to date. Else one that is missing or not of this version is
    /// refused, with `failed_precondition`.
    bool migrate = true;
    Secret sealing_key{};       ///< 32 bytes as base64, base64url or hex; empty: a key kept in the database (weak).
    Secret sealing_keys_old{};  ///< Keys that only open what they sealed, with commas or white space between them.
    bool create_organizations = true;   ///< `as_system(slug)` creates a missing organization on its first write.
    AuthConfig auth{};                  ///< Sign-in.
    LimitsConfig limits{};              ///< Limits against abuse.
    GatewayConfig gateway{};            ///< Answers over HTTP.
    ThreadsConfig threads{};            ///< Threads that the library starts.
    WorkConfig work{};                  ///< Background jobs.
    OutboundConfig outbound{};          ///< HTTP requests to others.
    NotificationConfig notification{};  ///< Webhooks.

    OperationTable operations{};          ///< Operations, hooks and grants of the application.
    JobTable jobs{};                      ///< Background jobs of the application.
    std::vector<Migration> migrations{};  ///< Tables of the application.
    std::shared_ptr<Queue> queue{};       ///< A queue of the application's own instead of `work.queue`; null: none.
    std::shared_ptr<LogSink> log{};       ///< Where log records go; null: nowhere.
    std::shared_ptr<Clock> clock{};       ///< Null: the system's.
    std::shared_ptr<Random> random{};     ///< Null: the system's.
};

/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<AuthConfig>);
/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<LimitsConfig>);
/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<ThreadsConfig>);
/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<WorkConfig>);
/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<GatewayConfig>);
/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<OutboundConfig>);
/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<NotificationConfig>);
/// Describes the settings; hosts read environment, files and flags by it.
NEXPO_API StructType describe(Type<Config>);

/// Checks settings by their description and beyond it, and opens nothing; `Backend::open` does the same first.
/// Errors: invalid_argument (`validation_failed`), with a JSON pointer for each setting that is wrong.
NEXPO_API Result<void> check_config(Config const& config);

}  // namespace nexpo::inline v1
