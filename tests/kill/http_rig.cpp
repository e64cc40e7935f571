// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "kill/http_client.hpp"
#include "kill/process.hpp"
#include "kill/rig.hpp"
#include "support/durability/door.hpp"
#include "support/test_postgresql.hpp"

namespace nexpo::kill {

namespace {

using durability::Answer;
using durability::Ledger;
using durability::Script;
using durability::Subject;
using std::chrono::milliseconds;
using testing::PostgresServer;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};
/// What no server answers with.
constexpr auto* kGone = "gone";
constexpr auto* kPassword = "correct horse";

class HttpDoor final : public durability::Door {
 public:
    HttpDoor(int port, std::string const& token)
        : client_(port), authorization_("Authorization: Bearer " + token + "\r\n") {}

    void pause(milliseconds time) const { client_.pause(time); }

    Answer send(Subject const& subject, int step, std::string const& id) override {
        auto const answer = ask(subject, step, id);
        if (!answer) return {.reason = kGone};
        if (subject.kind == Subject::Kind::refused && answer->text("reason") == "credentials_invalid")
            return {.ok = true};
        bool const ok = answer->status / 100 == 2 && subject.kind != Subject::Kind::refused;
        if (!ok) return {.reason = answer->text("code") + " " + answer->text("reason")};
        auto const* version = answer->body.find("version");
        auto const* number = version == nullptr ? nullptr : version->if_integer();
        return {.ok = true,
                .id = subject.kind == Subject::Kind::founder ? answer->text("user_id") : answer->text("id"),
                .version = number == nullptr ? 0 : *number};
    }

 private:
    std::optional<HttpAnswer> ask(Subject const& subject, int step, std::string const& id) {
        Json body;
        if (subject.kind == Subject::Kind::founder) {
            body.set("email", subject.email()).set("password", kPassword).set("name", subject.name);
            return client_.ask("POST", "/auth/register", "", body.dump());
        }
        if (subject.kind == Subject::Kind::refused) {
            body.set("email", subject.account).set("password", "wrong horse");
            return client_.ask("POST", "/auth/login", "", body.dump());
        }
        auto headers = authorization_ + "Idempotency-Key: " + subject.key(step) + "\r\n";
        if (step > subject.updates) return client_.ask("DELETE", "/users/" + id, headers, "");
        body.set("name", subject.person_name(step + 1));
        if (step == 0) return client_.ask("POST", "/users", headers, body.set("email", subject.email()).dump());
        if (step % 2 == 1) headers += "If-Match: \"v" + std::to_string(step) + "\"\r\n";
        return client_.ask("PATCH", "/users/" + id, headers, body.dump());
    }

    HttpClient client_;
    std::string authorization_;
};

/// Clients with sockets here, `nexpo-http` there.
class HttpRig final : public Rig {
 public:
    explicit HttpRig(RigOptions options) : options_(std::move(options)) {
        if (!options_.owner.empty()) {
            kept_elsewhere_ = {"--database_owner=" + options_.owner, "--sealing_key=" + std::string(64, '5')};
        }
    }

    void prepare(durability::Facts& before) override {
        start();
        Json body;
        body.set("email", "owner@example.com").set("password", kPassword);
        auto const answer = HttpClient(port_).ask("POST", "/auth/login", "", body.dump());
        if (!answer || answer->status != 200) throw std::runtime_error("the owner cannot sign in");
        token_ = answer->text("access_token");
        before = durability::facts_of(options_.database);
    }

    void load(Script const& script, Blow blow, Ledger& ledger) override {
        Load load{.ledger = ledger, .running = options_.workers};
        {
            std::vector<std::jthread> clients;
            clients.reserve(static_cast<std::size_t>(options_.workers));
            for (int worker = 0; worker < options_.workers; ++worker) {
                clients.emplace_back([&, worker] {
                    drive(script, worker, load);
                    std::lock_guard const lock(load.mutex);
                    --load.running;
                    load.changed.notify_one();
                });
            }
            try {
                strike(blow, load);
            } catch (...) {
                host_.reset();  // what the clients wait for
                throw;
            }
            host_->kill();
        }
        host_.reset();
        if (blow.server == Blow::Server::falls) run(PostgresServer::start_command(options_.server));
    }

