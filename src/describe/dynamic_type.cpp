// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <mutex>
#include <new>

#include "describe/dynamic_shape.hpp"

namespace nexpo::inline v1 {

namespace detail {

namespace {

/// What a list, map or optional holds is told by the shape that it was made with, since functions over untyped
/// pointers get nothing else.
struct DynamicOptional {
    DynamicShape const* element;
    std::optional<HeldValue> value{};
    bool present = false;
};

struct DynamicList {
    DynamicShape const* element;
    std::deque<HeldValue> values{};
};

struct DynamicMap {
    DynamicShape const* element;
    std::map<std::string, HeldValue, std::less<>> values{};
};

/// The memory of a C++ type.
template <class T>
DynamicShape shape_of(ValueType const& value) {
    return {.value = value,
            .size = sizeof(T),
            .alignment = alignof(T),
            .construct = [](void* at, DynamicShape const&) { ::new (at) T{}; },
            .copy = [](void* to, void const* from, DynamicShape const&) { ::new (to) T(*static_cast<T const*>(from)); },
            .destroy = [](void* at, DynamicShape const&) noexcept { static_cast<T*>(at)->~T(); }};
}

/// The memory of something that holds values of another type.
template <class T>
DynamicShape& holder_of(Kind kind, DynamicShape const& element) {
    auto shape = std::make_unique<DynamicShape>(shape_of<T>({.kind = kind, .element = &element.value}));
    shape->element = &element;
    shape->construct = [](void* at, DynamicShape const& self) { ::new (at) T{.element = self.element}; };
    return keep(std::move(shape));
}

template <class T>
DynamicType scalar(ValueType const& value) {
    static auto const& shape = keep(std::make_unique<DynamicShape>(shape_of<T>(value)));
    return DynamicType(shape);
}

DynamicShape& optional_shape(Kind kind, DynamicShape const& inside) {
    auto& shape = holder_of<DynamicOptional>(kind, inside);
    shape.value.inside = [](void const* at) -> void const* {
        auto const& optional = *static_cast<DynamicOptional const*>(at);
        return optional.value ? optional.value->get() : nullptr;
    };
    shape.value.fill = [](void* at) -> void* {
        auto& optional = *static_cast<DynamicOptional*>(at);
        optional.present = true;
        return optional.value.emplace(*optional.element).get();
    };
    shape.value.clear = [](void* at) {
        auto& optional = *static_cast<DynamicOptional*>(at);
        optional.present = true;
        optional.value.reset();
    };
    if (kind == Kind::patch) {
        shape.value.present = [](void const* at) { return static_cast<DynamicOptional const*>(at)->present; };
    }
    return shape;
}

}  // namespace

DynamicShape& keep(std::unique_ptr<DynamicShape> shape) {
    static std::mutex mutex;
    static auto& kept = *new std::vector<std::unique_ptr<DynamicShape>>();  // never destroyed: other statics use them
    std::scoped_lock const lock(mutex);
    return *kept.emplace_back(std::move(shape));
}

DynamicShape struct_shape(StructRef structure) {
    DynamicShape shape{.value = {.kind = Kind::object, .structure = structure}};
    shape.construct = [](void* at, DynamicShape const& self) {
        auto const& memory = self.value.structure().memory();
        memory.copy(at, memory.defaults, memory.context);
    };
    shape.copy = [](void* to, void const* from, DynamicShape const& self) {
        auto const& memory = self.value.structure().memory();
        memory.copy(to, from, memory.context);
    };
    shape.destroy = [](void* at, DynamicShape const& self) noexcept {
        auto const& memory = self.value.structure().memory();
        memory.destroy(at, memory.context);
    };
    return shape;
}

HeldValue::HeldValue(DynamicShape const& shape) : shape_(&shape) {
    RawMemory memory(shape.size, shape.alignment);
    shape.construct(memory.get(), shape);
    at_ = memory.release();
}

HeldValue::HeldValue(HeldValue const& other) : shape_(other.shape_) {
    RawMemory memory(shape_->size, shape_->alignment);
    shape_->copy(memory.get(), other.at_, *shape_);
    at_ = memory.release();
}

HeldValue::~HeldValue() {
    if (at_ == nullptr) return;
    shape_->destroy(at_, *shape_);
    ::operator delete(at_, std::align_val_t(shape_->alignment));
}

}  // namespace detail

DynamicType DynamicType::boolean() {
    return detail::scalar<bool>(nexpo::value_type<bool>());
}
DynamicType DynamicType::integer() {
    return detail::scalar<std::int64_t>(nexpo::value_type<std::int64_t>());
}
DynamicType DynamicType::number() {
    return detail::scalar<double>(nexpo::value_type<double>());
}
DynamicType DynamicType::decimal() {
    return detail::scalar<Decimal>(nexpo::value_type<Decimal>());
}
DynamicType DynamicType::text() {
    return detail::scalar<std::string>(nexpo::value_type<std::string>());
}
DynamicType DynamicType::secret() {
    return detail::scalar<Secret>(nexpo::value_type<Secret>());
}
DynamicType DynamicType::bytes() {
    return detail::scalar<Bytes>(nexpo::value_type<Bytes>());
}
DynamicType DynamicType::timestamp() {
    return detail::scalar<Timestamp>(nexpo::value_type<Timestamp>());
}
DynamicType DynamicType::json() {
    return detail::scalar<Json>(nexpo::value_type<Json>());
}

DynamicType DynamicType::enumeration(std::vector<std::string> words) {
    auto shape =
        std::make_unique<detail::DynamicShape>(detail::shape_of<std::int64_t>(nexpo::value_type<std::int64_t>()));
    shape->words = std::move(words);
    shape->word_views.assign(shape->words.begin(), shape->words.end());
    shape->value.kind = Kind::enumeration;
    shape->value.names = shape->word_views;
    return DynamicType(detail::keep(std::move(shape)));
}

DynamicType DynamicType::structure(StructType const& type) {
    auto shape = std::make_unique<detail::DynamicShape>(detail::struct_shape(
        {[](void const* context) -> StructType const& { return *static_cast<StructType const*>(context); }, &type}));
    shape->size = type.memory().size;
    shape->alignment = type.memory().alignment;
    return DynamicType(detail::keep(std::move(shape)));
}

DynamicType DynamicType::optional(DynamicType inside) {
    return DynamicType(detail::optional_shape(Kind::optional, inside.shape()));
}

DynamicType DynamicType::patch(DynamicType inside) {
    return DynamicType(detail::optional_shape(Kind::patch, inside.shape()));
}

DynamicType DynamicType::list(DynamicType element) {
    using detail::DynamicList;
    auto& shape = detail::holder_of<DynamicList>(Kind::list, element.shape());
    shape.value.size = [](void const* at) { return static_cast<DynamicList const*>(at)->values.size(); };
    shape.value.at = [](void const* at, std::size_t index) -> void const* {
        return static_cast<DynamicList const*>(at)->values[index].get();
    };
    shape.value.append = [](void* at) -> void* {
        auto& list = *static_cast<DynamicList*>(at);
        return list.values.emplace_back(*list.element).get();
    };
    shape.value.clear = [](void* at) { static_cast<DynamicList*>(at)->values.clear(); };
    return DynamicType(shape);
}

DynamicType DynamicType::map(DynamicType element) {
    using detail::DynamicMap;
    auto& shape = detail::holder_of<DynamicMap>(Kind::map, element.shape());
    shape.value.size = [](void const* at) { return static_cast<DynamicMap const*>(at)->values.size(); };
    shape.value.each = [](void const* at, void* context, void (*visit)(void*, std::string_view, void const*)) {
        for (auto const& [key, value] : static_cast<DynamicMap const*>(at)->values) visit(context, key, value.get());
    };
    shape.value.insert = [](void* at, std::string_view key) -> void* {
        auto& map = *static_cast<DynamicMap*>(at);
        return map.values.try_emplace(std::string(key), *map.element).first->second.get();
    };
    shape.value.clear = [](void* at) { static_cast<DynamicMap*>(at)->values.clear(); };
    return DynamicType(shape);
}

ValueType const& DynamicType::value_type() const noexcept {
    return shape_->value;
}

}  // namespace nexpo::inline v1
