// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/result.hpp"

namespace nexpo::store {

/// What a connection is for.
enum class PgUse : std::uint8_t {
    read,     ///< Snapshots: REPEATABLE READ, READ ONLY.
    write,    ///< SERIALIZABLE, or READ COMMITTED where `Access::locks_rows`.
    migrate,  ///< READ COMMITTED, so that it sees what another process committed while it waited for the lock.
};

/// A parsed `postgresql://…`. It holds the password: print nothing of it but `name()`.
class PgUrl {
 public:
    static bool is_one(std::string_view url);
    /// Errors: invalid_argument with a violation at `setting`, such as `/database`, that repeats nothing of the URL.
    static Result<PgUrl> parse(std::string_view url, std::string_view setting);

    /// What libpq connects to the host of this number with. Every parameter is given, so that libpq takes none from
    /// the environment or the home directory.
    std::string connection_text(std::size_t host, PgUse use) const;
    std::size_t hosts() const noexcept { return hosts_.size(); }
    std::string const& user() const noexcept { return values_.at("user"); }
    /// False behind a pooler that gives every transaction another session: nothing may rest on the session.
    bool prepares() const noexcept { return prepares_; }
    std::chrono::milliseconds connect_timeout() const noexcept { return connect_timeout_; }
    /// Hosts and database, for the log.
    std::string name() const;
    /// Takes any server, also one that only replays what another one wrote.
    void allow_standby();
    /// How long a statement of a read or a write waits for a lock, unless the URL's own options say otherwise.
    void limit_lock_waits(std::chrono::milliseconds longest) noexcept { lock_timeout_ = longest; }
    /// What says so in each transaction where the session cannot; empty where it can.
    std::string lock_statement(PgUse use) const;

 private:
    struct Host {
        std::string name;
        std::string address;
        std::string port;
    };

    PgUrl() = default;
    bool take_hosts();
    std::string given_options() const;
    std::string options_of(PgUse use) const;

    std::map<std::string, std::string> values_;  ///< What the URL gives, and what else is not libpq's default.
    std::vector<Host> hosts_;
    bool prepares_ = true;
    std::chrono::milliseconds connect_timeout_{10'000};
    std::chrono::milliseconds lock_timeout_{0};  ///< 0: for ever.
};

}  // namespace nexpo::store
