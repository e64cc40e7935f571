// SPDX-License-Identifier: Apache-2.0
#include "power_loss/replay.hpp"

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "power_loss/disk.hpp"
#include "power_loss/recording.hpp"
#include "support/durability/door.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::power_loss {

namespace {

using durability::Entry;
using durability::Ledger;
using durability::Subject;
using durability::Verdict;

/// Of calls that were answered; those that were not are all repeated.
constexpr std::size_t kRepeatsPerImage = 4;

/// In memory where there is such a place: nobody cuts the power of the judge.
std::filesystem::path image_parent() {
    std::filesystem::path const memory = "/dev/shm";
    return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

bool keyed(Subject const& subject) {
    return subject.kind == Subject::Kind::person || subject.kind == Subject::Kind::bundle;
}

class Replay {
 public:
    Replay(WriteLog const& log, ReplayOptions const& options)
        : log_(log), options_(options), random_(options.seed), disk_(options.honest, options.seed) {}

    ReplayResult run() {
        auto const& entries = log_.entries();
        for (std::size_t index = 0; index < entries.size(); ++index) {
            if (std::chrono::steady_clock::now() >= options_.until || enough()) return std::move(result_);
            auto const& entry = entries[index];
            if (is_place(entry)) cut(index);
            disk_.play(entry, index);
            if (auto const* begun = std::get_if<logged::Begun>(&entry)) {
                ledger_.begin(begun->subject);
            } else if (auto const* answered = std::get_if<logged::Answered>(&entry)) {
                ledger_.answer(answered->name, answered->answer);
                result_.answered = ledger_.answered();
                recent_ = answered->name;
            }
        }
        cut(entries.size());
        result_.complete = true;
        return std::move(result_);
    }

 private:
    bool enough() const {
        return options_.stop_after_violations != 0 && result_.verdict.findings.size() >= options_.stop_after_violations;
    }

    /// Just before each sync is done, and between writes; sampled when there are too many.
    bool is_place(LogEntry const& entry) {
        if (std::holds_alternative<logged::Begun>(entry) || std::holds_alternative<logged::Answered>(entry)) {
            return std::exchange(after_answers_, false) && random_() % options_.every == 0;
        }
        after_answers_ = std::holds_alternative<logged::Sync>(entry);
        auto const rarely = std::holds_alternative<logged::Write>(entry) ? kWritesPerPlace : 1;
        return random_() % (options_.every * rarely) == 0;
    }

    void cut(std::size_t index) {
        ++result_.places;
        for (int fate = 0; fate < kFates; ++fate) {
            auto const seed = random_();
            auto const files = disk_.power_cut(static_cast<Fate>(fate), seed);
            auto const place = "entry " + std::to_string(index) + " of " + std::to_string(log_.entries().size()) +
                               ", fate " + std::to_string(fate) + ", seed " + std::to_string(options_.seed);
            try {
                judge_image(files, place);
            } catch (Exception const& exception) {
                Verdict verdict;
                verdict.add(&Verdict::damaged, place + ": " + exception.error().reason + " " + exception.what());
                result_.verdict.merge(verdict);
            }
        }
    }

    void judge_image(Disk::Files const& files, std::string const& place) {
        ++result_.images;
        testing::TempDir const directory(image_parent());
        for (auto const& [name, content] : files) {
            std::ofstream(directory.path() / name, std::ios::binary) << content;
        }
        auto const url = "sqlite:" + directory.file(kDatabase);
        auto const backend = Backend::open(durability::durable_config(url)).value();
        add(durability::judge_audit(backend), place);
        add(durability::judge(ledger_, durability::facts_of(url), {}), place);
        auto ledger = ledger_;
        repeat(*durability::backend_door(backend), ledger, place);
        add(durability::judge(ledger, durability::facts_of(url), {}), place + ", after repeats");
        backend.close();
    }

    /// Every unanswered call, and a few of the answered ones, once more with the same keys.
    void repeat(durability::Door& door, Ledger& ledger, std::string const& place) {
        for (auto const& name : some_answered()) {
            auto const& entry = ledger.at(name);
            auto const answer = door.send(entry.subject, entry.answered - 1, entry.id);
            ++result_.repeats;
            bool const same = answer.ok && answer.id == entry.last.id && answer.version == entry.last.version;
            if (same) continue;
            Verdict verdict;
            verdict.add(answer.ok ? &Verdict::doubled : &Verdict::lost,
                        name + " gets another answer than before: " + answer.id + " " + answer.reason);
            add(std::move(verdict), place);
        }
        for (auto const& [name, entry] : ledger.entries()) {
            if (entry.begun > entry.answered && keyed(entry.subject)) ++result_.repeats;
        }
        durability::repeat_unanswered(door, ledger);
        for (auto const& [name, entry] : ledger.entries()) {
            if (entry.begun == entry.answered || !keyed(entry.subject)) continue;
            Verdict verdict;
            verdict.add(&Verdict::lost, name + " cannot be repeated");
            add(std::move(verdict), place);
        }
    }

    /// The last answered one, which is the first to be lost, and some others.
    std::vector<std::string> some_answered() {
        std::vector<std::string> names;
        auto const& entries = ledger_.entries();
        auto const add_if_due = [&](Entry const& entry) {
            bool const due = entry.answered > 0 && entry.answered == entry.begun && keyed(entry.subject);
            if (due) names.push_back(entry.subject.name);
        };
        if (!recent_.empty()) add_if_due(entries.at(recent_));
        while (!entries.empty() && names.size() < kRepeatsPerImage && random_() % 8 != 0) {
            auto at = entries.begin();
            std::advance(at, static_cast<std::ptrdiff_t>(random_() % entries.size()));
            add_if_due(at->second);
        }
        return names;
    }

    void add(Verdict verdict, std::string const& place) {
        verdict.locate(place);
        result_.verdict.merge(verdict);
    }

    static constexpr std::size_t kWritesPerPlace = 20;

    WriteLog const& log_;
    ReplayOptions options_;
    std::mt19937_64 random_;
    Disk disk_;
    Ledger ledger_;
    std::string recent_;
    bool after_answers_ = false;
    ReplayResult result_;
};

}  // namespace

ReplayResult replay(WriteLog const& log, ReplayOptions const& options) {
    return Replay(log, options).run();
}

}  // namespace nexpo::power_loss
