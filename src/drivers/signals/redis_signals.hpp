// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "drivers/queue/redis_connection.hpp"
#include "store/signal_buffer.hpp"
#include "store/signals.hpp"
#include "telemetry/log.hpp"

namespace nexpo::drivers {

/// Carries signals between processes over a channel of Redis (https://redis.io/docs/latest/develop/pubsub/), for those
/// whose database cannot: several on one SQLite file, or behind a pooler of PostgreSQL. Two threads, with a connection
/// each. Redis keeps nothing for a subscriber that is away, which signals allow for.
class RedisSignals final : public store::SignalRelay {
 public:
    RedisSignals(QueueSettings settings, telemetry::Logger log);
    ~RedisSignals() override { RedisSignals::close(); }

    void begin(store::Signals& signals) override;
    void send(std::string_view topic, std::string_view payload) override;
    void close() override;

 private:
    void publish(std::stop_token const& stop);
    Result<void> publish_some(std::set<std::string> const& signals);
    void subscribe(std::stop_token const& stop);
    Result<void> hear_some(std::stop_token const& stop);
    void report(char const* doing, Result<void> const& result, bool& failing) const;

    QueueSettings const settings_;
    telemetry::Logger const log_;
    std::string const channel_;
    std::string const sender_;  ///< Tells our own messages from others'.
    store::Signals* signals_ = nullptr;

    std::mutex mutex_;
    std::condition_variable_any changed_;
    store::SignalBuffer waiting_;
    bool begun_ = false;

    std::unique_ptr<RedisConnection> publishing_;  ///< Of the thread that publishes.
    bool publish_fails_ = false;
    bool subscribe_fails_ = false;  ///< Of the thread that subscribes.

    std::jthread publisher_;
    std::jthread subscriber_;
};

}  // namespace nexpo::drivers
