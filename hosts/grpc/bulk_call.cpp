// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "grpc/bulk_result.hpp"
#include "grpc/calls.hpp"
#include "grpc/codec/message_codec.hpp"
#include "grpc/error_status.hpp"

namespace nexpo::grpc_host {

namespace {

/// Calls under way at a time. They share commits; the client waits when it is faster.
constexpr std::size_t kWindow = 32;
/// Failures that are told one by one.
constexpr std::size_t kMostFailures = 1'000;

BulkFailure to_failure(std::int64_t index, Error const& error) {
    BulkFailure failure{.index = index,
                        .code = static_cast<std::int32_t>(error.code),
                        .reason = error.reason,
                        .message = error.message};
    for (auto const& violation : error.violations) {
        failure.violations.push_back({field_path(violation.field), violation.rule, violation.message});
    }
    if (error.retry_after) failure.retry_after_ms = error.retry_after->count();
    return failure;
}

/// A call of the operation for each message of the client.
class BulkCall final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
    BulkCall(Door& door, Method const& method, grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
        : frame_(door, method, context), response_(response) {}

    void begin() { StartRead(&buffer_); }

    void OnReadDone(bool ok) override {
        std::unique_lock lock(mutex_);
        if (!ok || fatal_) {
            ended_ = true;
            return finish_if_done(lock);
        }
        auto const index = count_++;
        ++under_way_;
        auto message = std::exchange(buffer_, {});
        bool const full = under_way_ == kWindow;
        waiting_ = full;
        lock.unlock();
        dispatch(index, message);
        if (!full) StartRead(&buffer_);
    }
    void OnCancel() override { frame_.stop(); }
    void OnDone() override {
        frame_.write_log();
        delete this;
    }

 private:
    struct Input {
        grpc::Slice slice;
        std::string_view bytes;
    };

    void dispatch(std::int64_t index, grpc::ByteBuffer const& message) {
        auto input = std::make_shared<Input>();
        if (!one_piece(message, input->slice, input->bytes)) return answered(index, server_busy());
        auto const& method = frame_.method;
        bool const blocks =
            method.may_block && (method.blocking_field == 0 || has_field(input->bytes, method.blocking_field));
        if (!blocks) return run(index, input);
        if (!frame_.door.pool.submit([this, index, input] { run(index, input); })) answered(index, server_busy());
    }

    void run(std::int64_t index, std::shared_ptr<Input> const& input) {
        auto const api = frame_.api('/' + std::to_string(index));
        if (!api) return answered(index, api.error());
        api->start(
            frame_.method.operation,
            [this, input](StructType const& type) { return read_input(*frame_.method.input, type, input->bytes); },
            [this, index](CallAnswer answer) {
                if (answer.output) return answered(index, std::nullopt);
                answered(index, std::move(answer.output).error());
            });
    }

    void answered(std::int64_t index, std::optional<Error> error) {
        std::unique_lock lock(mutex_);
        --under_way_;
        if (!error) {
            ++result_.succeeded;
        } else {
            ++result_.failed;
            // Who may not call at all is told so, instead of once for each of his inputs.
            bool const hopeless = error->code == Errc::unauthenticated || error->code == Errc::unimplemented;
            if (hopeless && result_.succeeded == 0 && !fatal_) fatal_ = *error;
            if (result_.failures.size() < kMostFailures + kWindow) {
                result_.failures.push_back(to_failure(index, *error));
            }
        }
        if (std::exchange(waiting_, false) && !fatal_) {
            lock.unlock();
            return StartRead(&buffer_);  // from here on it may be over at any time
        }
        finish_if_done(lock);
    }

    void finish_if_done(std::unique_lock<std::mutex>& lock) {
        bool const over = ended_ || fatal_;
        if (!over || under_way_ != 0 || std::exchange(finished_, true)) return;
        lock.unlock();
        if (fatal_) return Finish(frame_.status(&*fatal_));
        std::ranges::sort(result_.failures, {}, &BulkFailure::index);
        result_.failures.resize(std::min(result_.failures.size(), kMostFailures));
        std::string out;
        encode(*frame_.method.output, &result_, out);
        frame_.count_bytes(out.size());
        response_ = to_buffer(out);
        Finish(frame_.status(nullptr));
    }

    CallFrame frame_;
    grpc::ByteBuffer& response_;
    grpc::ByteBuffer buffer_;
    std::mutex mutex_;
    std::int64_t count_ = 0;
    std::size_t under_way_ = 0;
    bool waiting_ = false;  ///< No further input is read until a call is over.
    bool ended_ = false;
    bool finished_ = false;
    std::optional<Error> fatal_;
    BulkResult result_;
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* begin_bulk(Door& door, Method const& method,
                                                      grpc::CallbackServerContext& context,
                                                      grpc::ByteBuffer& response) {
    auto* call = new BulkCall(door, method, context, response);
    call->begin();
    return call;
}

}  // namespace nexpo::grpc_host
