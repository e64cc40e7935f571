// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_error.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace nexpo::store {

namespace {

constexpr std::chrono::seconds kSoon{1};

struct Meaning {
    std::string_view state;  ///< A code, or the class that it begins with.
    Errc code;
    char const* reason;
    char const* message;
    bool again;
};

/// The first that fits counts.
constexpr std::array kMeanings{
    Meaning{"40001", Errc::aborted, "write_conflict", "others changed the same records at the same time", true},
    Meaning{"40P01", Errc::aborted, "write_conflict", "others changed the same records at the same time", true},
    Meaning{"23505", Errc::already_exists, "conflict", "a record with these values exists", false},
    Meaning{"23", Errc::failed_precondition, "constraint_violated", "a rule of the database forbids this", false},
    Meaning{"22021", Errc::invalid_argument, "text_invalid", "the database cannot hold this text", false},
    Meaning{"22P05", Errc::invalid_argument, "text_invalid", "the database cannot hold this text", false},
    Meaning{"25006", Errc::unavailable, "database_unavailable", "the database may only be read", true},
    Meaning{"26000", Errc::unavailable, "database_unavailable", "the database lost a prepared statement", true},
    Meaning{"28", Errc::unavailable, "database_refused", "the database refuses the user", false},
    Meaning{"3D000", Errc::unavailable, "database_refused", "the server has no such database", false},
    Meaning{"53100", Errc::unavailable, "storage_full", "the disk of the database is full", false},
    Meaning{"53300", Errc::unavailable, "database_busy", "the database has no connection to spare", true},
    Meaning{"53", Errc::unavailable, "database_unavailable", "the database is out of resources", true},
    Meaning{"55P03", Errc::unavailable, "database_busy", "a lock of the database is held by others", true},
    Meaning{"57014", Errc::unavailable, "database_busy", "the database stopped the statement", true},
    Meaning{"57P", Errc::unavailable, "database_unavailable", "the database is not ready", true},
    Meaning{"58030", Errc::unavailable, "storage_failed", "the disk of the database does not answer", false},
    Meaning{"08P01", Errc::internal, "sql_failed", "", false},
    Meaning{"08", Errc::unavailable, "database_unavailable", "the database does not answer", true},
    Meaning{"XX001", Errc::data_loss, "database_damaged", "the database is damaged", false},
    Meaning{"XX002", Errc::data_loss, "database_damaged", "the database is damaged", false},
};

}  // namespace

Error pg_error(std::string_view state, std::string_view message, std::string_view what) {
    auto const found =
        std::ranges::find_if(kMeanings, [&](Meaning const& meaning) { return state.starts_with(meaning.state); });
    if (found == kMeanings.end() || found->code == Errc::internal) {
        return {Errc::internal, "sql_failed",
                std::string(what).append(": ").append(message).append(" (").append(state).append(")")};
    }
    Error error{found->code, found->reason, found->message};
    if (found->again) error.retry_after = kSoon;
    return error;
}

bool pg_is_conflict(std::string_view state) {
    return state == "40001" || state == "40P01";
}

bool pg_ends_session(std::string_view state) {
    // 25006: the server has become a standby; 26000: somebody discarded the prepared statements.
    return state.starts_with("57P") || (state.starts_with("08") && state != "08P01") || state == "25006" ||
           state == "26000";
}

Error pg_unavailable() {
    return pg_error("08006", {}, {});
}

Error pg_replay_conflict() {
    Error error{Errc::unavailable, "database_unavailable", "the replica stopped a read to replay what was written"};
    error.retry_after = kSoon;
    return error;
}

}  // namespace nexpo::store
