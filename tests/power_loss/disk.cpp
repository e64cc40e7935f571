// SPDX-License-Identifier: Apache-2.0
#include "power_loss/disk.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace nexpo::power_loss {

namespace {

constexpr std::size_t kSector = 512;

void write_whole(std::string& content, std::size_t offset, std::string_view bytes) {
    if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
    bytes.copy(content.data() + offset, bytes.size());
}

std::string junk(std::size_t size, std::mt19937_64& random) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

}  // namespace

void Disk::play(LogEntry const& entry, std::size_t index) {
    if (auto const* create = std::get_if<logged::Create>(&entry)) {
        names_[create->name].pending.push_back({create->file, index});
    } else if (auto const* remove = std::get_if<logged::Remove>(&entry)) {
        names_[remove->name].pending.push_back({-1, index});
    } else if (auto const* write = std::get_if<logged::Write>(&entry)) {
        files_[write->file].pending.push_back({&entry, index});
    } else if (auto const* resize = std::get_if<logged::Resize>(&entry)) {
        files_[resize->file].pending.push_back({&entry, index});
    } else if (auto const* sync_file = std::get_if<logged::Sync>(&entry)) {
        if (honest_) sync(sync_file->file, sync_file->begun_at);
    } else if (auto const* failed = std::get_if<logged::FailedSync>(&entry)) {
        auto& file = files_[failed->file];
        apply(file.durable, std::exchange(file.pending, {}), Fate::scattered, random_);
    } else if (auto const* names = std::get_if<logged::SyncNames>(&entry)) {
        if (honest_) sync_names(names->begun_at);
    }
}

void Disk::sync(int file, std::size_t begun_at) {
    auto& [durable, pending] = files_[file];
    auto const rest = std::ranges::find_if(pending, [&](Pending const& one) { return one.index >= begun_at; });
    apply(durable, {pending.begin(), rest}, Fate::kept, random_);
    pending.erase(pending.begin(), rest);
}

void Disk::sync_names(std::size_t begun_at) {
    for (auto& [text, name] : names_) {
        auto& pending = name.pending;
        auto const rest = std::ranges::find_if(pending, [&](NameChange const& one) { return one.index >= begun_at; });
        if (rest != pending.begin()) name.durable = std::prev(rest)->file;
        pending.erase(pending.begin(), rest);
    }
}

void Disk::apply(std::string& content, std::vector<Pending> const& pending, Fate fate, Random& random) {
    if (fate == Fate::dropped || pending.empty()) return;
    auto const in_order = fate == Fate::cut_off ? random() % pending.size() : pending.size();
    auto const percent = std::array{15U, 50U, 85U}[random() % 3];
    for (std::size_t i = 0; i < pending.size() && i <= in_order; ++i) {
        bool const whole = fate == Fate::kept || (fate == Fate::cut_off && i < in_order);
        auto const* write = std::get_if<logged::Write>(pending[i].entry);
        if (write != nullptr && !whole) {
            apply_sectors(content, *write, fate, percent, random);
        } else if (write != nullptr) {
            write_whole(content, static_cast<std::size_t>(write->offset), write->bytes);
        } else if (whole || random() % 100 < percent) {
            content.resize(static_cast<std::size_t>(std::get<logged::Resize>(*pending[i].entry).size));
        }
    }
}

void Disk::apply_sectors(std::string& content, logged::Write const& write, Fate fate, unsigned percent,
                         Random& random) {
    auto const start = static_cast<std::size_t>(write.offset);
    auto const end = start + write.bytes.size();
    for (auto at = start; at < end;) {
        auto const next = std::min(end, (at / kSector + 1) * kSector);
        auto const size = next - at;
        if (random() % 100 < percent) {
            write_whole(content, at, std::string_view(write.bytes).substr(at - start, size));
        } else if (fate == Fate::junk && random() % 2 == 0) {
            write_whole(content, at, junk(size, random));
        } else if (content.size() < next && random() % 2 == 0) {
            content.resize(next);
        }
        at = next;
    }
}

Disk::Files Disk::power_cut(Fate fate, std::uint64_t seed) const {
    Random random(seed);
    Files found;
    for (auto const& [text, name] : names_) {
        auto file = name.durable;
        auto const changes = name.pending.size();
        auto const kept = fate == Fate::dropped ? 0 : fate == Fate::kept ? changes : random() % (changes + 1);
        if (kept > 0) file = name.pending[kept - 1].file;
        if (file < 0) continue;
        auto& content = found[text];
        auto const state = files_.find(file);
        if (state == files_.end()) continue;
        content = state->second.durable;
        apply(content, state->second.pending, fate, random);
    }
    return found;
}

}  // namespace nexpo::power_loss
