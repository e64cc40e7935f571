// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

namespace nexpo::store {

/// Hints between those who use one database: "look, something has changed". They are heard in this process, and by a
/// relay in others. A hint may come twice or late, and one from another process may be lost, so whoever listens also
/// looks by himself now and then. Thread-safe.
class Signals {
 public:
    /// Gets what was sent. Empty: anything may have changed. It must be quick, must not throw, and must not use the
    /// signals.
    using Heard = std::function<void(std::string_view payload)>;

    /// Listens as long as it lives; once it is destroyed, the function runs no more.
    class Listening {
     public:
        Listening() = default;
        Listening(Listening&& other) noexcept : signals_(std::exchange(other.signals_, nullptr)), id_(other.id_) {}
        Listening& operator=(Listening&& other) noexcept {
            std::swap(signals_, other.signals_);
            std::swap(id_, other.id_);
            return *this;
        }
        ~Listening();

     private:
        friend class Signals;
        Listening(Signals& signals, std::uint64_t id) noexcept : signals_(&signals), id_(id) {}

        Signals* signals_ = nullptr;
        std::uint64_t id_ = 0;
    };

    Signals() = default;
    Signals(Signals const&) = delete;
    Signals& operator=(Signals const&) = delete;
    virtual ~Signals() = default;

    /// Tells the listeners of this process at once, on this thread, and those of others soon. The topic is a word, the
    /// payload an id or nothing; without secrets, and at most `kMaxSignal` bytes together. To be called once what it
    /// hints at is committed.
    void send(std::string_view topic, std::string_view payload);
    [[nodiscard]] Listening listen(std::string topic, Heard heard);
    /// Stops telling and hearing others.
    virtual void close() {}

    static constexpr std::size_t kMaxSignal = 1'000;

 protected:
    /// Somebody uses the signals: whoever carries them may begin.
    virtual void begin() {}
    /// Passes a signal of this process on to others. Must not block.
    virtual void carry(std::string_view, std::string_view) {}
    /// What another process sent.
    void hear(std::string_view topic, std::string_view payload) const;
    /// Signals of others may have been lost.
    void hear_of_everything() const;

 private:
    struct Listener {
        std::string topic{};
        Heard heard{};
    };

    mutable std::shared_mutex mutex_;
    std::map<std::uint64_t, Listener> listeners_;
    std::uint64_t next_id_ = 1;
};

}  // namespace nexpo::store
