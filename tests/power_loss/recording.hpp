// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "power_loss/write_log.hpp"

namespace nexpo::power_loss {

struct RecordingOptions {
    std::uint64_t seed = 1;
    int workers = 6;
    int subjects = 15;  ///< Per worker and life of the backend; worker 0 does a tenth, because passwords are slow.
    int lives = 2;      ///< How often the backend is opened, used and closed.
    std::uint64_t fail_every_sync = 0;
};

/// Uses a backend under load, and notes what it asks of its disk and what its callers were told.
std::unique_ptr<WriteLog> record(RecordingOptions const& options);

/// The name of the database's file.
inline constexpr auto* kDatabase = "nexpo.db";

}  // namespace nexpo::power_loss
