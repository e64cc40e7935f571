// SPDX-License-Identifier: Apache-2.0
#include "nexpo/describe.hpp"

namespace nexpo::inline v1::detail {

namespace {

template <class T>
ValueType text_type() {
    ValueType type{.kind = Kind::text};
    type.text = [](void const* at) -> std::string_view {
        if constexpr (std::same_as<T, Secret>) {
            return static_cast<Secret const*>(at)->reveal();
        } else {
            return *static_cast<std::string const*>(at);
        }
    };
    type.set_text = [](void* at, std::string_view text) { *static_cast<T*>(at) = T(std::string(text)); };
    return type;
}

}  // namespace

ValueType const& boolean_type() {
    static ValueType const type{.kind = Kind::boolean};
    return type;
}

ValueType const& number_type() {
    static ValueType const type{.kind = Kind::number};
    return type;
}

ValueType const& decimal_type() {
    static ValueType const type{.kind = Kind::decimal};
    return type;
}

ValueType const& string_type() {
    static ValueType const type = text_type<std::string>();
    return type;
}

ValueType const& secret_type() {
    static ValueType const type = text_type<Secret>();
    return type;
}

ValueType const& bytes_type() {
    static ValueType const type{.kind = Kind::bytes};
    return type;
}

ValueType const& timestamp_type() {
    static ValueType const type{.kind = Kind::timestamp};
    return type;
}

ValueType const& json_type() {
    static ValueType const type{.kind = Kind::json};
    return type;
}

}  // namespace nexpo::inline v1::detail
