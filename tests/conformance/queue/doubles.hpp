// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "conformance/queue/servers.hpp"
#include "net/http_client.hpp"
#include "nexpo/json.hpp"
#include "support/tcp_proxy.hpp"

namespace nexpo::inline v1::testing {

/// One of the doubles in tests/support/doubles, as its operator sees it, behind connections that can be cut.
class ServiceDouble {
 public:
    explicit ServiceDouble(std::string const& server)
        : directory_(server_directory(server)), port_(port_of(server)), proxy_(std::make_shared<TcpProxy>(port_)) {}

    std::string address() const { return "127.0.0.1:" + std::to_string(proxy_->port()); }
    /// Not behind the proxy.
    std::string direct_address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string file(std::string const& name) const { return directory_ + "/" + name; }
    std::shared_ptr<TcpProxy> const& proxy() const { return proxy_; }

    Json ask(std::string method, std::string const& path, Json const& body = Json(Json::Object{})) const {
        auto const answer = client_->send({.method = std::move(method),
                                           .url = "http://" + direct_address() + "/_double/" + path,
                                           .body = body.dump(),
                                           .source = net::UrlSource::configuration});
        if (!answer || answer->status != 200) throw std::runtime_error("the double does not do this: " + path);
        return Json::parse(answer->body).value();
    }
    /// `path` is a regular expression, see double.py.
    void fault(std::string const& path, Json::Object how) const {
        how.emplace_back("path", path);
        ask("POST", "faults", Json(std::move(how)));
    }
    /// Makes somebody's tokens invalid.
    void revoke(std::string const& whose) const { ask("POST", "revoke", Json(Json::Object{{"whose", whose}})); }
    /// How often somebody got a token.
    std::int64_t tokens(std::string const& whose) const {
        auto const counts = ask("GET", "counts");
        auto const* const count = counts.find(whose);
        return count != nullptr ? *count->if_integer() : 0;
    }

 private:
    std::string directory_;
    std::uint16_t port_;
    std::shared_ptr<TcpProxy> proxy_;
    std::shared_ptr<net::HttpClient> client_ = net::HttpClient::create({}).value();
};

/// A topic with a subscription, and another pair for its dead letters.
struct PubsubPlace {
    static constexpr std::int64_t kMaxDeliveries = 5;  ///< The fewest that Pub/Sub takes.

    explicit PubsubPlace(Json::Object settings = {}, std::string project_name = "test")
        : project(std::move(project_name)) {
        auto const prefix = "projects/" + project + "/";
        server.ask("PUT", "v1/" + prefix + "topics/" + name);
        server.ask("PUT", "v1/" + prefix + "topics/" + name + "-dead");
        server.ask("PUT", "v1/" + prefix + "subscriptions/" + name + "-dead",
                   Json(Json::Object{{"topic", prefix + "topics/" + name + "-dead"}}));
        settings.emplace_back("topic", prefix + "topics/" + name);
        settings.emplace_back("ackDeadlineSeconds", 10);
        settings.emplace_back("deadLetterPolicy", Json::Object{{"deadLetterTopic", prefix + "topics/" + name + "-dead"},
                                                               {"maxDeliveryAttempts", kMaxDeliveries}});
        server.ask("PUT", "v1/" + subscription(), Json(std::move(settings)));
    }

    std::string subscription() const { return "projects/" + project + "/subscriptions/" + name + "-sub"; }
    std::string url(std::string const& parameters) const {
        return "pubsub+http://" + server.address() + "/" + project + "/" + name + "-sub?topic=" + name +
               "&dead=" + name + "-dead&" + parameters;
    }
    std::string with_key() const { return "credentials=" + server.file("key.json"); }

    std::string project;
    std::string name = fresh_name();
    ServiceDouble server{"pubsub_double"};
};

/// A queue of Service Bus.
struct ServiceBusPlace {
    static constexpr std::int64_t kMaxDeliveries = 3;
    static constexpr std::int64_t kLockSeconds = 4;

    explicit ServiceBusPlace(std::string path = fresh_name()) : name(std::move(path)) {
        server.ask("PUT", "queues/" + name,
                   Json(Json::Object{{"lock", kLockSeconds}, {"max_deliveries", kMaxDeliveries}}));
    }

    std::string url(std::string const& user, std::string const& parameters = {}) const {
        return "servicebus+http://" + user + server.address() + "/" + name + "?lease=" + std::to_string(kLockSeconds) +
               parameters;
    }
    /// With the key of the double, which is no secret.
    std::string with_key() const { return url("nexpo:c2VydmljZSBidXMga2V5IG9mIHRoZSBkb3VibGU%3D@"); }

    std::string name;
    ServiceDouble server{"service_bus_double"};
};

}  // namespace nexpo::inline v1::testing
