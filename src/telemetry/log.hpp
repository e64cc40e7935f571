// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include "nexpo/log.hpp"
#include "nexpo/time.hpp"

namespace nexpo::telemetry {

/// Writes records to the application's sink with the injected clock's time. Cheap to copy; thread-safe.
class Logger {
 public:
    /// Logs nothing.
    Logger() = default;
    /// Without a sink nothing is logged; with one, `clock` is needed.
    Logger(std::shared_ptr<LogSink> sink, std::shared_ptr<Clock> clock);

    /// True when records of this level go anywhere. Ask before preparing fields that cost something.
    bool enabled(LogLevel level) const noexcept;

    /// Writes one record if its level is enabled. No field is named `time`, `level` or `message`, and none is a secret.
    void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const;

    /// Detail for whoever looks for a fault.
    void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const;
    /// What happens in good order.
    void info(std::string_view message, std::initializer_list<LogField> fields = {}) const;
    /// What went wrong and was dealt with.
    void warning(std::string_view message, std::initializer_list<LogField> fields = {}) const;
    /// What an operator should look at.
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) const;

 private:
    std::shared_ptr<LogSink> sink_;
    std::shared_ptr<Clock> clock_;
};

}  // namespace nexpo::telemetry
