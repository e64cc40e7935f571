// SPDX-License-Identifier: Apache-2.0
// Reads TZif files (RFC 9636).
#include <cstdint>

#include "work/time_zone.hpp"

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

constexpr std::size_t kMaxChanges = 10'000;
constexpr std::size_t kMaxTypes = 256;

/// Takes big-endian numbers off the front.
class Bytes {
 public:
    explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

    std::size_t left() const { return bytes_.size(); }
    std::string_view rest() const { return bytes_; }

    bool skip(std::size_t count) {
        if (bytes_.size() < count) return false;
        bytes_.remove_prefix(count);
        return true;
    }

    /// The caller has seen to it that there are enough.
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (char const c : bytes_.substr(0, size)) value = value << 8 | static_cast<unsigned char>(c);
        bytes_.remove_prefix(size);
        return value;
    }

 private:
    std::string_view bytes_;
};

/// Section 3.1.
struct Header {
    std::size_t utc_flags = 0, standard_flags = 0, leap_seconds = 0, changes = 0, types = 0, letters = 0;

    std::size_t body(std::size_t time_size) const {
        return changes * (time_size + 1) + types * 6 + letters + leap_seconds * (time_size + 4) + standard_flags +
               utc_flags;
    }
};

std::optional<Header> take_header(Bytes& bytes) {
    constexpr std::size_t kSize = 44;
    if (bytes.left() < kSize || !bytes.rest().starts_with("TZif") || bytes.rest()[4] < '2') return std::nullopt;
    bytes.skip(20);
    Header header;
    for (auto* const count : {&header.utc_flags, &header.standard_flags, &header.leap_seconds, &header.changes,
                              &header.types, &header.letters}) {
        *count = static_cast<std::size_t>(bytes.number(4));
    }
    return header;
}

bool is_offset(chrono::seconds offset) {
    return offset > -chrono::hours(25) && offset < chrono::hours(26);  // section 3.2
}

}  // namespace

std::optional<TimeZone> TimeZone::read(std::string_view file) {
    Bytes bytes(file);
    // The first block is for readers with 32-bit times.
    auto const old = take_header(bytes);
    if (!old || !bytes.skip(old->body(4))) return std::nullopt;
    auto const header = take_header(bytes);
    if (!header || header->leap_seconds != 0 || header->changes > kMaxChanges || header->types == 0 ||
        header->types > kMaxTypes || bytes.left() < header->body(8)) {
        return std::nullopt;
    }

    TimeZone zone;
    zone.changes_.resize(header->changes);
    for (auto& change : zone.changes_) {
        auto const seconds = static_cast<std::int64_t>(bytes.number(8));
        change.at = chrono::sys_seconds(chrono::seconds(seconds));
        if (&change != zone.changes_.data() && change.at <= (&change)[-1].at) return std::nullopt;
    }
    std::vector<std::size_t> types(header->changes);
    for (auto& type : types) {
        type = static_cast<std::size_t>(bytes.number(1));
        if (type >= header->types) return std::nullopt;
    }
    std::vector<chrono::seconds> offsets(header->types);
    for (auto& offset : offsets) {
        offset = chrono::seconds(static_cast<std::int32_t>(bytes.number(4)));
        if (!is_offset(offset)) return std::nullopt;
        bytes.skip(2);
    }
    zone.first_offset_ = offsets.front();
    for (std::size_t i = 0; i < types.size(); ++i) zone.changes_[i].offset = offsets[types[i]];
    // Files may begin with a change in the remote past, and what is after the last year is of no use.
    std::erase_if(zone.changes_, [](Change const& change) { return change.at >= kFinish; });
    while (!zone.changes_.empty() && zone.changes_.front().at <= kBegin) {
        zone.first_offset_ = zone.changes_.front().offset;
        zone.changes_.erase(zone.changes_.begin());
    }

    bytes.skip(header->letters + header->standard_flags + header->utc_flags);
    auto footer = bytes.rest();
    auto const end = footer.find('\n', 1);
    if (!footer.starts_with('\n') || end == footer.npos) return std::nullopt;
    footer = footer.substr(1, end - 1);
    zone.later_.offset = zone.changes_.empty() ? zone.first_offset_ : zone.changes_.back().offset;
    if (footer.empty()) return zone;
    auto const later = YearlyRule::parse(footer);
    if (!later || !is_offset(later->offset) || (later->summer && !is_offset(later->summer->offset)))
        return std::nullopt;
    zone.later_ = *later;
    return zone;
}

}  // namespace nexpo::work
