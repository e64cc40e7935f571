// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "integration/postgresql/server_store.hpp"

namespace nexpo::inline v1::testing {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

void shell(std::string const& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

std::string free_port() {
    int const socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    close(socket_);
    return std::to_string(ntohs(address.sin_port));
}

/// A private authority, and certificates of it for `localhost` and for the client `nexpo_app`.
class Certificates {
 public:
    Certificates() {
        directory_.let_others_in();
        shell("cd '" + directory_.path().string() + R"sh('
exec >/dev/null 2>&1 && set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Test authority' -keyout ca.key -out ca.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Other authority' -keyout other.key -out other.pem
issue() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -addext "subjectAltName=DNS:$2" -keyout "$1.key" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out "$1.pem"
}
issue server localhost && issue client nexpo_app
chmod 600 client.key server.key
[ "$(id -u)" != 0 ] || chown postgres server.key)sh");
    }
    std::string file(std::string const& name) const { return directory_.file(name); }

 private:
    TempDir directory_;
};

TEST(PostgresTls, TheServerIsWhoItShouldBe) {
    Certificates const certificates;
    auto const port = free_port();
    PostgresServer const server({"ssl=on", "ssl_cert_file=" + certificates.file("server.pem"),
                                 "ssl_key_file=" + certificates.file("server.key"),
                                 "ssl_ca_file=" + certificates.file("ca.pem"), "listen_addresses=127.0.0.1",
                                 "port=" + port});
    // Only those with a certificate come in over the network.
    auto const rules = server.directory() + "/data/pg_hba.conf";
    std::ofstream(rules, std::ios::trunc) << "local all all trust\nhostssl all all 127.0.0.1/32 cert\n";
    PostgresServer::run_at(server.directory(), "SELECT pg_reload_conf()", "postgres", port);

    auto const open = [&](std::string const& host, std::string const& parameters) {
        auto const opened = ServerStore::open(
            {.url = "postgresql://nexpo_app@" + host + ":" + port + "/postgres?connect_timeout=10&" + parameters});
        return opened ? std::string() : opened.error().message;
    };
    auto const client = "&sslcert=" + certificates.file("client.pem") + "&sslkey=" + certificates.file("client.key");
    auto const authority = "sslmode=verify-full&sslrootcert=" + certificates.file("ca.pem");
    EXPECT_EQ(open("localhost", authority + client), "");
    EXPECT_THAT(open("127.0.0.1", authority + client), HasSubstr("127.0.0.1")) << "another name";
    EXPECT_THAT(open("localhost", "sslmode=verify-full&sslrootcert=" + certificates.file("other.pem") + client),
                HasSubstr("certificate"))
        << "another authority";
    EXPECT_THAT(open("localhost", "sslmode=verify-full" + client), HasSubstr("root certificate"))
        << "no authority is taken from the home directory";
    EXPECT_THAT(open("localhost", authority), Not("")) << "without the client's certificate";
    EXPECT_THAT(open("localhost", "sslmode=disable"), Not(""));
}

}  // namespace

}  // namespace nexpo::inline v1::testing
