// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grpc/codec/message_types.hpp"
#include "nexpo/backend.hpp"

namespace nexpo::grpc_host {

/// What a method makes of its operation.
enum class MethodKind : std::uint8_t {
    call,    ///< One call.
    list,    ///< The elements of all pages.
    bulk,    ///< A call for each input.
    events,  ///< Live events.
    invoke,  ///< One call of the operation that the input names.
};

/// A method of a service.
struct Method {
    std::string path{};       ///< `/nexpo.v1.Users/Get`
    std::string operation{};  ///< `users.get`
    MethodKind kind = MethodKind::call;
    bool may_block = false;
    std::uint32_t blocking_field = 0;     ///< The field without which it does not block; 0: it always may.
    MessageType const* input = nullptr;   ///< Of each input.
    MessageType const* output = nullptr;  ///< Of each output.
    StructType const* page = nullptr;     ///< list: what the operation answers with.
};

/// A service and its methods.
struct ServiceMethods {
    std::string name{};  ///< `nexpo.v1.Users`
    std::vector<Method> methods{};
};

/// The services of the files in proto/nexpo/v1 and what they have to do with the operations of a backend. Immutable.
class MethodTable {
 public:
    explicit MethodTable(Backend const& backend);

    std::vector<ServiceMethods> const& services() const { return services_; }
    /// A sentence for everything in the files that does not fit the operations and their types.
    std::vector<std::string> const& problems() const { return problems_; }

 private:
    void add_service(Backend const& backend, void const* service, std::vector<OperationInfo> const& operations);

    MessageTypes types_;
    std::vector<ServiceMethods> services_;
    std::vector<std::string> problems_;
};

}  // namespace nexpo::grpc_host
