// SPDX-License-Identifier: Apache-2.0
#include "grpc/call_frame.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "grpc/codec/message_codec.hpp"
#include "grpc/error_status.hpp"
#include "grpc/peer_address.hpp"
#include "nexpo/log.hpp"
#include "nexpo/time.hpp"

namespace nexpo::grpc_host {

namespace {

using Clock = std::chrono::steady_clock;

std::string_view view(grpc::string_ref text) {
    return {text.data(), text.size()};
}

/// The version in `"v7"`, as entity tags have it, or in `7`. Nothing when it is malformed.
std::optional<std::int64_t> parse_version(std::string_view text) {
    if (text.size() > 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
    if (text.starts_with('v')) text.remove_prefix(1);
    std::int64_t version = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (problem != std::errc{} || end != text.data() + text.size() || version < 0) return std::nullopt;
    return version;
}

/// RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1).
std::string_view bearer_token(std::string_view header) {
    constexpr std::string_view kScheme = "bearer ";
    if (header.size() < kScheme.size()) return {};
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        char const c = header[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
    }
    return header.substr(kScheme.size());
}

Error header_invalid(char const* name, char const* message) {
    return {Errc::invalid_argument, "header_invalid", std::string(name) + " " + message, {{"", name, message}}};
}

}  // namespace

CallFrame::CallFrame(Door& shared, Method const& called, grpc::CallbackServerContext& context)
    : door(shared), method(called), context_(context), started_(Clock::now()), address_(peer_address(context.peer())) {}

std::string_view CallFrame::metadata(std::string_view name) const {
    auto const& all = context_.client_metadata();
    auto const found = all.find(grpc::string_ref(name.data(), name.size()));
    return found == all.end() ? std::string_view() : view(found->second);
}

Result<std::optional<Caller>> CallFrame::principal() const {
    auto const shown = context_.auth_context();
    if (door.principals.empty() || !shown->IsPeerAuthenticated()) return std::optional<Caller>();
    std::vector<std::string> names;
    for (auto const* property : {"peer_uri", "peer_dns"}) {
        for (auto const& name : shown->FindPropertyValues(property)) names.emplace_back(view(name));
    }
    return door.principals.find(names);
}

Result<Api> CallFrame::api(std::string_view key_suffix) const {
    Client client{.address = address_,
                  .request_id = std::string(metadata("x-request-id")),
                  .traceparent = std::string(metadata("traceparent"))};
    auto const authorization = metadata("authorization");
    if (!authorization.empty()) {
        auto const token = bearer_token(authorization);
        if (token.empty()) return header_invalid("authorization", "must be Bearer and a token");
        client.token = Secret(std::string(token));
    } else if (auto caller = principal()) {
        client.caller = std::move(*caller);
    } else {
        return std::move(caller).error();
    }
    CallOptions options{.stop = stop_.get_token()};
    if (auto const key = metadata("idempotency-key"); !key.empty()) {
        options.idempotency_key = std::string(key).append(key_suffix);
    }
    if (auto const version = metadata("if-match"); !version.empty()) {
        options.if_version = parse_version(version);
        if (!options.if_version) return header_invalid("if-match", "must be a version such as \"v7\"");
    }
    auto const deadline = context_.deadline();
    if (deadline != std::chrono::system_clock::time_point::max()) {
        options.timeout =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::system_clock::now());
    }
    return door.backend.as_client(std::move(client)).with(std::move(options));
}

void CallFrame::note(CallAnswer const& answer) {
    request_id_ = answer.request_id;
    traceparent_ = answer.traceparent;
    replayed_ = answer.replayed;
}

void CallFrame::add_trailer(std::string const& name, std::string const& value) {
    context_.AddTrailingMetadata(name, value);
}

grpc::Status CallFrame::status(Error const* error) {
    if (!request_id_.empty()) add_trailer("x-request-id", request_id_);
    if (!traceparent_.empty()) add_trailer("traceparent", traceparent_);
    if (replayed_) add_trailer("idempotent-replayed", "true");
    if (error == nullptr) return grpc::Status::OK;
    code_ = static_cast<int>(error->code);
    return {static_cast<grpc::StatusCode>(code_), error->message, status_details(*error, request_id_)};
}

void CallFrame::write_log() const {
    if (!door.log) return;
    auto const taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_).count();
    std::array<LogField, 6> const fields = {{
        {"method", method.path},
        {"code", code_ == 0 ? std::string_view("ok") : to_string(static_cast<Errc>(code_))},
        {"bytes", static_cast<std::int64_t>(bytes_)},
        {"duration_ms", static_cast<double>(taken) / 1000.0},
        {"peer", address_},
        {"request_id", request_id_},
    }};
    door.log(to_json_line({system_clock()->now(), LogLevel::info, "request", fields}));
}

bool one_piece(grpc::ByteBuffer const& message, grpc::Slice& slice, std::string_view& bytes) {
    if (!message.TrySingleSlice(&slice).ok() && !message.DumpToSingleSlice(&slice).ok()) return false;
    bytes = {reinterpret_cast<char const*>(slice.begin()), slice.size()};
    return true;
}

grpc::ByteBuffer to_buffer(std::string_view bytes) {
    grpc::Slice const slice(bytes.data(), bytes.size());
    return grpc::ByteBuffer(&slice, 1);
}

Error server_busy() {
    return {Errc::unavailable, "server_busy", "too many calls are waiting; try again soon"};
}

Result<std::shared_ptr<void>> read_input(MessageType const& message, StructType const& type, std::string_view bytes) {
    auto value = type.make();
    if (auto read = decode(message, value.get(), bytes, Sender::client); !read) return std::move(read).error();
    return value;
}

bool has_field(std::string_view message, std::uint32_t number) {
    WireReader reader(message);
    while (auto const tag = reader.tag()) {
        if (tag->number == number) return true;
        if (!reader.skip(*tag)) return false;
    }
    return false;
}

}  // namespace nexpo::grpc_host
