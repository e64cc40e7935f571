// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "nexpo/plugin/queue.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace nexpo::work {

/// Wakes the workers of other processes over a queue outside of the database, and those of this one when others do.
///
/// A message carries the id of a due job and only says that it is worth looking into the database. Whatever the queue
/// does to messages, and whatever else is in it, costs time: workers look once a second anyway. So nothing is kept for
/// a queue that fails, and few messages stand for many jobs: whoever is woken takes all that it has room for.
///
/// Thread-safe.
class QueueLink {
 public:
    /// `wake` lets the workers of this process look for jobs; it must not throw.
    QueueLink(std::shared_ptr<Queue> queue, std::function<void()> wake, telemetry::Metrics& metrics,
              telemetry::Logger log);
    QueueLink(QueueLink const&) = delete;
    QueueLink& operator=(QueueLink const&) = delete;
    ~QueueLink() { close(); }

    /// Starts the thread that sends, and the one that receives where there are workers to wake.
    void start(bool receives);
    /// Says that a job is due, once that is committed. Quick: the message goes out on another thread.
    void announce(std::string_view job_id);
    /// Sends what was announced, on this thread. For processes in which no thread does.
    void send();
    /// Sends what was announced last and stops the threads. The queue is not used afterwards.
    void close();

 private:
    /// How one kind of call gets on.
    struct Course {
        char const* call;
        telemetry::Counter& failures;
        bool failing = false;
        std::chrono::milliseconds pause{0};  ///< Before the next try.
    };

    static Course course(char const* call, telemetry::Metrics& metrics);
    void keep_sending();
    void keep_receiving(std::stop_token const& stop);
    std::vector<std::string> take_announced();
    Result<void> send_messages(std::vector<std::string> job_ids);
    Result<std::vector<QueueDelivery>> receive_messages(std::stop_token const& stop);
    void wake_workers(std::vector<QueueDelivery> const& deliveries);
    Result<void> acknowledge(std::vector<QueueDelivery> const& deliveries);
    void note(Course& course, Result<void> const& result) const;
    /// False when it was cut short by closing.
    bool wait(std::chrono::milliseconds pause);

    std::shared_ptr<Queue> const queue_;
    std::function<void()> const wake_;
    telemetry::Logger const log_;
    telemetry::Counter& sent_;
    telemetry::Counter& not_sent_;
    telemetry::Counter& received_;
    telemetry::Counter& not_ours_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> announced_;
    bool closing_ = false;

    std::mutex send_mutex_;  ///< Of who sends.
    Course sends_;
    bool closed_ = false;

    // Of the thread that receives.
    Course receives_;
    Course acknowledges_;
    bool stranger_logged_ = false;

    std::thread sender_;
    std::jthread receiver_;
};

}  // namespace nexpo::work
