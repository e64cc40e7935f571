// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "describe/codec.hpp"
#include "nexpo/describe.hpp"

namespace nexpo::inline v1 {

Field::Field(std::string_view name, ValueType const& type, std::size_t offset)
    : name_(name), type_(&type), offset_(offset) {}
Field::Field(Field const&) = default;
Field::Field(Field&&) noexcept = default;
Field& Field::operator=(Field const&) = default;
Field& Field::operator=(Field&&) noexcept = default;
Field::~Field() = default;

Field Field::required() && {
    required_ = true;
    return std::move(*this);
}

Field Field::min(std::int64_t limit) && {
    min_ = limit;
    return std::move(*this);
}

Field Field::max(std::int64_t limit) && {
    max_ = limit;
    return std::move(*this);
}

Field Field::format(Format format) && {
    format_ = format;
    return std::move(*this);
}

Field Field::id(std::string_view prefix) && {
    id_prefix_ = prefix;
    return std::move(*this);
}

Field Field::tags(std::vector<std::string> names) && {
    tags_ = std::move(names);
    return std::move(*this);
}

Field Field::doc(std::string_view text) && {
    doc_ = text;
    return std::move(*this);
}

Field Field::secret() && {
    secret_ = true;
    return std::move(*this);
}

Field Field::read_only() && {
    read_only_ = true;
    return std::move(*this);
}

Field Field::deprecated() && {
    deprecated_ = true;
    return std::move(*this);
}

StructType::StructType(std::string_view name, std::vector<Field> fields, StructMemory const& memory)
    : name_(name), fields_(std::move(fields)), memory_(memory) {}
StructType::StructType(StructType const&) = default;
StructType::StructType(StructType&&) noexcept = default;
StructType::~StructType() = default;

Field const* StructType::find(std::string_view name) const noexcept {
    auto const found = std::ranges::find(fields_, name, &Field::name);
    return found == fields_.end() ? nullptr : &*found;
}

}  // namespace nexpo::inline v1

namespace nexpo::describe {

bool same_struct(StructType const& left, StructType const& right) {
    if (&left == &right) return true;
    // Types made at run time stand where their makers put their members: each is only the same as itself.
    if (left.memory().context != nullptr || right.memory().context != nullptr) return false;
    return left.name() == right.name() &&
           std::ranges::equal(left.fields(), right.fields(), [](Field const& one, Field const& other) {
               return one.name() == other.name() && one.offset() == other.offset() &&
                      one.type().kind == other.type().kind;
           });
}

}  // namespace nexpo::describe
