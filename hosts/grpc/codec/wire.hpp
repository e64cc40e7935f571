// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexpo::grpc_host {

/// How a value lies on the wire (https://protobuf.dev/programming-guides/encoding/#structure).
enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, group_begin = 3, group_end = 4, fixed32 = 5 };

/// The number of a field and how its value lies on the wire.
struct Tag {
    std::uint32_t number = 0;
    WireType type = WireType::varint;
};

/// Reads protobuf's wire format out of bytes that stay where they are. Each function answers nothing when the bytes end
/// too early or have no such form; what comes after that is not to be read.
class WireReader {
 public:
    explicit WireReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    bool at_end() const { return at_ == end_; }
    std::optional<Tag> tag();
    std::optional<std::uint64_t> varint();
    std::optional<std::uint64_t> fixed64();
    std::optional<std::uint32_t> fixed32();
    std::optional<std::string_view> bytes();
    /// Passes over the value of a field. False when there is none.
    bool skip(Tag tag);

 private:
    bool skip(Tag tag, int depth);
    bool advance(std::size_t size);

    char const* at_;
    char const* end_;
};

/// Appends protobuf's wire format to a text.
class WireWriter {
 public:
    explicit WireWriter(std::string& out) : out_(out) {}

    void tag(std::uint32_t number, WireType type);
    void varint(std::uint64_t value);
    void fixed64(std::uint64_t value);
    void bytes(std::string_view bytes);
    void text_field(std::uint32_t number, std::string_view text);
    /// What `write` appends, behind its length.
    template <class F>
    void message(F&& write) {
        auto const start = out_.size();
        out_.push_back('\0');
        write();
        set_length(start);
    }

 private:
    void set_length(std::size_t start);

    std::string& out_;
};

}  // namespace nexpo::grpc_host
