// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "nexpo/gateway.hpp"
#include "telemetry/metrics.hpp"
#include "work/event_hub.hpp"

namespace nexpo::gateway {

/// What a door's open streams are counted with.
class CountedStream {
 public:
    explicit CountedStream(telemetry::Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }
    ~CountedStream() { gauge_.add(-1); }
    CountedStream(CountedStream const&) = delete;
    CountedStream& operator=(CountedStream const&) = delete;

 private:
    telemetry::Gauge& gauge_;
};

/// Events as a body of server-sent events (WHATWG HTML section 9.2).
class EventStream final : public BodySource {
 public:
    /// `backend` is what keeps everything else alive.
    EventStream(std::shared_ptr<void> backend, std::shared_ptr<work::OpenFeed> feed, telemetry::Gauge& gauge,
                bool may_block, std::uint64_t retry_ms, std::string request_id);

    BodyPiece next() override;
    void on_ready(std::function<void()> function) override;
    std::string heartbeat() const override;
    void finish() override;
    bool may_block() const noexcept override { return may_block_; }

 private:
    std::shared_ptr<void> backend_;  // destroyed last
    CountedStream counted_;
    std::shared_ptr<work::OpenFeed> feed_;
    bool may_block_;
    std::uint64_t retry_ms_;
    std::string request_id_;
    bool begun_ = false;
    bool finishing_ = false;
};

}  // namespace nexpo::gateway
