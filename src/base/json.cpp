// SPDX-License-Identifier: Apache-2.0
#include "nexpo/json.hpp"

#include <algorithm>

namespace nexpo::inline v1 {

namespace {

template <class Members>
auto find_member(Members& members, std::string_view name) {
    return std::find_if(members.begin(), members.end(), [name](auto const& member) { return member.first == name; });
}

}  // namespace

Json::Json(Json const& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(Json const& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json const* Json::find(std::string_view name) const noexcept {
    Object const* const members = if_object();
    if (members == nullptr) return nullptr;
    auto const member = find_member(*members, name);
    return member == members->end() ? nullptr : &member->second;
}

Json& Json::set(std::string_view name, Json value) {
    if (if_object() == nullptr) value_ = Object{};
    Object& members = *if_object();
    auto const member = find_member(members, name);
    if (member == members.end()) {
        members.emplace_back(name, std::move(value));
    } else {
        member->second = std::move(value);
    }
    return *this;
}

Json& Json::append(Json value) {
    if (if_array() == nullptr) value_ = Array{};
    if_array()->push_back(std::move(value));
    return *this;
}

}  // namespace nexpo::inline v1
