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

namespace nexpo::http_host {

/// What some other thread may bring. The coroutine that waits for it always goes on in its own thread.
template <class T>
class Answer : public std::enable_shared_from_this<Answer<T>> {
 public:
    explicit Answer(Executor executor) : executor_(executor) {}

    /// Brings it; once, from any thread.
    void complete(T value) {
        value_ = std::move(value);
        if (stage_.exchange(Stage::complete) == Stage::awaited) resume();
    }

    /// Does not suspend when it has come already.
    Awaitable<T> wait() {
        if (stage_ != Stage::complete) {
            co_await asio::async_initiate<UseAwaitable const, void()>(
                [this](auto resume_handler) {
                    resume_.emplace(std::move(resume_handler));
                    if (stage_.exchange(Stage::awaited) == Stage::complete) resume();
                },
                use_awaitable);
        }
        co_return std::move(value_);
    }

 private:
    enum class Stage : std::uint8_t { pending, awaited, complete };

    void resume() { asio::post(executor_, std::move(*resume_)); }

    Executor executor_;
    std::atomic<Stage> stage_ = Stage::pending;
    std::optional<asio::async_result<UseAwaitable, void()>::handler_type> resume_;
    T value_{};
};

}  // namespace nexpo::http_host
