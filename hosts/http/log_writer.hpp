// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

namespace nexpo::http_host {

/// Writes lines to a file descriptor on a thread of its own. Whoever logs never waits: when the reader of the log falls
/// behind, the oldest lines are lost, and a line says how many. Thread-safe.
class LogWriter {
 public:
    explicit LogWriter(int descriptor);
    /// Writes what is queued; gives up after two seconds when nobody reads.
    ~LogWriter();
    LogWriter(LogWriter const&) = delete;
    LogWriter& operator=(LogWriter const&) = delete;

    /// Queues one line, given without its line break.
    void write(std::string_view line);

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace nexpo::http_host
