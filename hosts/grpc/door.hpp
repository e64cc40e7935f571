// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "common/blocking_pool.hpp"
#include "grpc/grpc_settings.hpp"
#include "grpc/method_table.hpp"
#include "grpc/service_principals.hpp"
#include "nexpo/backend.hpp"

namespace nexpo::grpc_host {

/// A stream that would not end by itself.
class EndlessStream {
 public:
    virtual ~EndlessStream() = default;
    /// Ends it, as the server is about to. From any thread.
    virtual void end() = 0;
};

/// What all calls share.
class Door {
 public:
    using LogLine = std::function<void(std::string_view)>;

    /// `log` takes the lines of the access log; empty: there is none.
    Door(Backend backend, GrpcConfig const& config, LogLine log);

    Backend const backend;
    MethodTable const methods;
    ServicePrincipals const principals;
    LogLine const log;
    std::size_t const message_bytes;
    hosts::BlockingPool pool;       ///< For calls that wait for more than the database.
    hosts::BlockingPool followers;  ///< For streams of events; each waits here at most once.

    /// Keeps account of the streams that have to be told of the end. False: it has come already.
    bool add(std::shared_ptr<EndlessStream> stream);
    void remove(std::shared_ptr<EndlessStream> const& stream);
    /// Ends all of them, and takes no more.
    void end_streams();

 private:
    std::mutex mutex_;
    std::unordered_set<std::shared_ptr<EndlessStream>> streams_;
    bool ending_ = false;
};

}  // namespace nexpo::grpc_host
