// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log.hpp"

#include <cassert>
#include <type_traits>
#include <utility>

#include "base/json_write.hpp"

namespace nexpo {

inline namespace v1 {

namespace {

class JsonLinesSink final : public LogSink {
 public:
    JsonLinesSink(LogLevel level, std::function<void(std::string_view)> line) : level_(level), line_(std::move(line)) {}

    void write(LogRecord const& record) noexcept override {
        if (record.level < level_) return;
        try {
            line_(to_json_line(record));
        } catch (...) {
            // The log is where failures are reported: when it fails itself, losing the record is all that is left, and
            // better than ending the application's process.
        }
    }

    LogLevel level() const noexcept override { return level_; }

 private:
    LogLevel level_;
    std::function<void(std::string_view)> line_;
};

constexpr std::size_t kUsualLine = 320;

void append_value(std::string& out, LogField const& field) {
    std::visit(
        [&out](auto value) {
            using T = decltype(value);
            if constexpr (std::is_same_v<T, std::string_view>) {
                base::append_string(out, value);
            } else if constexpr (std::is_same_v<T, std::int64_t>) {
                base::append_integer(out, value);
            } else if constexpr (std::is_same_v<T, double>) {
                base::append_number(out, value);
            } else {
                out.append(value ? "true" : "false");
            }
        },
        field.value);
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

LogSink::~LogSink() = default;

std::shared_ptr<LogSink> json_lines_sink(LogLevel level, std::function<void(std::string_view)> line) {
    return std::make_shared<JsonLinesSink>(level, std::move(line));
}

std::string to_json_line(LogRecord const& record) {
    std::string out;
    out.reserve(kUsualLine);
    out.append("{\"time\":");
    base::append_string(out, to_string(record.time));
    out.append(",\"level\":");
    base::append_string(out, to_string(record.level));
    out.append(",\"message\":");
    base::append_string(out, record.message);
    for (LogField const& field : record.fields) {
        out.push_back(',');
        base::append_string(out, field.name);
        out.push_back(':');
        append_value(out, field);
    }
    out.push_back('}');
    return out;
}

}  // namespace v1

namespace telemetry {

Logger::Logger(std::shared_ptr<LogSink> sink, std::shared_ptr<Clock> clock)
    : sink_(std::move(sink)), clock_(std::move(clock)) {
    assert(!sink_ || clock_);
}

bool Logger::enabled(LogLevel level) const noexcept {
    return sink_ && level >= sink_->level();
}

void Logger::log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
    if (!enabled(level)) return;
    sink_->write({.time = clock_->now(), .level = level, .message = message, .fields = fields});
}

void Logger::debug(std::string_view message, std::initializer_list<LogField> fields) const {
    log(LogLevel::debug, message, fields);
}

void Logger::info(std::string_view message, std::initializer_list<LogField> fields) const {
    log(LogLevel::info, message, fields);
}

void Logger::warning(std::string_view message, std::initializer_list<LogField> fields) const {
    log(LogLevel::warning, message, fields);
}

void Logger::error(std::string_view message, std::initializer_list<LogField> fields) const {
    log(LogLevel::error, message, fields);
}

}  // namespace telemetry

}  // namespace nexpo
