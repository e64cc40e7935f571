// SPDX-License-Identifier: Apache-2.0
#include "telemetry/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/json_write.hpp"
#include "base/utf8.hpp"

namespace nexpo::telemetry {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

/// The stripe that this thread writes to.
std::size_t own_stripe() noexcept {
    static std::atomic<std::size_t> next{0};
    thread_local std::size_t const stripe = next.fetch_add(1, kRelaxed) % kMetricStripes;
    return stripe;
}

bool is_name(std::string_view text, std::string_view more_characters) {
    auto const acceptable = [more_characters](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               more_characters.find(c) != std::string_view::npos;
    };
    return !text.empty() && !(text.front() >= '0' && text.front() <= '9') && std::ranges::all_of(text, acceptable);
}

void append_escaped(std::string& out, std::string_view text, bool quoted) {
    for (char c : text) {
        if (c == '\\') {
            out.append("\\\\");
        } else if (c == '\n') {
            out.append("\\n");
        } else if (c == '"' && quoted) {
            out.append("\\\"");
        } else {
            out.push_back(c);
        }
    }
}

/// `name="value",…` in the order of the names; empty without labels.
std::string label_text(Labels labels) {
    std::ranges::sort(labels, {}, &Label::name);
    std::string text;
    std::string_view previous;
    for (Label const& label : labels) {
        // "le" is the histogram's own, names with two underscores are Prometheus'.
        if (!is_name(label.name, "") || label.name == "le" || label.name.starts_with("__") || label.name == previous) {
            throw std::logic_error("not a label name, or given twice: " + label.name);
        }
        previous = label.name;
        if (!text.empty()) text.push_back(',');
        text.append(label.name).append("=\"");
        append_escaped(text, base::replace_invalid_utf8(label.value), true);
        text.push_back('"');
    }
    return text;
}

/// Writes the sample lines of one family.
class SampleWriter {
 public:
    SampleWriter(std::string& out, std::string_view name) : out_(out), name_(name) {}

    void write(std::string_view labels, Counter const& counter) { integer("", labels, counter.value()); }
    void write(std::string_view labels, Gauge const& gauge) { number("", labels, gauge.value()); }
    void write(std::string_view labels, std::function<double()> const& read) { number("", labels, read()); }

    void write(std::string_view labels, Histogram const& histogram) {
        Histogram::Snapshot const snapshot = histogram.snapshot();
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < snapshot.buckets.size(); ++i) {
            count += snapshot.buckets[i];
            std::string bucket_labels(labels);
            bucket_labels.append(labels.empty() ? "le=\"" : ",le=\"");
            if (i < Histogram::kBounds.size()) {
                append_number(bucket_labels, seconds(Histogram::kBounds[i]));
            } else {
                bucket_labels.append("+Inf");
            }
            bucket_labels.push_back('"');
            integer("_bucket", bucket_labels, count);
        }
        number("_sum", labels, seconds(snapshot.sum));
        integer("_count", labels, count);
    }

 private:
    static double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

    static void append_number(std::string& out, double value) {
        if (std::isnan(value)) {
            out.append("NaN");
        } else if (std::isinf(value)) {
            out.append(value > 0 ? "+Inf" : "-Inf");
        } else {
            base::append_number(out, value);
        }
    }

    void start(std::string_view suffix, std::string_view labels) {
        out_.append(name_).append(suffix);
        if (!labels.empty()) out_.append(1, '{').append(labels).append(1, '}');
        out_.push_back(' ');
    }

    void integer(std::string_view suffix, std::string_view labels, std::uint64_t value) {
        start(suffix, labels);
        out_.append(std::to_string(value)).push_back('\n');
    }

    void number(std::string_view suffix, std::string_view labels, double value) {
        start(suffix, labels);
        append_number(out_, value);
        out_.push_back('\n');
    }

    std::string& out_;
    std::string_view name_;
};

}  // namespace

