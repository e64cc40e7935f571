// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/store.hpp"

namespace nexpo::store {

/// A type by its number (https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat).
using PgType = unsigned int;

/// The parameters of one statement in PostgreSQL's binary form. They must outlive what this refers to.
class PgParams {
 public:
    void assign(std::span<SqlParam const> params);

    int size() const noexcept { return static_cast<int>(values_.size()); }
    std::vector<PgType> const& types() const noexcept { return types_; }
    char const* const* values() const noexcept { return values_.data(); }
    int const* lengths() const noexcept { return lengths_.data(); }
    int const* formats() const noexcept { return formats_.data(); }

 private:
    struct Encoder;

    void add(PgType type, std::string_view bytes);
    void add_number(PgType type, std::uint64_t bits);

    std::vector<PgType> types_;
    std::vector<char const*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::vector<std::array<char, 8>> numbers_;
    std::vector<std::string> texts_;
};

/// One column of one row.
struct PgColumn {
    PgType type = 0;
    bool null = false;
    std::string_view bytes{};
    char const* name = "";
};

/// Reads a column into a value of the given type. Errors: internal (`sql_mapping`).
Result<void> read_column(PgColumn const& column, ValueType const& type, void* value);

}  // namespace nexpo::store
