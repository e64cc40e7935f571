// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "support/temp_dir.hpp"
#include "support/test_postgresql.hpp"

namespace nexpo::inline v1::testing {

/// PgBouncer before the server that listens in a directory, on a socket in a directory of its own.
class PgBouncer {
 public:
    PgBouncer(std::string const& server_directory, std::string const& settings) {
        directory_.let_others_in();
        std::ofstream(directory_.file("users.txt")) << "\"nexpo_app\" \"\"\n\"nexpo_owner\" \"\"\n";
        std::ofstream(directory_.file("pgbouncer.ini"))
            << "[databases]\n* = host=" << server_directory << "\n[pgbouncer]\nlisten_port = 6432\nlisten_addr =\n"
            << "unix_socket_dir = " << directory_.path().string()
            << "\nauth_type = trust\nauth_file = " << directory_.file("users.txt") << "\n"
            << settings << "\n";
        chown_to_postgres();
        process_ = fork();
        if (process_ == 0) {
            auto const file = directory_.file("pgbouncer.ini");
            if (geteuid() == 0) {
                execlp("setpriv", "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
                       "/usr/sbin/pgbouncer", "-q", file.c_str(), nullptr);
            } else {
                execl("/usr/sbin/pgbouncer", "pgbouncer", "-q", file.c_str(), nullptr);
            }
            _exit(127);
        }
        auto const socket = directory_.path() / ".s.PGSQL.6432";
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!std::filesystem::exists(socket)) {
            if (std::chrono::steady_clock::now() > end) throw std::runtime_error("pgbouncer does not start");
            std::this_thread::yield();
        }
    }
    PgBouncer(PgBouncer const&) = delete;
    PgBouncer& operator=(PgBouncer const&) = delete;
    ~PgBouncer() {
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }

    std::string url(std::string_view role, std::string_view database, std::string_view parameters) const {
        return PostgresServer::url_at(directory_.path().string(), role, database,
                                      "port=6432&" + std::string(parameters));
    }

 private:
    void chown_to_postgres() const {
        if (geteuid() != 0) return;
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0777));
    }

    TempDir directory_;
    pid_t process_ = 0;
};

}  // namespace nexpo::inline v1::testing
