// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/json_pointer.hpp"
#include "base/utf8.hpp"
#include "nexpo/json.hpp"

namespace nexpo {

namespace {

constexpr std::size_t kDefaultMaxDepth = 32;
// The parser, the writer and Json's destructor recurse once per level: this bounds the stack that they take.
constexpr std::size_t kHighestMaxDepth = 512;
// Up to here comparing every pair of names is faster than sorting them.
constexpr std::size_t kFewMembers = 16;
// Names come from outside: an answer does not repeat long ones.
constexpr std::size_t kMaxPointerLength = 256;

/// What the builder refuses although it is JSON's grammar.
struct Refusal {
    std::string pointer{};
    std::string rule{};
    std::string message{};
};

/// The first name that stands twice in `names`, if any. Sorting instead of hashing keeps hostile names from degrading
/// it.
std::optional<std::string_view> find_duplicate(std::span<std::string const> names) {
    if (names.size() <= kFewMembers) {
        for (std::size_t i = 1; i < names.size(); ++i) {
            auto const before = names.first(i);
            if (std::ranges::find(before, names[i]) != before.end()) return names[i];
        }
        return std::nullopt;
    }
    std::vector<std::string_view> sorted(names.begin(), names.end());
    std::ranges::sort(sorted);
    auto const duplicate = std::ranges::adjacent_find(sorted);
    if (duplicate == sorted.end()) return std::nullopt;
    return *duplicate;
}

/// Receives the parser's events and builds the value from the leaves up.
class Builder {
    using Text = boost::json::string_view;
    using Ec = boost::json::error_code;

 public:
    // The size of the text is limited by whoever takes it in.
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    bool on_document_begin(Ec&) { return true; }
    bool on_document_end(Ec&) { return true; }

    bool on_object_begin(Ec&) { return open(true); }
    bool on_object_end(std::size_t size, Ec& ec) {
        auto const names = std::span(names_).last(size);
        if (auto const duplicate = find_duplicate(names)) {
            std::string at = pointer_to(open_.size() - 1);
            base::append_pointer(at, *duplicate);
            return refuse(ec, {std::move(at), "unique", "A member name stands twice in one object."});
        }
        open_.pop_back();
        Json::Object members;
        members.reserve(size);
        for (std::size_t i = 0; i < size; ++i) {
            members.emplace_back(std::move(names[i]), std::move(values_[values_.size() - size + i]));
        }
        names_.resize(names_.size() - size);
        values_.resize(values_.size() - size);
        return add(std::move(members));
    }

