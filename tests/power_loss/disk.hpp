// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "power_loss/write_log.hpp"

namespace nexpo::power_loss {

/// What becomes of the writes that no sync had covered when the power went.
enum class Fate : std::uint8_t {
    dropped,    ///< None reached the disk.
    kept,       ///< All did.
    cut_off,    ///< They did in order, up to one of them, of which some sectors are there.
    scattered,  ///< Any of their sectors did, in any order.
    junk,       ///< The same, and where one did not, anything may stand in its place.
};
inline constexpr int kFates = 5;

/// A disk that a log is played on. The faults are those that SQLite promises to survive
/// (https://www.sqlite.org/atomiccommit.html section 2, https://www.sqlite.org/psow.html), and a little more:
/// - what was written before a sync began that succeeded is there, byte for byte, and so is the file's size;
/// - of what was not, each 512-byte sector is there, is as it was, or (`junk`) holds anything; no byte outside of the
///   range of a write is touched (powersafe overwrite, which SQLite assumes unless told otherwise);
/// - a file that grew by a lost write may keep the size, filled with zeros or junk;
/// - a file's creation or removal is there once its directory was synced after it; before, the changes of one name are
///   there in order up to any of them, whatever the file itself holds: a synced file without its name is lost;
/// - after a sync that failed nothing makes sure of what it should have covered, see `logged::FailedSync`.
class Disk {
 public:
    using Files = std::map<std::string, std::string>;

    /// `honest` false: a disk that answers syncs and does nothing, for seeing that the checks find it out.
    Disk(bool honest, std::uint64_t seed) : honest_(honest), random_(seed) {}

    /// Plays the entry at `index` of the log, which must outlive the disk.
    void play(LogEntry const& entry, std::size_t index);
    /// The files that are found when the power comes back, by name.
    Files power_cut(Fate fate, std::uint64_t seed) const;

 private:
    using Random = std::mt19937_64;
    struct Pending {
        LogEntry const* entry;
        std::size_t index;
    };
    struct File {
        std::string durable{};
        std::vector<Pending> pending{};
    };
    struct NameChange {
        int file;  ///< -1: removed.
        std::size_t index;
    };
    struct Name {
        int durable = -1;
        std::vector<NameChange> pending{};
    };

    static void apply(std::string& content, std::vector<Pending> const& pending, Fate fate, Random& random);
    static void apply_sectors(std::string& content, logged::Write const& write, Fate fate, unsigned percent,
                              Random& random);
    void sync(int file, std::size_t begun_at);
    void sync_names(std::size_t begun_at);

    bool honest_;
    Random random_;
    std::map<int, File> files_;
    std::map<std::string, Name> names_;
};

}  // namespace nexpo::power_loss
