// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nexpo/store.hpp"
#include "type_object.hpp"

namespace nexpo::python {

/// The parameters of a statement.
class SqlValues {
 public:
    /// Throws TypeError for an object that no column holds.
    explicit SqlValues(py::args const& values);
    SqlValues(SqlValues const&) = delete;
    SqlValues& operator=(SqlValues const&) = delete;

    std::span<SqlParam const> params() const { return params_; }

 private:
    SqlParam param(py::handle value);

    // What the parameters refer to.
    std::deque<std::string> texts_;
    std::deque<Bytes> bytes_;
    std::deque<std::vector<std::string>> lists_;
    std::vector<SqlParam> params_;
};

/// Rows as they come from the database; made into Python objects afterwards, since reading goes on without the lock.
class SqlRows {
 public:
    /// At most `most` rows.
    SqlRows(TypeObject const& type, std::size_t most);

    /// Reads them; without the lock.
    Result<void> read(Read const& read, std::string_view sql, std::span<SqlParam const> params);
    /// With the lock.
    py::list to_list() const;

 private:
    static void* append(void* rows);

    TypeObject const& type_;
    std::size_t most_;
    std::shared_ptr<void> holder_;
    void* list_;
};

}  // namespace nexpo::python
