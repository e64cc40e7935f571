// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "parity/door.hpp"
#include "support/test_database.hpp"

namespace nexpo::parity {

/// The Python package, in a process of its own with a backend of its own. Its clock stands where that of the other
/// backends does.
class PythonDoor final : public Door {
 public:
    PythonDoor();
    PythonDoor(PythonDoor const&) = delete;
    PythonDoor& operator=(PythonDoor const&) = delete;
    ~PythonDoor() override;

    std::string_view name() const override { return "python"; }
    bool offers(OperationInfo const& operation) const override;
    Result<Json> call(OperationInfo const& operation, std::string const& token, Json const& input) const override;

 private:
    Json ask(Json const& question) const;

    testing::TestDatabase database_;
    pid_t child_ = 0;
    int socket_ = -1;
};

}  // namespace nexpo::parity
