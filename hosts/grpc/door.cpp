// SPDX-License-Identifier: Apache-2.0
#include "grpc/door.hpp"

#include <limits>
#include <utility>
#include <vector>

namespace nexpo::grpc_host {

namespace {

/// Threads that read events for streams; each read is short.
constexpr std::size_t kFollowers = 4;

}  // namespace

Door::Door(Backend opened, GrpcConfig const& config, LogLine line)
    : backend(std::move(opened)),
      methods(backend),
      principals(backend, config.clients),
      log(std::move(line)),
      message_bytes(static_cast<std::size_t>(config.message_bytes)),
      pool(static_cast<std::size_t>(config.blocking_threads), static_cast<std::size_t>(config.blocking_queue)),
      followers(kFollowers, std::numeric_limits<std::size_t>::max() / 2) {}

bool Door::add(std::shared_ptr<EndlessStream> stream) {
    std::lock_guard const lock(mutex_);
    if (!ending_) streams_.insert(std::move(stream));
    return !ending_;
}

void Door::remove(std::shared_ptr<EndlessStream> const& stream) {
    std::lock_guard const lock(mutex_);
    streams_.erase(stream);
}

void Door::end_streams() {
    std::vector<std::shared_ptr<EndlessStream>> streams;
    {
        std::lock_guard const lock(mutex_);
        ending_ = true;
        streams.assign(streams_.begin(), streams_.end());
    }
    for (auto const& stream : streams) stream->end();
}

}  // namespace nexpo::grpc_host
