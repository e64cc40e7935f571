// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "integration/net/script_server.hpp"
#include "integration/webhook/verifier.hpp"
#include "nexpo/nexpo.hpp"
#include "support/test_backend.hpp"

namespace nexpo::inline v1::testing {

/// A receiver of webhooks that keeps what it got, and is strict about HTTP. The test says what it answers.
class WebhookSink {
 public:
    struct Answer {
        int status = 204;
        std::string headers{};
        std::string body{};
    };

    WebhookSink() : server_([this](net::Peer& peer) { serve(peer); }) {}

    std::string url(std::string const& path = "/hook") const { return server_.url(path); }
    void answer(Answer answer) {
        std::scoped_lock const lock(mutex_);
        answer_ = std::move(answer);
    }
    /// What came since the last look.
    std::vector<net::Received> take() {
        std::scoped_lock const lock(mutex_);
        return std::exchange(received_, {});
    }
    std::vector<std::string> take_types() {
        std::vector<std::string> types;
        for (auto const& message : take()) {
            types.push_back(*Json::parse(message.body).value().find("type")->if_string());
        }
        return types;
    }
    int connections() const { return server_.connections(); }

 private:
    void serve(net::Peer& peer) {
        while (auto request = peer.read()) {
            Answer answer;
            {
                std::scoped_lock const lock(mutex_);
                received_.push_back(std::move(*request));
                answer = answer_;
            }
            if (!peer.answer(answer.status, answer.body, answer.headers)) return;
        }
    }

    std::mutex mutex_;
    std::vector<net::Received> received_;
    Answer answer_;
    net::ScriptServer server_;
};

/// A backend whose webhooks may lead to this machine. Jobs run when the test says so.
struct WebhookBackend {
    explicit WebhookBackend(std::function<void(Config&)> const& adjust = {}) : backend(open(adjust)) {}

    Backend open(std::function<void(Config&)> const& adjust = {}) const {
        auto config = test.config(nullptr);
        config.threads.jobs = 0;
        config.notification.allow_http = true;
        config.outbound.allowed_networks = {"127.0.0.1"};
        if (adjust) adjust(config);
        return Backend::open(std::move(config)).value();
    }

    Api acme() const { return backend.as_system("acme"); }
    Webhooks webhooks() const { return acme().webhooks(); }
    NewWebhook create(CreateWebhook const& input) const { return webhooks().create(input).value(); }
    Webhook webhook(std::string const& id) const { return webhooks().get({.id = id}).value(); }
    /// An event: `user.created`.
    User emit(std::string const& name) const {
        return acme().users().create({.email = name + "@example.com", .name = name}).value();
    }
    std::vector<WebhookDelivery> deliveries(std::string const& id) const {
        return webhooks().deliveries({.id = id}).value().items;
    }
    std::int64_t work() const { return backend.work({}).value(); }
    void advance(std::chrono::microseconds step) const { test.clock->advance(step); }
    std::int64_t now() const {
        return std::chrono::floor<std::chrono::seconds>(test.clock->now()).time_since_epoch().count();
    }
    bool accepts(WebhookVerifier const& verifier, net::Received const& message) const {
        return verifier.accepts(message.header("webhook-id"), message.header("webhook-timestamp"),
                                message.header("webhook-signature"), message.body, now());
    }

    TestBackend test;
    Backend backend;
};

}  // namespace nexpo::inline v1::testing
