// SPDX-License-Identifier: Apache-2.0
#include "power_loss/recording.hpp"

#include <thread>
#include <vector>

#include "power_loss/recording_vfs.hpp"
#include "support/durability/door.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::power_loss {

namespace {

using durability::Answer;
using durability::Subject;

constexpr int kOpenAttempts = 10;

void live(WriteLog& log, std::string const& path, RecordingOptions const& options, int life) {
    // Where the disk refuses syncs, opening may fail and is tried again.
    auto backend = Backend::open(durability::durable_config("sqlite:" + path));
    for (int attempt = 1; !backend && attempt < kOpenAttempts; ++attempt) {
        backend = Backend::open(durability::durable_config("sqlite:" + path));
    }
    if (!backend) return;
    durability::Witness const witness{.begun = [&log](Subject const& subject) { log.add(logged::Begun{subject}); },
                                      .answered =
                                          [&log](Subject const& subject, Answer const& answer) {
                                              log.add(logged::Answered{subject.name, answer});
                                          }};
    durability::Script const script{.label = "cut" + std::to_string(life), .seed = options.seed};
    std::vector<std::jthread> workers;
    workers.reserve(static_cast<std::size_t>(options.workers));
    for (int worker = 0; worker < options.workers; ++worker) {
        workers.emplace_back([&, worker] {
            auto const count = worker == 0 ? (options.subjects + 9) / 10 : options.subjects;
            auto const door = durability::backend_door(*backend);
            // A step that fails is left as it is; whether it happened shows only in the database.
            for (int n = 0; n < count;) {
                n = durability::work(*door, script, worker, n, 1, witness, [] { return false; });
                // More often than the backend does it by itself; what one fails to seal the next one does.
                if (worker == 0) static_cast<void>(backend->seal_audit());
            }
        });
    }
}

}  // namespace

std::unique_ptr<WriteLog> record(RecordingOptions const& options) {
    auto log = std::make_unique<WriteLog>();
    testing::TempDir const directory;
    RecordingVfs vfs(*log);
    vfs.fail_every_sync(options.fail_every_sync);
    for (int life = 0; life < options.lives; ++life) live(*log, directory.file(kDatabase), options, life);
    return log;
}

}  // namespace nexpo::power_loss
