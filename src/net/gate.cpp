// SPDX-License-Identifier: Apache-2.0
#include "net/gate.hpp"

#include <utility>

namespace nexpo::net {

bool Gate::enter(std::string const& peer, Id id) {
    auto& entry = peers_[peer];
    if (inside_ < most_ && entry.inside < most_per_peer_ && entry.waiting.empty()) {
        ++inside_;
        ++entry.inside;
        return true;
    }
    entry.waiting.push_back(id);
    give_turn(peer, entry);
    return false;
}

std::vector<Gate::Turn> Gate::leave(std::string const& peer) {
    auto const found = peers_.find(peer);
    --inside_;
    --found->second.inside;
    give_turn(peer, found->second);
    if (found->second.inside == 0 && found->second.waiting.empty()) peers_.erase(found);

    std::vector<Turn> admitted;
    while (inside_ < most_ && !turns_.empty()) {
        auto name = std::move(turns_.front());
        turns_.pop_front();
        auto& entry = peers_.at(name);
        entry.has_turn = false;
        auto const id = entry.waiting.front();
        entry.waiting.pop_front();
        ++inside_;
        ++entry.inside;
        give_turn(name, entry);
        admitted.push_back({.peer = std::move(name), .id = id});
    }
    return admitted;
}

void Gate::give_turn(std::string const& name, Peer& peer) {
    if (peer.has_turn || peer.waiting.empty() || peer.inside >= most_per_peer_) return;
    peer.has_turn = true;
    turns_.push_back(name);
}

}  // namespace nexpo::net