    bool on_array_begin(Ec&) { return open(false); }
    bool on_array_end(std::size_t size, Ec&) {
        open_.pop_back();
        auto const first = values_.end() - static_cast<std::ptrdiff_t>(size);
        Json::Array elements(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
        values_.erase(first, values_.end());
        return add(std::move(elements));
    }

    bool on_key_part(Text part, std::size_t, Ec&) { return add_part(part); }
    bool on_key(Text part, std::size_t, Ec& ec) {
        add_part(part);
        if (has_null_character()) return refuse_null_character(ec, pointer_to(open_.size() - 1));
        names_.push_back(std::exchange(text_, {}));
        return true;
    }
    bool on_string_part(Text part, std::size_t, Ec&) { return add_part(part); }
    bool on_string(Text part, std::size_t, Ec& ec) {
        add_part(part);
        if (has_null_character()) return refuse_null_character(ec, pointer());
        return add(std::exchange(text_, {}));
    }

    // The text is parsed from one buffer, so that each number comes whole; parts only precede a failure.
    bool on_number_part(Text, Ec&) { return true; }
    bool on_int64(std::int64_t value, Text, Ec&) { return add(value); }
    bool on_uint64(std::uint64_t value, Text text, Ec& ec) { return on_double(static_cast<double>(value), text, ec); }
    // Boost.JSON 1.81 computes doubles that may be off by some units in the last place, and infinity: read them again.
    bool on_double(double estimate, Text text, Ec& ec) {
        double value = 0;
        auto const error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
        if (error == std::errc::result_out_of_range && std::abs(estimate) < 1) {
            return add(std::copysign(0.0, estimate));
        }
        if (error != std::errc() || !std::isfinite(value)) {
            return refuse(ec, {pointer(), "range", "The number is larger than a 64-bit floating point number can be."});
        }
        return add(value);
    }

    bool on_bool(bool value, Ec&) { return add(value); }
    bool on_null(Ec&) { return add(nullptr); }
    bool on_comment_part(Text, Ec&) { return true; }
    bool on_comment(Text, Ec&) { return true; }

    /// Why the builder stopped the parser, if it did.
    std::optional<Refusal> const& refusal() const { return refusal_; }

    /// The finished value.
    Json take() { return std::move(values_.front()); }

    /// Where the parser stands, as a JSON pointer.
    std::string pointer() const { return pointer_to(open_.size()); }

 private:
    struct Open {
        bool is_object;
        std::size_t first_value;
        std::size_t first_name;
    };

    bool open(bool is_object) {
        open_.push_back({is_object, values_.size(), names_.size()});
        return true;
    }

    template <class T>
    bool add(T&& value) {
        values_.emplace_back(std::forward<T>(value));
        return true;
    }

    bool add_part(Text part) {
        text_.append(part.data(), part.size());
        return true;
    }

    bool has_null_character() const { return text_.find('\0') != std::string::npos; }

    bool refuse_null_character(Ec& ec, std::string pointer) {
        return refuse(ec, {std::move(pointer), "null_character", "Text must not contain U+0000."});
    }

    bool refuse(Ec& ec, Refusal refusal) {
        refusal_ = std::move(refusal);
        ec = boost::json::make_error_code(boost::json::error::syntax);
        return false;
    }

    std::string pointer_to(std::size_t levels) const {
        std::string pointer;
        for (std::size_t i = 0; i < levels; ++i) {
            bool const innermost = i + 1 == open_.size();
            if (open_[i].is_object) {
                std::size_t const end = innermost ? names_.size() : open_[i + 1].first_name;
                if (end == open_[i].first_name) break;
                base::append_pointer(pointer, names_[end - 1]);
            } else {
                std::size_t const end = innermost ? values_.size() : open_[i + 1].first_value;
                base::append_pointer(pointer, end - open_[i].first_value);
            }
        }
        return pointer;
    }

    std::vector<Open> open_;
    std::vector<Json> values_;        // finished, waiting for the end of what contains them
    std::vector<std::string> names_;  // those of the members of every open object
    std::string text_;
    std::optional<Refusal> refusal_;
};

Error malformed(Refusal refusal, std::size_t offset) {
    if (refusal.pointer.size() > kMaxPointerLength) refusal.pointer.clear();
    refusal.message.append(" (byte ").append(std::to_string(offset)).append(")");
    return {.code = Errc::invalid_argument,
            .reason = "json_malformed",
            .message = "The text is not acceptable JSON.",
            .violations = {{std::move(refusal.pointer), std::move(refusal.rule), std::move(refusal.message)}}};
}

Refusal explain(boost::json::error_code const& ec, Builder const& builder, std::string_view text) {
    if (builder.refusal()) return *builder.refusal();
    if (ec == boost::json::error::too_deep) return {builder.pointer(), "max_depth", "Too many levels of nesting."};
    if (ec == boost::json::error::exponent_overflow) return {builder.pointer(), "range", "The exponent is too large."};
    if (!base::valid_utf8(text)) return {"", "encoding", "The text is not UTF-8."};
    if (ec == boost::json::error::incomplete) return {"", "syntax", "The text ends too early."};
    return {"", "syntax", "The text breaks JSON's grammar."};
}

}  // namespace

inline namespace v1 {

Result<Json> Json::parse(std::string_view text, std::size_t max_depth) {
    boost::json::parse_options options;
    options.max_depth = std::min(max_depth, kHighestMaxDepth);
    boost::json::basic_parser<Builder> parser(options);
    boost::json::error_code ec;
    std::size_t const parsed = parser.write_some(false, text.data(), text.size(), ec);
    if (ec) return malformed(explain(ec, parser.handler(), text), parsed);
    if (parsed != text.size()) return malformed({"", "syntax", "Something follows the value."}, parsed);
    return parser.handler().take();
}

Result<Json> Json::parse(std::string_view text) {
    return parse(text, kDefaultMaxDepth);
}

}  // namespace v1

}  // namespace nexpo
