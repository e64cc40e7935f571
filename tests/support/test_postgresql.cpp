// SPDX-License-Identifier: Apache-2.0
#include "support/test_postgresql.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace nexpo::inline v1::testing {

namespace {

std::string script_command(std::string const& arguments) {
    return std::string("'") + NEXPO_TEST_SUPPORT + "/postgresql.sh' " + arguments;
}

void script(std::string const& arguments) {
    auto const command = script_command(arguments);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

std::string shell_word(std::string const& text) {
    return "'" + text + "'";
}

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> const& settings) : directory_(parent_.file("pg")) {
    parent_.let_others_in();
    std::string arguments = "start " + shell_word(directory_);
    for (auto const& setting : settings) arguments += " " + shell_word(setting);
    script(arguments);
}

PostgresServer::PostgresServer(PostgresServer const* primary) : directory_(parent_.file("pg")) {
    parent_.let_others_in();
    script("standby " + shell_word(directory_) + " " + shell_word(primary->directory_));
}

PostgresServer::~PostgresServer() {
    try {
        script("remove " + shell_word(directory_));
    } catch (std::exception const&) {
        return;  // what is left in the temporary directory fails no test
    }
}

void PostgresServer::stop(std::string const& mode) const {
    script("stop " + shell_word(directory_) + " " + mode);
}

void PostgresServer::start() const {
    script("start " + shell_word(directory_));
}

void PostgresServer::promote() const {
    script("promote " + shell_word(directory_));
}

void PostgresServer::freeze() const {
    script("freeze " + shell_word(directory_));
}

void PostgresServer::thaw() const {
    script("thaw " + shell_word(directory_));
}

std::string PostgresServer::url(std::string_view role, std::string_view database, std::string_view parameters) const {
    return url_at(directory_, role, database, parameters);
}

std::string PostgresServer::run(std::string const& sql, std::string const& database) const {
    return run_at(directory_, sql, database);
}

std::string PostgresServer::crash_command(std::string const& directory) {
    return script_command("stop " + shell_word(directory) + " immediate");
}

std::string PostgresServer::start_command(std::string const& directory) {
    return script_command("start " + shell_word(directory));
}

std::string PostgresServer::shared_directory() {
    constexpr std::string_view kScheme = "postgresql:";
    auto const* database = std::getenv("NEXPO_TEST_DATABASE");
    if (database == nullptr || !std::string_view(database).starts_with(kScheme)) {
        throw std::runtime_error("NEXPO_TEST_DATABASE names no server; run the test with ctest");
    }
    return std::string(database).substr(kScheme.size());
}

std::string PostgresServer::url_at(std::string const& directory, std::string_view role, std::string_view database,
                                   std::string_view parameters) {
    return std::string("postgresql://")
        .append(role)
        .append("@/")
        .append(database)
        .append("?host=")
        .append(directory)
        .append(parameters.empty() ? "" : "&")
        .append(parameters);
}

std::string PostgresServer::run_at(std::string const& directory, std::string const& sql, std::string const& database,
                                   std::string const& port) {
    auto const url = url_at(directory, "postgres", database, "port=" + port);
    std::unique_ptr<PGconn, decltype(&PQfinish)> const connection(PQconnectdb(url.c_str()), &PQfinish);
    PQsetNoticeReceiver(
        connection.get(), [](void*, PGresult const*) {}, nullptr);
    std::unique_ptr<PGresult, decltype(&PQclear)> const result(PQexec(connection.get(), sql.c_str()), &PQclear);
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
    }
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

PostgresDatabase::PostgresDatabase(std::string directory) : directory_(std::move(directory)) {
    static std::atomic<int> count = 0;
    name_ = "test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
    PostgresServer::run_at(directory_, "CREATE DATABASE " + name_ + " OWNER nexpo_owner STRATEGY FILE_COPY",
                           "postgres");
}

PostgresDatabase::~PostgresDatabase() {
    try {
        PostgresServer::run_at(directory_, "DROP DATABASE " + name_ + " WITH (FORCE)", "postgres");
    } catch (std::exception const&) {
        return;  // the server may be down
    }
}

}  // namespace nexpo::inline v1::testing
