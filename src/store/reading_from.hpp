// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace nexpo::store {

class Store;

/// Marks the store that this thread reads from: reads within reads would take every connection and then wait for each
/// other.
class ReadingFrom {
 public:
    explicit ReadingFrom(Store const* store) noexcept : outer_(std::exchange(current(), store)) {}
    ReadingFrom(ReadingFrom const&) = delete;
    ReadingFrom& operator=(ReadingFrom const&) = delete;
    ~ReadingFrom() { current() = outer_; }

    static bool is(Store const* store) noexcept { return current() == store; }

 private:
    static Store const*& current() noexcept {
        static thread_local Store const* store = nullptr;
        return store;
    }

    Store const* outer_;
};

}  // namespace nexpo::store
