// SPDX-License-Identifier: Apache-2.0
#include "store/store.hpp"

#include <future>

#include "store/migrate.hpp"
#include "store/postgresql/pg_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace nexpo::store {

namespace {

constexpr std::string_view kSqlite = "sqlite:";

Error unsupported(char const* setting, char const* rule, char const* what) {
    return {Errc::invalid_argument, "validation_failed", "the database is not supported", {{setting, rule, what}}};
}

}  // namespace

Result<void> Store::write_and_wait(Access access, WriteClosure closure) {
    // Shared, because the answering thread may still be inside set_value when the future is ready.
    auto const promise = std::make_shared<std::promise<Result<void>>>();
    auto future = promise->get_future();
    write(std::move(access), std::move(closure),
          [promise](Result<void> result) { promise->set_value(std::move(result)); });
    return future.get();
}

Result<void> Store::check(std::span<Migration const> migrations) {
    return read({Scope::installation()}, {}, [&](Read& read) { return check_migrations(read.session(), migrations); });
}

Result<std::unique_ptr<Store>> open_store(StoreOptions options) {
    if (PgUrl::is_one(options.url)) return PgStore::open(std::move(options));
    if (!options.url.starts_with(kSqlite)) {
        return unsupported("/database", "scheme", "must start with sqlite: or postgresql:");
    }
    if (!options.owner_url.empty()) return unsupported("/database_owner", "scheme", "a file has no roles");
    if (!options.replica_urls.empty()) return unsupported("/database_replicas", "scheme", "a file has no replicas");
    auto path = options.url.substr(kSqlite.size());
    if (path.empty() || path.starts_with(":memory:") || path.starts_with("file:")) {
        return unsupported("/database", "path", "must name a file after sqlite:");
    }
    return SqliteStore::open(std::move(path), std::move(options));
}

}  // namespace nexpo::store
