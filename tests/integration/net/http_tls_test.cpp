// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "nexpo/testing/clock.hpp"
#include "script_server.hpp"
#include "support/temp_dir.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

/// h2_server.py, as long as this lives.
class H2Server {
 public:
    explicit H2Server(char const* mode = nullptr) {
        int input[2];
        int output[2];
        if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) fail("pipe2");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, input[0], 0);
        posix_spawn_file_actions_adddup2(&actions, output[1], 1);
        // Debian's, because its h2 is Debian's.
        std::string python = "/usr/bin/python3";
        std::string bytecode = "-B";
        std::string script = NEXPO_TEST_DATA "/net/h2_server.py";
        std::string folder = directory_.path().string();
        std::string option = mode == nullptr ? "" : mode;
        std::vector<char*> arguments{python.data(), bytecode.data(), script.data(),
                                     folder.data(), option.data(),   nullptr};
        if (posix_spawn(&id_, python.c_str(), &actions, nullptr, arguments.data(), environ) != 0) fail("posix_spawn");
        posix_spawn_file_actions_destroy(&actions);
        ::close(input[0]);
        ::close(output[1]);
        input_ = input[1];
        std::unique_ptr<FILE, int (*)(FILE*)> const file(fdopen(output[0], "r"), &fclose);
        if (std::fscanf(file.get(), "%d", &port_) != 1) throw std::runtime_error("h2_server.py did not start");
    }
    H2Server(H2Server const&) = delete;
    H2Server& operator=(H2Server const&) = delete;
    ~H2Server() {
        ::close(input_);
        while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    std::string url(std::string const& path, std::string const& host = "localhost") const {
        return "https://" + host + ':' + std::to_string(port_) + path;
    }
    std::string ca_file() const { return directory_.file("cert.pem"); }

 private:
    static void fail(char const* what) { throw std::system_error(errno, std::generic_category(), what); }

    testing::TempDir directory_;
    pid_t id_ = 0;
    int input_ = -1;
    int port_ = 0;
};

/// Trusts the server's certificate.
struct TlsClient : TestClient {
    explicit TlsClient(std::string ca_file)
        : TestClient({.ca_file = std::move(ca_file), .retry = {.max_attempts = 1}}) {
        resolver->set("localhost", {"127.0.0.1"});
        resolver->set("impostor.test", {"127.0.0.1"});
    }
};

TEST(HttpTls, SpeaksHttp2OverOneConnection) {
    H2Server const server;
    TlsClient const test(server.ca_file());
    // None is answered before all have arrived, so they share the connection.
    constexpr int kRequests = 50;
    std::vector<std::shared_ptr<Mailbox<Result<HttpResponse>>>> outcomes;
    for (int i = 0; i < kRequests; ++i) {
        outcomes.push_back(test.begin(TestClient::request(server.url("/hold/" + std::to_string(kRequests)))));
    }
    for (auto const& outcome : outcomes) {
        auto const response = outcome->take();
        ASSERT_EQ(reason(response), "status 200");
        EXPECT_EQ(response->http_version, 20);
        EXPECT_EQ(response->body, "together");
        EXPECT_NE(find_header(response->headers, "X-H2"), nullptr);
    }
    EXPECT_EQ(test.get(server.url("/alone")).value().body, "/alone");
    EXPECT_EQ(test.client->stats().connections_opened, 1U);
}

TEST(HttpTls, TrustsNobodyWithoutReason) {
    H2Server const server;
    TlsClient const stranger("");
    EXPECT_EQ(reason(stranger.get(server.url("/"))), "tls_failed") << "an unknown root";
    TlsClient const test(server.ca_file());
    EXPECT_EQ(reason(test.get(server.url("/"))), "status 200");
    EXPECT_EQ(reason(test.get(server.url("/", "impostor.test"))), "tls_failed") << "another's name";
    EXPECT_EQ(reason(test.get(server.url("/", "127.0.0.1"))), "tls_failed") << "an address is not the name";
    TlsClient const nothing("/nonexistent.pem");
    EXPECT_EQ(reason(nothing.get(server.url("/"))), "tls_failed") << "no roots at all";
    ScriptServer const plain([](Peer& peer) { peer.answer(200); });
    EXPECT_EQ(reason(test.get("https://localhost:" + std::to_string(plain.port()))), "tls_failed") << "no TLS at all";
}

TEST(HttpTls, RefusesOldVersions) {
    H2Server const server("tls1.1");
    TlsClient const test(server.ca_file());
    EXPECT_EQ(reason(test.get(server.url("/"))), "tls_failed");
}

TEST(HttpTls, RefusesOldVersionsOfAProxy) {
    testing::TempDir const directory;
    auto const file = directory.file("openssl.cnf");
    std::ofstream(file) << "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = weak\n"
                           "[weak]\nMinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0\n";
    setenv("OPENSSL_CONF", file.c_str(), 1);  // before OpenSSL is initialized: each test has its process
    H2Server const server("tls1.1");
    TestClient const test({.proxy = server.url(""), .ca_file = server.ca_file(), .retry = {.max_attempts = 1}});
    test.resolver->set("localhost", {"127.0.0.1"});
    EXPECT_EQ(reason(test.get("http://vendor.test/")), "tls_failed");
    unsetenv("OPENSSL_CONF");
}

TEST(HttpTls, WritesNoKeysForTheEnvironment) {
    testing::TempDir const directory;
    auto const file = directory.file("keys");
    setenv("SSLKEYLOGFILE", file.c_str(), 1);  // before libcurl is initialized: each test has its process
    H2Server const server;
    TlsClient const test(server.ca_file());
    EXPECT_EQ(reason(test.get(server.url("/"))), "status 200");
    unsetenv("SSLKEYLOGFILE");
    EXPECT_TRUE(!std::filesystem::exists(file) || std::filesystem::file_size(file) == 0);
}

}  // namespace
}  // namespace nexpo::net
