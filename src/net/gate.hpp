// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace nexpo::net {

/// Lets so many requests in at once, and so many per peer; the others wait, and peers take turns. So neither a slow
/// peer nor one with a long queue holds up the rest, and libcurl, which looks at each of its transfers in each of its
/// turns, has few of them. Not thread-safe.
class Gate {
 public:
    using Id = std::uint64_t;

    struct Turn {
        std::string peer;
        Id id;

        bool operator==(Turn const&) const = default;
    };

    Gate(std::size_t most, std::size_t most_per_peer) : most_(most), most_per_peer_(most_per_peer) {}

    /// True when the request may go ahead; otherwise a later `leave` names it.
    bool enter(std::string const& peer, Id id);

    /// One that had gone ahead has ended. Answers who goes ahead now; those who no longer want to, leave at once.
    std::vector<Turn> leave(std::string const& peer);

 private:
    struct Peer {
        std::size_t inside = 0;
        std::deque<Id> waiting{};
        bool has_turn = false;  // stands in `turns_`
    };

    void give_turn(std::string const& name, Peer& peer);

    std::size_t most_;
    std::size_t most_per_peer_;
    std::size_t inside_ = 0;
    std::unordered_map<std::string, Peer> peers_;
    std::deque<std::string> turns_;  // peers with somebody who waits only for the others
};

}  // namespace nexpo::net
