// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace nexpo::store {

/// Signals that wait to be carried, each once, as `<topic> <payload>`. Not thread-safe.
class SignalBuffer {
 public:
    /// More than so many different ones become one per topic, that anything may have changed.
    static constexpr std::size_t kMost = 1'000;

    /// False when it waits already.
    bool add(std::string_view topic, std::string_view payload) {
        if (waiting_.size() >= kMost) {
            std::set<std::string> topics;
            for (auto const& signal : waiting_) topics.insert(signal.substr(0, signal.find(' ') + 1));
            waiting_ = std::move(topics);
        }
        std::string signal(topic);
        signal.append(1, ' ').append(payload);
        return waiting_.insert(std::move(signal)).second;
    }
    /// Those that were taken and could not be sent.
    void put_back(std::set<std::string> const& signals) { waiting_.insert(signals.begin(), signals.end()); }
    std::set<std::string> take() { return std::exchange(waiting_, {}); }
    bool empty() const noexcept { return waiting_.empty(); }

    /// Topic and payload of what `add` put together; the topic is empty when it is something else.
    static std::pair<std::string_view, std::string_view> split(std::string_view signal) {
        auto const space = signal.find(' ');
        if (space == signal.npos) return {};
        return {signal.substr(0, space), signal.substr(space + 1)};
    }

 private:
    std::set<std::string> waiting_;
};

}  // namespace nexpo::store
