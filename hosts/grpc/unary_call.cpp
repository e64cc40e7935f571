// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "grpc/calls.hpp"
#include "grpc/codec/message_codec.hpp"
#include "grpc/invoke_messages.hpp"

namespace nexpo::grpc_host {

namespace {

/// Our own answers may nest deeper than what we take from others.
constexpr std::size_t kOwnDepth = 512;

/// One call of an operation. It belongs to itself, and ends with `OnDone`.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
    UnaryCall(Door& door, Method const& method, grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
        : frame_(door, method, context), response_(response) {}

    void begin(grpc::ByteBuffer const& request) {
        if (!one_piece(request, slice_, bytes_)) return finish(server_busy());
        auto const& method = frame_.method;
        if (method.kind == MethodKind::invoke && !read_invocation()) return;
        bool const blocks =
            method.kind == MethodKind::invoke
                ? may_block(invocation_.operation)
                : method.may_block && (method.blocking_field == 0 || has_field(bytes_, method.blocking_field));
        if (!blocks) return run();
        if (!frame_.door.pool.submit([this] { run(); })) finish(server_busy());
    }

    void OnCancel() override { frame_.stop(); }
    void OnDone() override {
        frame_.write_log();
        delete this;
    }

 private:
    /// What it does when gRPC is done is short: no thread of its own is needed.
    bool InternalInlineable() override { return true; }

    bool read_invocation() {
        auto const read = decode(*frame_.method.input, &invocation_, bytes_, Sender::client);
        if (!read) finish(read.error());
        if (invocation_.input.is_null()) invocation_.input = Json::Object{};
        return read.has_value();
    }

    bool may_block(std::string const& operation) const {
        for (auto const& info : frame_.door.backend.operations()) {
            if (info.name == operation) return info.may_block;
        }
        return false;
    }

    void run() {
        auto const api = frame_.api();
        if (!api) return finish(api.error());
        if (frame_.method.kind == MethodKind::invoke) return invoke(*api);
        api->start(
            frame_.method.operation,
            [this](StructType const& type) { return read_input(*frame_.method.input, type, bytes_); },
            [this](CallAnswer answer) {
                frame_.note(answer);
                if (!answer.output) return finish(answer.output.error());
                std::string out;
                encode(*frame_.method.output, answer.output->get(), out);
                finish(out);
            });
    }

    void invoke(Api const& api) {
        auto const types = frame_.door.backend.operation_types(invocation_.operation);
        auto const* output = types ? types->output : nullptr;
        api.start(
            invocation_.operation,
            [this](StructType const& type) -> Result<std::shared_ptr<void>> {
                auto value = type.make();
                if (auto read = from_json(type, value.get(), invocation_.input); !read) return std::move(read).error();
                return value;
            },
            [this, output](CallAnswer answer) {
                frame_.note(answer);
                if (!answer.output) return finish(answer.output.error());
                auto json = Json::parse(to_json(*output, answer.output->get()), kOwnDepth);
                if (!json) return finish(json.error());
                OperationOutput const wrapped{.output = std::move(*json)};
                std::string out;
                encode(*frame_.method.output, &wrapped, out);
                finish(out);
            });
    }

    void finish(std::string const& message) {
        frame_.count_bytes(message.size());
        response_ = to_buffer(message);
        Finish(frame_.status(nullptr));
    }
    void finish(Error const& error) { Finish(frame_.status(&error)); }

    CallFrame frame_;
    grpc::ByteBuffer& response_;
    grpc::Slice slice_;
    std::string_view bytes_;
    InvokeOperation invocation_;
};

}  // namespace

grpc::ServerUnaryReactor* begin_unary(Door& door, Method const& method, grpc::CallbackServerContext& context,
                                      grpc::ByteBuffer const& request, grpc::ByteBuffer& response) {
    auto* call = new UnaryCall(door, method, context, response);
    call->begin(request);
    return call;
}

}  // namespace nexpo::grpc_host
