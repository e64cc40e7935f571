// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "net/http_client.hpp"
#include "nexpo/json.hpp"

namespace nexpo::inline v1::testing {

/// Makes queues in moto, the stand-in for Amazon SQS, as their operator would.
class Moto {
 public:
    explicit Moto(std::uint16_t port) : url_("http://127.0.0.1:" + std::to_string(port) + "/") {}

    /// A queue whose messages go to another one, `<name>-dead`, when they were delivered too often.
    void create_with_dead_letters(std::string const& name, std::int64_t max_deliveries) {
        create(name + "-dead", {});
        auto const policy =
            Json(Json::Object{{"deadLetterTargetArn", "arn:aws:sqs:us-east-1:123456789012:" + name + "-dead"},
                              {"maxReceiveCount", std::to_string(max_deliveries)}});
        create(name, {{"RedrivePolicy", policy.dump()}});
    }

    void create(std::string const& name, Json::Object attributes) {
        auto const body = Json(Json::Object{{"QueueName", name}, {"Attributes", std::move(attributes)}}).dump();
        auto const answer =
            client_->send({.method = "POST",
                           .url = url_,
                           .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                                       {"X-Amz-Target", "AmazonSQS.CreateQueue"},
                                       {"Authorization",
                                        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, "
                                        "SignedHeaders=host, Signature=0"}},
                           .body = body,
                           .source = net::UrlSource::configuration});
        if (!answer || answer->status != 200) throw std::runtime_error("moto made no queue");
    }

 private:
    std::string url_;
    std::unique_ptr<net::HttpClient> client_ = net::HttpClient::create({}).value();
};

}  // namespace nexpo::inline v1::testing
