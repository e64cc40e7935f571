// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace nexpo::durability {

/// What one step after another is done to: each belongs to one worker, so that at most its last step is unanswered.
struct Subject {
    enum class Kind : std::uint8_t {
        person,   ///< `users.create`, some `users.update`, perhaps `users.remove`: one row, many versions
        bundle,   ///< `bundles.add`: an application's operation that writes several rows
        founder,  ///< `auth.sign_up`: account, organization, profile and session in one commit
        refused,  ///< `auth.login` with a wrong password: a refusal that leaves an audit row
    };

    Kind kind = Kind::person;
    std::string name{};
    int updates = 0;        ///< Of a person.
    bool removed = false;   ///< A person's last step.
    std::string account{};  ///< Whose password is guessed.

    int steps() const { return kind == Kind::person ? 1 + updates + (removed ? 1 : 0) : 1; }
    std::string email() const { return name + "@example.com"; }
    /// The same for every repeat of the step.
    std::string key(int step) const { return name + "#" + std::to_string(step); }
    /// A person's name after so many steps.
    std::string person_name(int applied) const { return name + " v" + std::to_string(applied); }
};

inline constexpr int kBundleParts = 4;

/// The subjects of a run: who does what follows from its label and seed alone, so that another process can tell.
struct Script {
    std::string label = "run";  ///< Part of every name; of one word.
    std::uint64_t seed = 1;
    bool bundles = true;  ///< Whether the backend has the application's operation.

    /// The `n`-th subject of a worker. Worker 0 works with passwords, which is slow; the others do the rest.
    Subject subject(int worker, int n) const;
};

}  // namespace nexpo::durability
