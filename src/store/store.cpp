// SPDX-License-Identifier: Apache-2.0
#include "store/store.hpp"

#include <future>

#include "store/sqlite/sqlite_store.hpp"

namespace nexpo::store {

namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

Result<void> Store::write_and_wait(Access access, WriteClosure closure) {
    // Shared, because the answering thread may still be inside set_value when the future is ready.
    auto const promise = std::make_shared<std::promise<Result<void>>>();
    auto future = promise->get_future();
    write(std::move(access), std::move(closure),
          [promise](Result<void> result) { promise->set_value(std::move(result)); });
    return future.get();
}

Result<std::unique_ptr<Store>> open_store(StoreOptions options) {
    if (!options.url.starts_with(kSqlite)) {
        return Error{Errc::invalid_argument,
                     "validation_failed",
                     "the database is not supported",
                     {{"/database", "scheme", "must start with sqlite:"}}};
    }
    auto path = options.url.substr(kSqlite.size());
    if (path.empty() || path.starts_with(":memory:") || path.starts_with("file:")) {
        return Error{Errc::invalid_argument,
                     "validation_failed",
                     "the database is not supported",
                     {{"/database", "path", "must name a file after sqlite:"}}};
    }
    return SqliteStore::open(std::move(path), std::move(options));
}

}  // namespace nexpo::store
