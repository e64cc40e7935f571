// SPDX-License-Identifier: Apache-2.0
#include "grpc/error_status.hpp"

#include <algorithm>
#include <chrono>

#include "grpc/codec/wire.hpp"
#include "nexpo/json.hpp"

namespace nexpo::grpc_host {

namespace {

constexpr std::string_view kDomain = "nexpo";
/// Trailing metadata of more than eight kilobytes is more than many clients and proxies take.
constexpr std::size_t kMostViolationBytes = 4'096;

/// google/rpc/status.proto and google/rpc/error_details.proto.
enum Number : std::uint32_t {
    kCode = 1,
    kMessage = 2,
    kDetails = 3,
    kTypeUrl = 1,
    kContent = 2,
    kReason = 1,
    kInfoDomain = 2,
    kFieldViolations = 1,
    kField = 1,
    kDescription = 2,
    kViolationReason = 3,
    kRetryDelay = 1,
    kSeconds = 1,
    kNanos = 2,
    kRequestId = 1,
};

bool is_plain(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_index(std::string_view name) {
    return !name.empty() && name.find_first_not_of("0123456789") == name.npos;
}

/// RFC 6901 section 4.
std::string unescaped(std::string_view token) {
    std::string name;
    for (std::size_t i = 0; i < token.size(); ++i) {
        bool const escape = token[i] == '~' && i + 1 < token.size();
        name += escape ? (token[++i] == '1' ? '/' : '~') : token[i];
    }
    return name;
}

template <class F>
void add_detail(std::string& out, std::string_view type, F&& write) {
    WireWriter writer(out);
    writer.tag(kDetails, WireType::bytes);
    writer.message([&] {
        writer.text_field(kTypeUrl, "type.googleapis.com/google.rpc." + std::string(type));
        writer.tag(kContent, WireType::bytes);
        writer.message([&] { write(writer); });
    });
}

void write_violations(WireWriter& writer, std::string const& out, Error const& error) {
    auto const start = out.size();
    for (auto const& violation : error.violations) {
        if (out.size() - start > kMostViolationBytes) return;
        writer.tag(kFieldViolations, WireType::bytes);
        writer.message([&] {
            writer.text_field(kField, field_path(violation.field));
            writer.text_field(kDescription, violation.message);
            writer.text_field(kViolationReason, violation.rule);
        });
    }
}

void write_delay(WireWriter& writer, std::chrono::milliseconds delay) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(delay);
    auto const nanos = std::chrono::nanoseconds(delay - seconds).count();
    writer.tag(kRetryDelay, WireType::bytes);
    writer.message([&] {
        writer.tag(kSeconds, WireType::varint);
        writer.varint(static_cast<std::uint64_t>(seconds.count()));
        writer.tag(kNanos, WireType::varint);
        writer.varint(static_cast<std::uint64_t>(nanos));
    });
}

}  // namespace

std::string field_path(std::string_view pointer) {
    std::string path;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        auto const size = std::min(pointer.find('/'), pointer.size());
        auto const name = unescaped(pointer.substr(0, size));
        pointer.remove_prefix(size);
        if (is_index(name)) {
            path += '[' + name + ']';
        } else if (is_plain(name)) {
            path += (path.empty() ? "" : ".") + name;
        } else {
            path += '[' + Json(name).dump() + ']';
        }
    }
    return path;
}

std::string status_details(Error const& error, std::string_view request_id) {
    std::string out;
    WireWriter writer(out);
    writer.tag(kCode, WireType::varint);
    writer.varint(static_cast<std::uint64_t>(error.code));
    writer.text_field(kMessage, error.message);
    add_detail(out, "ErrorInfo", [&](WireWriter& info) {
        info.text_field(kReason, error.reason);
        info.text_field(kInfoDomain, kDomain);
    });
    if (!error.violations.empty()) {
        add_detail(out, "BadRequest", [&](WireWriter& request) { write_violations(request, out, error); });
    }
    if (error.retry_after) {
        add_detail(out, "RetryInfo", [&](WireWriter& info) { write_delay(info, *error.retry_after); });
    }
    if (!request_id.empty()) {
        add_detail(out, "RequestInfo", [&](WireWriter& info) { info.text_field(kRequestId, request_id); });
    }
    return out;
}

}  // namespace nexpo::grpc_host
