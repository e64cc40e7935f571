// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "power_loss/write_log.hpp"

namespace nexpo::power_loss {

/// While it lives, every database of this process that is opened goes through it: SQLite's default file system, with
/// every write, resize, sync, creation and removal noted. At most one lives; its files must be closed before it ends.
/// The wal-index (`-shm`) is not noted: SQLite makes it anew, it need not outlive anything.
class RecordingVfs {
 public:
    explicit RecordingVfs(WriteLog& log);
    RecordingVfs(RecordingVfs const&) = delete;
    RecordingVfs& operator=(RecordingVfs const&) = delete;
    ~RecordingVfs();

    /// From now on every `n`-th sync of a file fails; 0: none does.
    void fail_every_sync(std::uint64_t n);

 private:
    struct State;
    friend struct RecordingFile;

    std::unique_ptr<State> state_;
};

}  // namespace nexpo::power_loss
