// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_store.hpp"

#include <libpq-fe.h>

#include <string>
#include <utility>

#include "store/call_errors.hpp"
#include "store/guarded.hpp"
#include "store/postgresql/pg_migration.hpp"
#include "store/reading_from.hpp"

namespace nexpo::store {

namespace {

constexpr int kOldestServer = 140'000;

std::shared_ptr<PgServer> server(PgUrl const& url, PgUse use, StoreOptions const& options) {
    // Reads are limited by who calls, and migrations by nobody.
    auto const silence = use == PgUse::write ? options.answer_timeout : std::chrono::milliseconds::max();
    return std::make_shared<PgServer>(url, use, silence, options.clock, options.log);
}

}  // namespace

Result<PgStore::Urls> PgStore::parse(StoreOptions const& options) {
    auto application = PgUrl::parse(options.url, "/database");
    if (!application) return std::move(application).error();
    application->limit_lock_waits(options.busy_timeout);
    Urls urls{std::move(*application), std::nullopt, {}};
    if (!options.owner_url.empty()) {
        auto owner = PgUrl::parse(options.owner_url.reveal(), "/database_owner");
        if (!owner) return std::move(owner).error();
        urls.owner = std::move(*owner);
    }
    for (auto const& url : options.replica_urls) {
        auto const setting = "/database_replicas/" + std::to_string(urls.replicas.size());
        auto replica = PgUrl::parse(url, setting);
        if (!replica) return std::move(replica).error();
        if (replica->hosts() > 1) {
            return Error{Errc::invalid_argument,
                         "validation_failed",
                         "the database is not supported",
                         {{setting, "host", "must name one host: each replica has a URL of its own"}}};
        }
        replica->limit_lock_waits(options.busy_timeout);
        replica->allow_standby();
        urls.replicas.push_back(std::move(*replica));
    }
    return urls;
}

Result<std::unique_ptr<Store>> PgStore::open(StoreOptions options) {
    auto urls = parse(options);
    if (!urls) return std::move(urls).error();
    std::unique_ptr<PgStore> store(new PgStore(std::move(options), std::move(*urls)));
    if (auto connected = store->connect(); !connected) return std::move(connected).error();
    return std::unique_ptr<Store>(std::move(store));
}

PgStore::PgStore(StoreOptions options, Urls urls)
    : options_(std::move(options)),
      urls_(std::move(urls)),
      reading_(server(urls_.application, PgUse::read, options_)),
      pool_(reading_, options_.readers),
      replicas_([this]() -> std::unique_ptr<PgReplicas> {
          if (urls_.replicas.empty()) return nullptr;
          std::vector<std::shared_ptr<PgServer>> servers;
          servers.reserve(urls_.replicas.size());
          for (auto const& url : urls_.replicas) servers.push_back(server(url, PgUse::read, options_));
          return std::make_unique<PgReplicas>(servers, reading_, pool_, options_.readers, options_.replica_lag);
      }()),
      writers_(server(urls_.application, PgUse::write, options_), options_.writers,
               replicas_ ? PgWriters::Wrote([this](PgWriters::Written const& written) { replicas_->wrote(written); })
                         : nullptr),
      signals_(server(urls_.application, PgUse::write, options_)) {}

PgStore::~PgStore() {
    close();
}

/// Finds out what is wrong while somebody is there to read it.
Result<void> PgStore::connect() {
    auto wire = reading_->connect_first();
    if (!wire) return std::move(wire).error();
    if (PQserverVersion((*wire)->get()) < kOldestServer) {
        return Error{Errc::failed_precondition, "database_too_old", "PostgreSQL 14 or newer is needed"};
    }
    if (auto added = pool_.add(std::move(*wire)); !added) return added;
    return read({Scope::installation()}, {}, [&](Read& read) { return look_at_role(read); });
}

Result<void> PgStore::look_at_role(Read& read) const {
    auto const& role = urls_.application.user();
    auto const bypasses =
        read.one<bool>("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user", {});
    if (!bypasses) return bypasses.error();
    if (bypasses->value_or(false)) {
        options_.log.warning(
            "the database's role may see the rows of every organization: use one without SUPERUSER and"
            " BYPASSRLS",
            {{"role", role}});
    }
    if (!urls_.owner || urls_.owner->user() == role) return {};
    auto const creates = read.one<bool>("SELECT has_schema_privilege(current_user, current_schema(), 'CREATE')", {});
    if (!creates) return creates.error();
    if (creates->value_or(false)) {
        options_.log.warning(
            "the database's role may put functions in the way of the owner's: REVOKE CREATE ON SCHEMA public FROM"
            " PUBLIC",
            {{"role", role}});
    }
    return {};
}

Result<void> PgStore::migrate(std::span<Migration const> migrations) {
    auto const migrating = server(urls_.owner.value_or(urls_.application), PgUse::migrate, options_);
    auto wire = migrating->connect_first();
    if (!wire) return std::move(wire).error();
    PgConnection connection(migrating);
    if (auto adopted = connection.adopt(std::move(*wire)); !adopted) return adopted;
    return migrate_postgresql(connection, urls_.application.user(), migrations, options_.clock->now());
}

Result<void> PgStore::read(Access const& access, ReadLimits const& limits, ReadFunction function) {
    if (limits.stop.stop_requested()) return stopped_error();
    if (ReadingFrom::is(this)) return nested_read_error();
    ReadingFrom const nesting(this);
    auto* pool = replicas_ ? replicas_->choose(access) : nullptr;
    auto taken = take(pool, limits);
    if (!taken) return std::move(taken).error();
    auto connection = std::move(*taken);

    connection->begin(&limits, access.scope);
    auto result = guarded("read_failed", [&] {
        Read snapshot(*connection);
        return function(snapshot);
    });
    connection->finish();
    if (connection->strayed() && replicas_) replicas_->avoid(pool);
    pool->give_back(std::move(connection));
    return result;
}

/// From the replica that was chosen, or else from the primary.
Result<std::unique_ptr<PgConnection>> PgStore::take(PgPool*& pool, ReadLimits const& limits) {
    if (pool != nullptr) {
        auto taken = pool->take(limits);
        if (taken || taken.error().code != Errc::unavailable) return taken;
        replicas_->avoid(pool);
    }
    pool = &pool_;
    return pool->take(limits);
}

void PgStore::write(Access access, WriteClosure closure, WriteDone done) {
    writers_.submit(std::move(access), std::move(closure), std::move(done));
}

StoreStats PgStore::stats() const {
    auto stats = writers_.stats();
    stats.connections += pool_.open() + (replicas_ ? replicas_->open() : 0);
    stats.readers_waiting = pool_.waiting();
    return stats;
}

void PgStore::close() {
    signals_.close();
    writers_.close();
    if (replicas_) replicas_->close();
    pool_.close();
}

}  // namespace nexpo::store
