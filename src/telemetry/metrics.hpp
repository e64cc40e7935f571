// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nexpo::telemetry {

/// How many copies of a hot number there are, so that threads on different cores seldom write to the same cache line.
inline constexpr std::size_t kMetricStripes = 8;

/// A number that only grows. Thread-safe without locks.
class Counter {
 public:
    /// Counts one.
    void add() noexcept { add(1); }
    /// Counts several at once.
    void add(std::uint64_t amount) noexcept;
    /// The count so far.
    std::uint64_t value() const noexcept;

 private:
    struct alignas(64) Stripe {
        std::atomic<std::uint64_t> count{0};
    };

    std::array<Stripe, kMetricStripes> stripes_{};
};

/// A number that goes up and down. Thread-safe without locks.
class Gauge {
 public:
    /// Replaces the number.
    void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
    /// Changes the number by `amount`, which may be negative.
    void add(double amount) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
    /// The number.
    double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<double> value_{0};
};

/// How long something took, counted in fixed buckets from half a millisecond to ten seconds. Thread-safe without locks.
class Histogram {
 public:
    /// Upper ends of the buckets; one more takes what is longer.
    static constexpr std::array<std::chrono::nanoseconds, 14> kBounds{
        std::chrono::microseconds(500), std::chrono::milliseconds(1),   std::chrono::microseconds(2'500),
        std::chrono::milliseconds(5),   std::chrono::milliseconds(10),  std::chrono::milliseconds(25),
        std::chrono::milliseconds(50),  std::chrono::milliseconds(100), std::chrono::milliseconds(250),
        std::chrono::milliseconds(500), std::chrono::seconds(1),        std::chrono::milliseconds(2'500),
        std::chrono::seconds(5),        std::chrono::seconds(10)};

    /// The counts at one moment.
    struct Snapshot {
        std::array<std::uint64_t, kBounds.size() + 1>
            buckets{};                   ///< Not cumulative; the last one is beyond all bounds.
        std::chrono::nanoseconds sum{};  ///< Of everything that was observed.
    };

    /// Counts one duration; a negative one counts as zero.
    void observe(std::chrono::nanoseconds duration) noexcept;
    /// The counts so far. While others observe, the sum may be ahead of the buckets or behind.
    Snapshot snapshot() const noexcept;

 private:
    struct alignas(64) Stripe {
        std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
        std::atomic<std::int64_t> sum{0};
    };

    std::array<Stripe, kMetricStripes> stripes_{};
};

/// One label of a metric. Values come from small closed sets: every combination is kept for ever.
struct Label {
    std::string name{};   ///< `[a-zA-Z_][a-zA-Z0-9_]*`
    std::string value{};  ///< Any text.
};

/// The labels of one metric, in any order.
using Labels = std::vector<Label>;

/// The metrics of one backend. Making one takes a lock: do it once and keep the reference, which stays valid as long as
/// the registry. The same name and labels give the same object. Throws std::logic_error, for mistakes in our own code
/// only, when a name is malformed or already stands for another kind of metric. Thread-safe.
class Metrics {
 public:
    /// A counter; by convention its name ends in `_total`.
    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    /// A gauge that is set.
    Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
    /// A gauge that is asked for its number when the metrics are read. `read` is called from any thread, one call at a
    /// time, lives as long as the registry, must not throw and must not use the registry.
    void gauge(std::string_view name, std::string_view help, Labels labels, std::function<double()> read);
    /// A histogram of durations; by convention its name ends in `_seconds`.
    Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {});

    /// Everything in Prometheus' text format 0.0.4, families and series in the order of their names.
    std::string prometheus() const;

 private:
    enum class Kind : std::uint8_t { counter, gauge, histogram };
    using Series = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::function<double()>,
                                std::unique_ptr<Histogram>>;

    struct Family {
        Kind kind;
        std::string help;
        std::map<std::string, Series, std::less<>> series;  // by the labels' text
    };

    Family& family(Kind kind, std::string_view name, std::string_view help);
    template <class T>
    T& find_or_add(Kind kind, std::string_view name, std::string_view help, Labels labels);

    mutable std::mutex mutex_;
    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace nexpo::telemetry