    durability::Verdict reopen() override {
        start();
        return {};
    }

    void repeat(Ledger& ledger) override {
        HttpDoor door(port_, token_);
        durability::repeat_unanswered(door, ledger);
    }

 private:
    /// What the clients and who kills share.
    struct Load {
        Ledger& ledger;
        int running;
        std::mutex mutex{};
        std::condition_variable changed{};
    };

    void start() {
        // The one before is killed before the next one begins: a moment of two would be no test of this.
        host_.reset();
        std::vector<std::string> words{options_.program,
                                       "--database=" + options_.database,
                                       "--http.port=0",
                                       "--auth.open_registration=true",
                                       "--limits.address_per_minute=0",
                                       "--limits.account_per_minute=0",
                                       "--limits.caller_per_minute=0",
                                       "--auth.access_token_seconds=86400",
                                       std::string("--admin.password=") + kPassword,
                                       "--log.level=error",
                                       "--log.access=false"};
        words.insert(words.end(), kept_elsewhere_.begin(), kept_elsewhere_.end());
        host_.emplace(std::move(words));
        constexpr std::string_view kOn = " on http://127.0.0.1:";
        auto const patience = Clock::now() + kPatience;
        while (auto const line = host_->line(patience)) {
            auto const at = line->find(kOn);
            if (at == std::string::npos) continue;
            port_ = std::stoi(line->substr(at + kOn.size(), 5));
            return;
        }
        throw std::runtime_error("nexpo-http did not start");
    }

    static void run(std::string const& command) {
        if (Process({"/bin/sh", "-c", command}).wait() != 0) throw std::runtime_error("failed: " + command);
    }

    /// Until the moment at which the host is to be killed.
    void strike(Blow blow, Load& load) const {
        std::unique_lock lock(load.mutex);
        load.changed.wait_for(lock, blow.after, [&] { return load.running == 0; });
        if (blow.server != Blow::Server::stays) {
            lock.unlock();
            run(PostgresServer::crash_command(options_.server));
            if (blow.server == Blow::Server::returns) run(PostgresServer::start_command(options_.server));
            lock.lock();
        }
        if (blow.server == Blow::Server::returns) {
            auto const wanted = load.ledger.answered() + static_cast<std::size_t>(options_.workers) * 10;
            auto const enough = [&] { return load.ledger.answered() >= wanted; };
            load.changed.wait_for(lock, kPatience, [&] { return load.running == 0 || enough(); });
            if (!enough()) throw std::runtime_error("no call got through");
        }
        if (load.running == 0) throw std::runtime_error("the server ended by itself");
    }

    void drive(Script const& script, int worker, Load& load) const {
        HttpDoor door(port_, token_);
        bool gone = false;
        auto const again = [&](Answer const& answer) {
            if (answer.reason == kCommitUnknown) {
                std::lock_guard const lock(load.mutex);
                load.ledger.leave_open();
            }
            gone = answer.reason == kGone;
            if (gone || !worth_repeating(answer)) return false;
            door.pause(milliseconds(20));
            return true;
        };
        durability::Witness const witness{.begun =
                                              [&](Subject const& subject) {
                                                  std::lock_guard const lock(load.mutex);
                                                  load.ledger.begin(subject);
                                              },
                                          .answered =
                                              [&](Subject const& subject, Answer const& answer) {
                                                  std::lock_guard const lock(load.mutex);
                                                  load.ledger.answer(subject.name, answer);
                                                  load.changed.notify_one();
                                              },
                                          .again = again};
        int n = 0;
        while (!gone) n = durability::work(door, script, worker, n, 1, witness, [] { return false; });
    }

    RigOptions options_;
    std::vector<std::string> kept_elsewhere_;
    std::optional<Process> host_;
    int port_ = 0;
    std::string token_;
};

}  // namespace

std::unique_ptr<Rig> http_rig(RigOptions options) {
    return std::make_unique<HttpRig>(std::move(options));
}

}  // namespace nexpo::kill
