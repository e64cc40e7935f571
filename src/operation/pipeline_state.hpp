// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "operation/audit.hpp"
#include "operation/call_state.hpp"
#include "operation/idempotency.hpp"
#include "operation/limiter.hpp"
#include "operation/organization_cache.hpp"
#include "operation/permissions.hpp"
#include "operation/pipeline.hpp"
#include "operation/pipeline_parts.hpp"

namespace nexpo::operation {

/// One operation with its hooks and metrics.
struct Entry {
    explicit Entry(AnyOperation const& declared) : operation(&declared) {}

    AnyOperation const* operation;
    std::vector<AnyHook const*> before{};
    std::vector<AnyHook const*> after{};
    std::array<telemetry::Counter*, 17> calls{};  ///< By error code; 0 is success.
    telemetry::Histogram* seconds = nullptr;
};

/// What all calls share.
class Pipeline::State final : public CallServices {
 public:
    explicit State(PipelineParts given);

    Permissions const& permissions() const noexcept override { return permissions_; }
    std::string new_id(std::string_view prefix, Timestamp now) const override;
    Result<void> read(store::Access const& access, store::ReadLimits const& limits,
                      store::Store::ReadFunction function) const override;
    std::string seal_cursor(std::string_view position, std::string_view bound_to) const override;
    Result<std::string> open_cursor(std::string_view cursor, std::string_view bound_to) const override;

    Entry& entry(AnyOperation const& operation) { return entries_[operation_index(operation)]; }
    AnyOperation const* find(std::string_view name) const noexcept;

    /// Counts a call in; false once closed.
    bool enter();
    void leave();
    void drain();

    /// Once a minute, with a call that writes or is denied: writes the denials.
    void housekeep(Timestamp now);
    void write_denials(std::vector<DenialSums::Row> rows);

    PipelineParts parts;
    Limiter address_limit;
    Limiter failed_identity_limit;
    Limiter caller_limit;
    Limiter account_limit;
    IdempotencyRecords idempotency;
    DenialSums denials;
    OrganizationCache organization_ids;

 private:
    std::size_t operation_index(AnyOperation const& operation) const {
        return static_cast<std::size_t>(&operation - parts.table.operations.data());
    }
    void measure(Entry& entry);

    Permissions permissions_;
    std::vector<Entry> entries_;
    std::unordered_map<std::string_view, AnyOperation const*> by_name_;
    std::atomic<std::int64_t> housekept_minute_ = 0;

    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t running_ = 0;
    bool closed_ = false;
};

}  // namespace nexpo::operation
