// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "grpc/door.hpp"
#include "grpc/grpc_library.hpp"

namespace nexpo::grpc_host {

/// What every call of every method has: who calls and how, the answer's metadata, the line in the log.
class CallFrame {
 public:
    CallFrame(Door& door, Method const& method, grpc::CallbackServerContext& context);

    Door& door;
    Method const& method;

    /// The backend as whoever calls. Errors: invalid_argument (metadata), and those of `ServicePrincipals::find`.
    Result<Api> api(std::string_view key_suffix = {}) const;
    /// Asks the call to stop.
    void stop() { stop_.request_stop(); }
    /// What the pipeline says of the call, for the trailing metadata and the log.
    void note(CallAnswer const& answer);
    /// The status to finish with. Call it once, at the end.
    grpc::Status status(Error const* error);
    void count_bytes(std::size_t bytes) { bytes_ += bytes; }
    /// Writes the line.
    void write_log() const;

    std::string const& request_id() const { return request_id_; }
    /// Adds to what comes behind the answer.
    void add_trailer(std::string const& name, std::string const& value);

 private:
    std::string_view metadata(std::string_view name) const;
    Result<std::optional<Caller>> principal() const;

    grpc::CallbackServerContext& context_;
    std::chrono::steady_clock::time_point const started_;
    std::stop_source stop_;
    std::string address_;
    std::string request_id_;
    std::string traceparent_;
    bool replayed_ = false;
    int code_ = 0;
    std::size_t bytes_ = 0;
};

/// The message in one piece; it stays valid as long as `slice`. False when there is no memory for it.
bool one_piece(grpc::ByteBuffer const& message, grpc::Slice& slice, std::string_view& bytes);
/// A message of these bytes.
grpc::ByteBuffer to_buffer(std::string_view bytes);
/// What a method answers when too many calls wait for a thread.
Error server_busy();
/// Reads a message into a fresh struct, as the pipeline asks for it.
Result<std::shared_ptr<void>> read_input(MessageType const& message, StructType const& type, std::string_view bytes);
/// Whether a message has this field.
bool has_field(std::string_view message, std::uint32_t number);

}  // namespace nexpo::grpc_host
