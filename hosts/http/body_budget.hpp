// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

namespace nexpo::http_host {

/// The memory that the bodies of all requests may take together. Thread-safe.
class BodyBudget {
 public:
    explicit BodyBudget(std::size_t bytes) : free_(static_cast<std::ptrdiff_t>(bytes)) {}

    bool take(std::size_t bytes) {
        auto const wanted = static_cast<std::ptrdiff_t>(bytes);
        if (free_.fetch_sub(wanted) >= wanted) return true;
        free_.fetch_add(wanted);
        return false;
    }
    void give_back(std::size_t bytes) { free_.fetch_add(static_cast<std::ptrdiff_t>(bytes)); }

 private:
    std::atomic<std::ptrdiff_t> free_;
};

/// What one request has of it.
class BodyShare {
 public:
    explicit BodyShare(BodyBudget& budget) : budget_(budget) {}
    ~BodyShare() {
        if (held_ != 0) budget_.give_back(held_);
    }
    BodyShare(BodyShare const&) = delete;
    BodyShare& operator=(BodyShare const&) = delete;

    /// Makes it this large at least. False when there is not enough left.
    bool grow(std::size_t bytes) {
        if (bytes <= held_) return true;
        if (!budget_.take(bytes - held_)) return false;
        held_ = bytes;
        return true;
    }

 private:
    BodyBudget& budget_;
    std::size_t held_ = 0;
};

}  // namespace nexpo::http_host
