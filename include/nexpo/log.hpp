// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Where the library's log records go. Without a sink the library logs nothing.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "nexpo/export.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// How much a record matters.
enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// The level's name, for example `warning`. Thread-safe.
NEXPO_API std::string_view to_string(LogLevel level) noexcept;

/// One named value of a record. The texts live only as long as the call that passes them.
struct LogField {
    std::string_view name{};                                                  ///< In snake_case.
    std::variant<std::string_view, std::int64_t, double, bool> value{false};  ///< Never a secret.
};

/// One record. Everything in it lives only as long as the call that passes it.
struct LogRecord {
    Timestamp time{};                    ///< When it happened.
    LogLevel level = LogLevel::info;     ///< How much it matters.
    std::string_view message{};          ///< What happened, a constant phrase.
    std::span<LogField const> fields{};  ///< The particulars, in order.
};

/// Receives log records. Called from any library thread at the same time; must not throw and should not block.
class NEXPO_API LogSink {
 public:
    LogSink() = default;
    LogSink(LogSink const&) = delete;
    LogSink& operator=(LogSink const&) = delete;
    virtual ~LogSink();

    /// Takes one record.
    virtual void write(LogRecord const& record) noexcept = 0;
    /// Records below this level are not built at all.
    virtual LogLevel level() const noexcept = 0;
};

/// A sink that renders each record from `level` on as one line of JSON (without line break) and hands it to `line`:
/// `{"time":"…","level":"info","message":"…",…}`. `line` is called from any thread, one call at a time is not assured.
NEXPO_API std::shared_ptr<LogSink> json_lines_sink(LogLevel level, std::function<void(std::string_view)> line);

/// One record as a line of JSON, without line break. Invalid UTF-8 is replaced. Thread-safe.
NEXPO_API std::string to_json_line(LogRecord const& record);

}  // namespace nexpo::inline v1
