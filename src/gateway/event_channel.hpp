// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "backend/backend_state.hpp"
#include "gateway/event_stream.hpp"
#include "nexpo/gateway.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::gateway {

/// Events as JSON messages. The client's one message is
/// `{"type":"subscribe","events":["user.*"],"after":"evt_…","token":"…"}`, of which only the type has to be there; the
/// token stands there when it cannot stand in an Authorization header, as in browsers. The answers are
/// `{"type":"subscribed"}`, `{"type":"event","event":{…}}`, and `{"type":"error","error":{…problem details…}}` before
/// the end.
class EventChannel final : public Channel {
 public:
    /// `token` is that of the header, or empty.
    EventChannel(std::shared_ptr<BackendState> backend, AnyOperation const& operation, Secret token, std::string peer,
                 telemetry::Gauge& gauge);

    void receive(std::string message) override;
    ChannelOutput next() override;
    void on_ready(std::function<void()> function) override;
    void finish() override;
    bool may_block() const noexcept override;

 private:
    Result<void> subscribe(std::string const& message);
    void end(Error const& error);

    std::shared_ptr<BackendState> backend_;  // destroyed last
    CountedStream counted_;
    AnyOperation const& operation_;
    Secret token_;
    std::string peer_;
    std::string request_id_{};
    std::shared_ptr<work::OpenFeed> feed_{};
    std::function<void()> on_ready_{};
    ChannelOutput waiting_{};
    bool finishing_ = false;
};

}  // namespace nexpo::gateway
