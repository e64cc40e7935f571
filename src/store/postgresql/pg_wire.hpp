// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nexpo/time.hpp"
#include "store/postgresql/pg_url.hpp"
#include "store/postgresql/pg_wakeup.hpp"
#include "store/store.hpp"

struct pg_conn;
struct pg_result;

namespace nexpo::store {

struct PgClear {
    void operator()(pg_result* result) const noexcept;
    void operator()(pg_conn* connection) const noexcept;
};
using PgResult = std::unique_ptr<pg_result, PgClear>;

/// When to stop waiting for a server.
struct PgPatience {
    ReadLimits const* limits = nullptr;  ///< Null: wait as long as the connection lives.
    Clock* clock = nullptr;              ///< Of the deadline.
    std::chrono::milliseconds silence = std::chrono::milliseconds::max();  ///< Given up when nothing comes for so long.
};

/// A libpq connection in pipeline mode, each wait of which can be stopped. Used by one thread at a time.
class PgWire {
 public:
    /// Tries the URL's hosts from `first` on, and leaves in it the one that answered. `detail` says for the operator
    /// what went wrong. Errors: unavailable, cancelled, deadline_exceeded.
    static Result<std::unique_ptr<PgWire>> connect(PgUrl const& url, PgUse use, PgPatience patience, std::size_t& first,
                                                   std::string& detail);
    ~PgWire();

    pg_conn* get() const noexcept { return connection_.get(); }
    bool lost() const noexcept;
    /// Hands what was queued to the operating system. False when the connection is lost.
    Result<bool> flush(PgPatience patience);
    /// What the server answers next; null at the end of one statement's answer, and when the connection is lost.
    Result<PgResult> next(PgPatience patience);
    /// Runs statements without parameters, outside the pipeline, which must be empty.
    Result<PgResult> run_script(std::string const& sql);

 private:
    enum class Event { read, write, both };

    PgWire();
    Result<void> open(std::string const& text, PgPatience patience, std::string& detail);
    Result<void> wait(Event event, PgPatience patience);

    std::unique_ptr<pg_conn, PgClear> connection_;
    std::unique_ptr<PgWakeup> wakeup_;
};

}  // namespace nexpo::store
