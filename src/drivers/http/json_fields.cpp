// SPDX-License-Identifier: Apache-2.0
#include "drivers/http/json_fields.hpp"

#include <charconv>

namespace nexpo::drivers {

std::string text_at(Json const& object, std::string_view name) {
    auto const* const found = object.find(name);
    return found != nullptr && found->if_string() != nullptr ? *found->if_string() : std::string();
}

std::int64_t number_at(Json const& object, std::string_view name, std::int64_t otherwise) {
    auto const* const found = object.find(name);
    if (found == nullptr) return otherwise;
    if (auto const* number = found->if_integer(); number != nullptr) return *number;
    auto const text = text_at(object, name);
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? value : otherwise;
}

Json::Array const& array_at(Json const& object, std::string_view name) {
    static Json::Array const kEmpty;
    auto const* const found = object.find(name);
    return found != nullptr && found->if_array() != nullptr ? *found->if_array() : kEmpty;
}

}  // namespace nexpo::drivers
