// SPDX-License-Identifier: Apache-2.0
#include "gateway/event_channel.hpp"

#include <exception>
#include <utility>

#include "describe/codec.hpp"
#include "gateway/problem.hpp"
#include "operation/pipeline.hpp"
#include "work/subscription_state.hpp"

namespace nexpo::gateway {

namespace {

/// How much is put together at once.
constexpr std::size_t kOutput = 16'384;
constexpr std::size_t kMaxDepth = 8;
/// RFC 6455 section 7.4.1: the server goes away.
constexpr int kGoingAway = 1001;
constexpr int kInternalError = 1011;
/// Codes from here on are the application's own (section 7.4.2): the status of HTTP behind a 4.
constexpr int kOwnCodes = 4000;

Error malformed(std::string message) {
    return {Errc::invalid_argument, "message_malformed", std::move(message)};
}

}  // namespace

EventChannel::EventChannel(std::shared_ptr<BackendState> backend, AnyOperation const& operation, Secret token,
                           std::string peer, telemetry::Gauge& gauge)
    : backend_(std::move(backend)),
      counted_(gauge),
      operation_(operation),
      token_(std::move(token)),
      peer_(std::move(peer)) {}

void EventChannel::receive(std::string message) try {
    if (waiting_.close != 0) return;
    if (auto subscribed = subscribe(message); !subscribed) return end(subscribed.error());
} catch (std::exception const&) {  // no memory
    waiting_.close = kInternalError;
}

Result<void> EventChannel::subscribe(std::string const& message) {
    if (feed_) return malformed("there is a subscription already: open another channel");
    auto input = Json::parse(message, kMaxDepth);
    if (!input) return std::move(input).error();
    auto* members = input->if_object();
    if (members == nullptr) return malformed("a message is an object with a type");
    auto const* type = input->find("type");
    if (type == nullptr || *type != Json("subscribe")) return malformed("the only type of message is subscribe");
    if (auto const* token = input->find("token")) {
        if (token->if_string() == nullptr) return malformed("token must be text");
        token_ = Secret(*token->if_string());
    }
    std::erase_if(*members, [](auto const& member) { return member.first == "type" || member.first == "token"; });

    operation::CallRequest call{.identity = Caller{}, .address = peer_};
    if (!token_.empty()) call.identity = operation::BearerToken{std::string(token_.reveal())};
    token_ = {};
    call.decode = [&input](StructType const& struct_type) -> Result<std::shared_ptr<void>> {
        auto value = struct_type.make();
        if (auto read = from_json(struct_type, value.get(), *input); !read) return std::move(read).error();
        return value;
    };
    auto outcome = backend_->pipeline->run(operation_, std::move(call));
    request_id_ = std::move(outcome.request_id);
    if (!outcome.result) return std::move(outcome.result).error();
    feed_ = work::opened_feed(*outcome.result);
    waiting_.messages.emplace_back(R"({"type":"subscribed"})");
    if (on_ready_) (*feed_)->on_ready(on_ready_);
    return {};
}

void EventChannel::end(Error const& error) {
    auto const status = http_status(error, false);
    waiting_.messages.push_back(R"({"type":"error","error":)" + problem_json(status, error, request_id_) + "}");
    waiting_.close = kOwnCodes + status;
    waiting_.reason = error.reason;
}

ChannelOutput EventChannel::next() try {
    auto output = std::exchange(waiting_, {});
    if (output.close != 0) return output;
    if (finishing_) {
        output.close = kGoingAway;
        output.reason = "the server goes away";
        return output;
    }
    if (!feed_) return output;
    std::size_t size = 0;
    while (size < kOutput) {
        auto const pulled = (*feed_)->pull();
        if (!pulled) {
            end(pulled.error());
            auto last = std::exchange(waiting_, {});
            output.messages.push_back(std::move(last.messages.front()));
            output.close = last.close;
            output.reason = std::move(last.reason);
            return output;
        }
        if (!*pulled) break;
        output.messages.push_back(R"({"type":"event","event":)" + (*pulled)->json() + "}");
        size += output.messages.back().size();
    }
    return output;
} catch (std::exception const&) {  // no memory
    ChannelOutput output;
    output.close = kInternalError;
    return output;
}

void EventChannel::on_ready(std::function<void()> function) {
    on_ready_ = std::move(function);
    if (feed_) (*feed_)->on_ready(on_ready_);
}

void EventChannel::finish() {
    finishing_ = true;
}

bool EventChannel::may_block() const noexcept {
    return backend_->store->may_block();
}

}  // namespace nexpo::gateway
