// SPDX-License-Identifier: Apache-2.0
#include "base/json_write.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.hpp"

namespace nexpo {

namespace base {

namespace {

constexpr int kMinPlainExponent = -6;
// Below 1e16 the shortest digits of a whole double are its exact value, so that it also reads back as an integer.
constexpr int kMaxPlainExponent = 15;

/// Which bytes stand for themselves, without a look at their neighbours.
constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}();

void append_escape(std::string& out, unsigned char c) {
    switch (c) {
        case '"':
            out.append("\\\"");
            return;
        case '\\':
            out.append("\\\\");
            return;
        case '\b':
            out.append("\\b");
            return;
        case '\f':
            out.append("\\f");
            return;
        case '\n':
            out.append("\\n");
            return;
        case '\r':
            out.append("\\r");
            return;
        case '\t':
            out.append("\\t");
            return;
        default:
            break;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.append("\\u00").push_back(kDigits[c >> 4]);
    out.push_back(kDigits[c & 15]);
}

/// Writes `0.digits * 10^(exponent + 1)` without an exponent.
void append_plain(std::string& out, std::string_view digits, int exponent) {
    if (exponent < 0) {
        out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
        return;
    }
    auto const whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) {
        out.append(digits).append(whole - digits.size(), '0');
    } else {
        out.append(digits.substr(0, whole)).append(1, '.').append(digits.substr(whole));
    }
}

class Writer {
 public:
    Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

    void write(Json const& value) {
        switch (value.kind()) {
            case Json::Kind::null:
                out_.append("null");
                break;
            case Json::Kind::boolean:
                out_.append(*value.if_boolean() ? "true" : "false");
                break;
            case Json::Kind::integer:
                append_integer(out_, *value.if_integer());
                break;
            case Json::Kind::number:
                append_number(out_, *value.if_number());
                break;
            case Json::Kind::string:
                append_string(out_, *value.if_string());
                break;
            case Json::Kind::array:
                write(*value.if_array());
                break;
            case Json::Kind::object:
                write(*value.if_object());
                break;
        }
    }

 private:
    void write(Json::Array const& elements) {
        list('[', elements, ']', [this](Json const& element) { write(element); });
    }

    void write(Json::Object const& members) {
        list('{', members, '}', [this](auto const& member) {
            append_string(out_, member.first);
            out_.append(pretty_ ? ": " : ":");
            write(member.second);
        });
    }

    template <class List, class WriteItem>
    void list(char open, List const& items, char close, WriteItem const& write_item) {
        out_.push_back(open);
        ++depth_;
        bool first = true;
        for (auto const& item : items) {
            if (!first) out_.push_back(',');
            first = false;
            break_line();
            write_item(item);
        }
        --depth_;
        if (!items.empty()) break_line();
        out_.push_back(close);
    }

    void break_line() {
        if (pretty_) out_.append(1, '\n').append(2 * depth_, ' ');
    }

    std::string& out_;
    bool pretty_;
    std::size_t depth_ = 0;
};

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out.push_back('"');
    std::size_t copied = 0;
    std::size_t i = 0;
    while (i < text.size()) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (kPlain[c]) {
            ++i;
            continue;
        }
        Utf8Sequence const next = next_utf8(text.substr(i));
        if (c >= 0x80 && next.valid) {
            i += next.length;
            continue;
        }
        out.append(text.substr(copied, i - copied));
        if (next.valid) {
            append_escape(out, c);
        } else {
            out.append(kReplacementCharacter);
        }
        i += next.length;
        copied = i;
    }
    out.append(text.substr(copied)).push_back('"');
}

void append_integer(std::string& out, std::int64_t value) {
    std::array<char, 24> buffer{};
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), end);
}

void append_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out.append("null");
        return;
    }
    if (std::signbit(value)) out.push_back('-');
    if (value == 0) {
        // An integer has no negative zero.
        out.append(std::signbit(value) ? "0.0" : "0");
        return;
    }
    // At most "d.dddddddddddddddde-ddd".
    std::array<char, 32> buffer{};
    char* const end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::scientific).ptr;
    std::string_view const text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    std::size_t const mark = text.find('e');
    std::string digits(text.substr(0, mark));
    if (digits.size() > 1) digits.erase(1, 1);
    int exponent = 0;
    std::size_t const exponent_at = mark + (text[mark + 1] == '+' ? 2 : 1);
    std::from_chars(buffer.data() + exponent_at, end, exponent);
    if (exponent >= kMinPlainExponent && exponent <= kMaxPlainExponent) {
        append_plain(out, digits, exponent);
        return;
    }
    out.append(text.substr(0, mark)).push_back('e');
    append_integer(out, exponent);
}

void append_json(std::string& out, Json const& value) {
    Writer(out, false).write(value);
}

}  // namespace base

inline namespace v1 {

std::string Json::dump() const {
    std::string out;
    base::append_json(out, *this);
    return out;
}

std::string Json::dump_pretty() const {
    std::string out;
    base::Writer(out, true).write(*this);
    return out;
}

}  // namespace v1

}  // namespace nexpo
