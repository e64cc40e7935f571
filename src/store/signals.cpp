// SPDX-License-Identifier: Apache-2.0
#include "store/signals.hpp"

#include <mutex>

namespace nexpo::store {

Signals::Listening::~Listening() {
    if (signals_ == nullptr) return;
    std::unique_lock const lock(signals_->mutex_);
    signals_->listeners_.erase(id_);
}

void Signals::send(std::string_view topic, std::string_view payload) {
    hear(topic, payload);
    begin_carrying();
    if (relay_) {
        relay_->send(topic, payload);
    } else {
        carry(topic, payload);
    }
}

void Signals::begin_carrying() {
    if (relay_) {
        relay_->begin(*this);
    } else {
        begin();
    }
}

void Signals::close() {
    if (relay_) relay_->close();
}

Signals::Listening Signals::listen(std::string topic, Heard heard) {
    begin_carrying();
    std::unique_lock const lock(mutex_);
    auto const id = next_id_++;
    listeners_.emplace(id, Listener{std::move(topic), std::move(heard)});
    return {*this, id};
}

void Signals::hear(std::string_view topic, std::string_view payload) const {
    std::shared_lock const lock(mutex_);
    for (auto const& [id, listener] : listeners_) {
        if (listener.topic == topic) listener.heard(payload);
    }
}

void Signals::hear_of_everything() const {
    std::shared_lock const lock(mutex_);
    for (auto const& [id, listener] : listeners_) listener.heard({});
}

}  // namespace nexpo::store
