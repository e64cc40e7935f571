// SPDX-License-Identifier: Apache-2.0
#include "grpc/codec/wire.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace nexpo::grpc_host {

namespace {

constexpr int kVarintBytes = 10;
constexpr unsigned kTypeBits = 3;
constexpr std::uint32_t kMaxNumber = (1U << 29) - 1;
/// Groups are a form of the past that no message of ours has; those of strangers nest no deeper than protobuf allows.
constexpr int kGroupDepth = 100;

std::size_t put_varint(char* out, std::uint64_t value) {
    std::size_t size = 0;
    while (value >= 0x80) {
        out[size++] = static_cast<char>((value & 0x7F) | 0x80);
        value >>= 7;
    }
    out[size++] = static_cast<char>(value);
    return size;
}

}  // namespace

std::optional<std::uint64_t> WireReader::varint() {
    std::uint64_t value = 0;
    for (int i = 0; i < kVarintBytes && at_ != end_; ++i) {
        auto const byte = static_cast<std::uint8_t>(*at_++);
        value |= std::uint64_t{byte & 0x7FU} << (7 * i);
        if (byte < 0x80) return value;
    }
    return std::nullopt;
}

std::optional<Tag> WireReader::tag() {
    auto const value = varint();
    if (!value) return std::nullopt;
    auto const type = static_cast<std::uint8_t>(*value & ((1U << kTypeBits) - 1));
    auto const number = *value >> kTypeBits;
    if (number == 0 || number > kMaxNumber || type > 5) return std::nullopt;
    return Tag{static_cast<std::uint32_t>(number), static_cast<WireType>(type)};
}

// All of protobuf is little-endian, and so is every machine that this is built for.
std::optional<std::uint64_t> WireReader::fixed64() {
    std::uint64_t value = 0;
    if (!advance(sizeof value)) return std::nullopt;
    std::memcpy(&value, at_ - sizeof value, sizeof value);
    return value;
}

std::optional<std::uint32_t> WireReader::fixed32() {
    std::uint32_t value = 0;
    if (!advance(sizeof value)) return std::nullopt;
    std::memcpy(&value, at_ - sizeof value, sizeof value);
    return value;
}

std::optional<std::string_view> WireReader::bytes() {
    auto const size = varint();
    if (!size || !advance(*size)) return std::nullopt;
    return std::string_view(at_ - *size, *size);
}

bool WireReader::skip(Tag tag) {
    return skip(tag, 0);
}

bool WireReader::skip(Tag tag, int depth) {
    switch (tag.type) {
        case WireType::varint:
            return varint().has_value();
        case WireType::fixed64:
            return fixed64().has_value();
        case WireType::bytes:
            return bytes().has_value();
        case WireType::fixed32:
            return fixed32().has_value();
        case WireType::group_begin:
            if (depth == kGroupDepth) return false;
            while (auto const inner = this->tag()) {
                if (inner->type == WireType::group_end) return inner->number == tag.number;
                if (!skip(*inner, depth + 1)) return false;
            }
            return false;
        case WireType::group_end:
            break;
    }
    return false;
}

bool WireReader::advance(std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - at_)) return false;
    at_ += size;
    return true;
}

void WireWriter::tag(std::uint32_t number, WireType type) {
    varint(std::uint64_t{number} << kTypeBits | static_cast<std::uint8_t>(type));
}

void WireWriter::varint(std::uint64_t value) {
    std::array<char, kVarintBytes> bytes;
    out_.append(bytes.data(), put_varint(bytes.data(), value));
}

void WireWriter::fixed64(std::uint64_t value) {
    std::array<char, sizeof value> bytes;
    std::memcpy(bytes.data(), &value, sizeof value);
    out_.append(bytes.data(), bytes.size());
}

void WireWriter::bytes(std::string_view bytes) {
    varint(bytes.size());
    out_.append(bytes);
}

void WireWriter::text_field(std::uint32_t number, std::string_view text) {
    tag(number, WireType::bytes);
    bytes(text);
}

/// Most messages are shorter than 128 bytes, so that one byte was left for their length; others are moved.
void WireWriter::set_length(std::size_t start) {
    std::array<char, kVarintBytes> bytes;
    auto const size = put_varint(bytes.data(), out_.size() - start - 1);
    out_[start] = bytes[0];
    if (size > 1) out_.insert(start + 1, bytes.data() + 1, size - 1);
}

}  // namespace nexpo::grpc_host
