// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

namespace nexpo::store {

class Signals;

/// Carries signals to other processes in the database's place. Thread-safe.
class SignalRelay {
 public:
    SignalRelay() = default;
    SignalRelay(SignalRelay const&) = delete;
    SignalRelay& operator=(SignalRelay const&) = delete;
    virtual ~SignalRelay() = default;

    /// Somebody uses the signals. Those of others are told them from now on; called again and again.
    virtual void begin(Signals& signals) = 0;
    /// Passes a signal of this process on. Must not block.
    virtual void send(std::string_view topic, std::string_view payload) = 0;
    /// The signals are not used any more once it has returned.
    virtual void close() = 0;
};

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
    /// Before anybody uses them: what carries them to others, in the place of the database.
    void set_relay(std::shared_ptr<SignalRelay> relay) { relay_ = std::move(relay); }
    /// For who carries them: what another process sent.
    void hear(std::string_view topic, std::string_view payload) const;
    /// For who carries them: signals of others may have been lost.
    void hear_of_everything() const;
    /// Stops telling and hearing others.
    virtual void close();

    static constexpr std::size_t kMaxSignal = 1'000;

 protected:
    /// Somebody uses the signals: whoever carries them may begin.
    virtual void begin() {}
    /// Passes a signal of this process on to others. Must not block.
    virtual void carry(std::string_view, std::string_view) {}

 private:
    struct Listener {
        std::string topic{};
        Heard heard{};
    };

    void begin_carrying();

    std::shared_ptr<SignalRelay> relay_;
    mutable std::shared_mutex mutex_;
    std::map<std::uint64_t, Listener> listeners_;
    std::uint64_t next_id_ = 1;
};

}  // namespace nexpo::store
