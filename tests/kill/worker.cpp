// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "kill/rig.hpp"
#include "support/durability/door.hpp"

namespace nexpo::kill {

namespace {

using durability::Answer;
using durability::Subject;

/// In one piece: a line of less than PIPE_BUF bytes never mixes with another thread's (POSIX, write()), and what was
/// written is read even when we are dead.
void tell(std::string line) {
    line += '\n';
    if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(3);
}

/// Whether to try once more, after a moment in which the one who started us may end.
bool try_again(Answer const& answer) {
    if (answer.reason == kCommitUnknown) tell("u");
    if (!worth_repeating(answer)) return false;
    pollfd ended{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    return poll(&ended, 1, 20) == 0;
}

void drive(Backend const& backend, durability::Script const& script, int worker) {
    auto const door = durability::backend_door(backend);
    for (int n = 0; n < std::numeric_limits<int>::max();) {
        auto const place = [&] { return std::to_string(worker) + " "; };
        durability::Witness const witness{
            .begun = [&](Subject const& subject) { tell("b " + place() + subject.name); },
            .answered =
                [&](Subject const& subject, Answer const& answer) {
                    tell("a " + subject.name + " " + std::to_string(answer.version) + " " + answer.id);
                },
            .again = try_again};
        n = durability::work(*door, script, worker, n, 1, witness, [] { return false; });
        // More often than the backend does it by itself; what one fails to seal the next one does.
        if (worker == 0) static_cast<void>(backend.seal_audit());
    }
}

}  // namespace

bool worth_repeating(Answer const& answer) {
    if (answer.reason.starts_with("unavailable ")) return true;
    if (answer.reason != "not repeatable") std::fprintf(stderr, "a step was refused: %s\n", answer.reason.c_str());
    return false;
}

int run_worker(std::string const& database, std::string const& owner, durability::Script const& script, int workers) {
    auto const backend = Backend::open(durability::durable_config(database, owner));
    if (!backend) {
        std::fprintf(stderr, "%s\n", backend.error().message.c_str());
        return 1;
    }
    tell("ready");
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(workers));
    for (int worker = 0; worker < workers; ++worker) {
        threads.emplace_back([&, worker] { drive(*backend, script, worker); });
    }
    return 0;
}

}  // namespace nexpo::kill
