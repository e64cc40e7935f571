// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "http/asio_types.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// A response that some other thread may bring. The coroutine that waits for it always goes on in its own thread.
class Answer : public std::enable_shared_from_this<Answer> {
 public:
    explicit Answer(Executor executor) : executor_(executor) {}

    /// Brings the response; once, from any thread.
    void complete(Response response) {
        response_ = std::move(response);
        if (stage_.exchange(Stage::complete) == Stage::awaited) resume();
    }

    /// The response; does not suspend when it has come already.
    Awaitable<Response> wait() {
        if (stage_ != Stage::complete) {
            co_await asio::async_initiate<UseAwaitable const, void()>(
                [this](auto resume_handler) {
                    resume_.emplace(std::move(resume_handler));
                    if (stage_.exchange(Stage::awaited) == Stage::complete) resume();
                },
                use_awaitable);
        }
        co_return std::move(response_);
    }

 private:
    enum class Stage : std::uint8_t { pending, awaited, complete };

    void resume() { asio::post(executor_, std::move(*resume_)); }

    Executor executor_;
    std::atomic<Stage> stage_ = Stage::pending;
    std::optional<asio::async_result<UseAwaitable, void()>::handler_type> resume_;
    Response response_;
};

}  // namespace nexpo::http_host