void Counter::add(std::uint64_t amount) noexcept {
    stripes_[own_stripe()].count.fetch_add(amount, kRelaxed);
}

std::uint64_t Counter::value() const noexcept {
    std::uint64_t sum = 0;
    for (Stripe const& stripe : stripes_) sum += stripe.count.load(kRelaxed);
    return sum;
}

void Histogram::observe(std::chrono::nanoseconds duration) noexcept {
    duration = std::max(duration, std::chrono::nanoseconds(0));
    auto const bucket = static_cast<std::size_t>(std::ranges::lower_bound(kBounds, duration) - kBounds.begin());
    Stripe& stripe = stripes_[own_stripe()];
    stripe.buckets[bucket].fetch_add(1, kRelaxed);
    stripe.sum.fetch_add(duration.count(), kRelaxed);
}

Histogram::Snapshot Histogram::snapshot() const noexcept {
    Snapshot snapshot;
    for (Stripe const& stripe : stripes_) {
        for (std::size_t i = 0; i < snapshot.buckets.size(); ++i) {
            snapshot.buckets[i] += stripe.buckets[i].load(kRelaxed);
        }
        snapshot.sum += std::chrono::nanoseconds(stripe.sum.load(kRelaxed));
    }
    return snapshot;
}

Metrics::Family& Metrics::family(Kind kind, std::string_view name, std::string_view help) {
    if (!is_name(name, ":")) throw std::logic_error("not a metric's name: " + std::string(name));
    auto const found = families_.find(name);
    if (found == families_.end()) {
        return families_.emplace(name, Family{kind, base::replace_invalid_utf8(help), {}}).first->second;
    }
    if (found->second.kind != kind) throw std::logic_error("two kinds of metric are named " + std::string(name));
    return found->second;
}

template <class T>
T& Metrics::find_or_add(Kind kind, std::string_view name, std::string_view help, Labels labels) {
    std::string text = label_text(std::move(labels));
    std::scoped_lock const lock(mutex_);
    auto& series = family(kind, name, help).series;
    auto found = series.find(text);
    if (found == series.end()) found = series.emplace(std::move(text), std::make_unique<T>()).first;
    auto* const metric = std::get_if<std::unique_ptr<T>>(&found->second);
    if (metric == nullptr) throw std::logic_error("a gauge that is read cannot be set: " + std::string(name));
    return **metric;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
    return find_or_add<Counter>(Kind::counter, name, help, std::move(labels));
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
    return find_or_add<Gauge>(Kind::gauge, name, help, std::move(labels));
}

void Metrics::gauge(std::string_view name, std::string_view help, Labels labels, std::function<double()> read) {
    std::string text = label_text(std::move(labels));
    std::scoped_lock const lock(mutex_);
    auto const added = family(Kind::gauge, name, help).series.try_emplace(std::move(text), std::move(read)).second;
    if (!added) throw std::logic_error("a gauge with these labels exists: " + std::string(name));
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, Labels labels) {
    return find_or_add<Histogram>(Kind::histogram, name, help, std::move(labels));
}

std::string Metrics::prometheus() const {
    constexpr std::array<std::string_view, 3> kKinds{"counter", "gauge", "histogram"};
    std::string out;
    std::scoped_lock const lock(mutex_);
    for (auto const& [name, family] : families_) {
        out.append("# HELP ").append(name).append(1, ' ');
        append_escaped(out, family.help, false);
        out.append("\n# TYPE ").append(name).append(1, ' ').append(kKinds[static_cast<std::size_t>(family.kind)]);
        out.push_back('\n');
        SampleWriter writer(out, name);
        for (auto const& [labels, series] : family.series) {
            std::visit(
                [&](auto const& metric) {
                    if constexpr (requires { metric.get(); }) {
                        writer.write(labels, *metric);
                    } else {
                        writer.write(labels, metric);
                    }
                },
                series);
        }
    }
    return out;
}

}  // namespace nexpo::telemetry
