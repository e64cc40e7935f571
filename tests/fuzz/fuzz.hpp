// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nexpo::fuzz {

/// Longer inputs are not looked at: they find nothing that shorter ones do not, and cost time.
inline constexpr std::size_t kMaxInput = 4096;

/// One fuzz target: throws `Broken` when what it promises does not hold for the input.
struct Target {
    std::string_view name;
    void (*run)(std::string_view input);

    /// For GoogleTest.
    friend std::ostream& operator<<(std::ostream& out, Target const& target) { return out << target.name; }
};

/// The targets that are linked in.
inline std::vector<Target>& targets() {
    static std::vector<Target> all;
    return all;
}

struct Registration {
    Registration(std::string_view name, void (*run)(std::string_view)) { targets().push_back({name, run}); }
};

/// A promise that does not hold. Nothing catches it while fuzzing, so that it ends the run as a crash does.
class Broken : public std::logic_error {
 public:
    using std::logic_error::logic_error;
};

/// States what must hold; `details` are for whoever reads the report.
inline void require(bool holds, char const* promise, std::string_view details = {}) {
    if (!holds) throw Broken(std::string(promise) + ": " + std::string(details));
}

/// Takes the text up to the separator off the input; all of it when there is none.
inline std::string_view take_until(std::string_view& input, std::string_view separator) {
    auto const end = input.find(separator);
    auto const piece = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + separator.size());
    return piece;
}

/// Repeatable choices that depend on the input but take none of its bytes, so that corpora stay plain text (FNV-1a,
/// then SplitMix64).
class Choices {
 public:
    explicit Choices(std::string_view input) {
        for (char const c : input) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    }

    /// From 0 to `limit` - 1.
    std::size_t below(std::size_t limit) {
        state_ += 0x9E3779B97F4A7C15;
        auto word = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return static_cast<std::size_t>((word ^ (word >> 31)) % limit);
    }

 private:
    std::uint64_t state_ = 0xCBF29CE484222325;
};

/// The text with bytes changed, cut off or added: each pair in `edits` is a place and a change.
inline std::string damaged(std::string text, std::string_view edits) {
    constexpr std::size_t kCut = 200;
    for (std::size_t i = 0; i + 1 < edits.size(); i += 2) {
        auto const at = static_cast<unsigned char>(edits[i]);
        if (at < text.size()) {
            text[at] = static_cast<char>(text[at] ^ edits[i + 1]);
        } else if (at < kCut) {
            text += edits[i + 1];
        } else {
            text.resize(std::min<std::size_t>(text.size(), static_cast<unsigned char>(edits[i + 1])));
        }
    }
    return text;
}

}  // namespace nexpo::fuzz

/// Opens the body of the target `name`, which gets `std::string_view input`.
#define NEXPO_FUZZ_TARGET(name)                                             \
    static void fuzz_##name(std::string_view input);                        \
    static nexpo::fuzz::Registration const kRegistered(#name, fuzz_##name); \
    static void fuzz_##name(std::string_view input)
