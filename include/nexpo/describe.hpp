// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Describe a struct once; JSON, OpenAPI, SQL rows and validation follow from the description.
///
///     struct CreateNote {
///         std::string title{};
///         std::optional<std::string> text{};
///     };
///
///     inline nexpo::StructType describe(nexpo::Type<CreateNote>) {
///         using nexpo::field;
///         return nexpo::structure<CreateNote>("CreateNote",
///             field("title", &CreateNote::title).required().max(120),
///             field("text", &CreateNote::text).max(10'000));
///     }
///
/// Members may be bool, integers, enumerations with `enum_names`, double, Decimal, std::string, Secret, Bytes,
/// Timestamp, Json, described structs, and std::optional, Patch, std::vector, std::map<std::string, T> and
/// std::variant of these. Optionals do not nest.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "nexpo/decimal.hpp"
#include "nexpo/export.hpp"
#include "nexpo/json.hpp"
#include "nexpo/patch.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// Binary data; base64url text (RFC 4648 section 5) on the wire.
using Bytes = std::vector<std::uint8_t>;

/// Tag that names a struct for `describe(Type<T>)`, found by argument-dependent lookup.
template <class T>
struct Type {};

/// The forms a described value can have.
enum class Kind : std::uint8_t {
    boolean,
    integer,
    number,
    decimal,
    text,
    bytes,
    timestamp,
    json,
    enumeration,
    object,
    list,
    map,
    variant,
    optional,
    patch,
};

/// What a text must look like.
enum class Format : std::uint8_t {
    none,
    email,     ///< An address as HTML's `input type=email` defines it, at most 254 characters.
    uri,       ///< An absolute URI (RFC 3986) with scheme and host.
    slug,      ///< a-z, 0-9 and inner hyphens, starting with a letter.
    phone,     ///< E.164: `+` and 7 to 15 digits.
    currency,  ///< Three upper-case letters (ISO 4217).
    line,      ///< One line of text: no control characters and no line separators; may be empty.
};

class StructType;

/// Leads from a value to the description of its struct, which may still be being made when the value's type is
/// described. Null for what is no struct.
class StructRef {
 public:
    /// Answers the description; called from any thread.
    using Find = StructType const& (*)(void const* context);

    constexpr StructRef() noexcept = default;
    /// `find` is called with `context`.
    constexpr StructRef(Find find, void const* context) noexcept : find_(find), context_(context) {}

    /// The description; not when null.
    StructType const& operator()() const { return find_(context_); }
    /// True unless null.
    explicit operator bool() const noexcept { return find_ != nullptr; }
    /// True when null.
    bool operator==(std::nullptr_t) const noexcept { return find_ == nullptr; }

 private:
    Find find_ = nullptr;
    void const* context_ = nullptr;
};

/// Everything the library needs to know of one C++ type, as functions over untyped pointers. Made by `value_type<T>()`;
/// a member is null where it does not apply to the kind. Immutable after construction and safe to share.
struct ValueType {
    Kind kind = Kind::boolean;                                         ///< The form.
    ValueType const* element = nullptr;                                ///< optional, patch, list, map: what is inside.
    StructRef structure{};                                             ///< object: its description.
    std::span<std::string_view const> names{};                         ///< enumeration: the words, by value from 0.
    std::vector<ValueType const*> alternatives{};                      ///< variant: what it may hold, by index.
    std::int64_t lowest = (std::numeric_limits<std::int64_t>::min)();  ///< integer: the least value of the C++ type.
    std::int64_t highest =
        (std::numeric_limits<std::int64_t>::max)();  ///< integer: the greatest value of the C++ type.

    std::int64_t (*integer)(void const*) = nullptr;       ///< integer, enumeration: reads.
    void (*set_integer)(void*, std::int64_t) = nullptr;   ///< integer, enumeration: writes; in range already.
    std::string_view (*text)(void const*) = nullptr;      ///< text: reads.
    void (*set_text)(void*, std::string_view) = nullptr;  ///< text: writes.

    void const* (*inside)(void const*) = nullptr;  ///< optional, patch: the value or null.
    void* (*fill)(void*) = nullptr;                ///< optional, patch: a fresh value to write to.
    void (*clear)(void*) = nullptr;                ///< optional, patch: becomes null.
    bool (*present)(void const*) = nullptr;        ///< patch: given at all.

    std::size_t (*size)(void const*) = nullptr;             ///< list, map: how many.
    void const* (*at)(void const*, std::size_t) = nullptr;  ///< list: one element.
    void* (*append)(void*) = nullptr;                       ///< list: a fresh last element.
    void (*each)(void const*, void*, void (*)(void*, std::string_view, void const*)) = nullptr;  ///< map: visits all.
    void* (*insert)(void*, std::string_view) = nullptr;  ///< map: a fresh entry.

    std::size_t (*index)(void const*) = nullptr;        ///< variant: which alternative.
    void const* (*alternative)(void const*) = nullptr;  ///< variant: the value.
    void* (*select)(void*, std::size_t) = nullptr;      ///< variant: a fresh value of one alternative.
};

/// One described member: its name on the wire, where it stands in the struct, and its rules.
/// The rule functions return the field so that they chain. Immutable once part of a StructType.
class NEXPO_API Field {
 public:
    /// Made by `field()`.
    Field(std::string_view name, ValueType const& type, std::size_t offset);
    Field(Field const&);
    Field(Field&&) noexcept;
    Field& operator=(Field const&);
    Field& operator=(Field&&) noexcept;
    ~Field();

    /// Must be given on the wire; a text or list must not be empty. A patch may be absent but not null.
    Field required() &&;
    /// Least value of a number, least number of characters of a text, least number of elements.
    Field(min)(std::int64_t limit) &&;
    /// Greatest value of a number, most characters of a text, most elements.
    Field(max)(std::int64_t limit) &&;
    /// What the text must look like; an empty text that is not required passes.
    Field format(Format format) &&;
    /// The text is an id with this prefix.
    Field id(std::string_view prefix) &&;
    /// Names of the alternatives of a variant, in order: `{"email": {…}}` on the wire.
    Field tags(std::vector<std::string> names) &&;
    /// A sentence for the schema.
    Field doc(std::string_view text) &&;
    /// Never printed in logs or schemas' examples.
    Field secret() &&;
    /// Appears in answers only; refused in inputs.
    Field read_only() &&;
    /// Still works; the schema says to stop using it.
    Field deprecated() &&;

    std::string const& name() const noexcept { return name_; }                    ///< Name on the wire.
    ValueType const& type() const noexcept { return *type_; }                     ///< The member's type.
    std::size_t offset() const noexcept { return offset_; }                       ///< Bytes from the struct's start.
    bool is_required() const noexcept { return required_; }                       ///< See `required`.
    std::optional<std::int64_t> lower() const noexcept { return min_; }           ///< See `min`.
    std::optional<std::int64_t> upper() const noexcept { return max_; }           ///< See `max`.
    Format text_format() const noexcept { return format_; }                       ///< See `format`.
    std::string const& id_prefix() const noexcept { return id_prefix_; }          ///< See `id`.
    std::vector<std::string> const& tag_names() const noexcept { return tags_; }  ///< See `tags`.
    std::string const& description() const noexcept { return doc_; }              ///< See `doc`.
    bool is_secret() const noexcept { return secret_; }                           ///< See `secret`.
    bool is_read_only() const noexcept { return read_only_; }                     ///< See `read_only`.
    bool is_deprecated() const noexcept { return deprecated_; }                   ///< See `deprecated`.

 private:
    std::string name_;
    ValueType const* type_;
    std::size_t offset_;
    std::optional<std::int64_t> min_;
    std::optional<std::int64_t> max_;
    std::string id_prefix_;
    std::string doc_;
    std::vector<std::string> tags_;
    Format format_ = Format::none;
    bool required_ = false;
    bool secret_ = false;
    bool read_only_ = false;
    bool deprecated_ = false;
};

/// A member that is not part of the description (an object, a callback); counts for completeness only.
struct HiddenField {};

/// How structs of one type are kept in memory; each function gets `context`. What it points to lives for ever.
struct StructMemory {
    std::size_t size = 0;            ///< In bytes.
    std::size_t alignment = 1;       ///< In bytes.
    void const* defaults = nullptr;  ///< A struct with all members at their initial values.
    void const* context = nullptr;   ///< Of a type that was made at run time; null for C++ structs.
    std::shared_ptr<void> (*make)(void const* context) = nullptr;             ///< A copy of `defaults`.
    void (*copy)(void* to, void const* from, void const* context) = nullptr;  ///< Makes a copy in raw memory.
    void (*destroy)(void* value, void const* context) noexcept = nullptr;     ///< Leaves raw memory behind.
};

/// The description of one struct. Immutable and safe to share.
class NEXPO_API StructType {
 public:
    /// Made by `structure()`, and at run time by `StructBuilder`.
    StructType(std::string_view name, std::vector<Field> fields, StructMemory const& memory);
    StructType(StructType const&);
    StructType(StructType&&) noexcept;
    StructType& operator=(StructType const&) = delete;
    ~StructType();

    /// The struct's name in schemas, unique within an installation.
    std::string const& name() const noexcept { return name_; }
    /// The described members in order.
    std::span<Field const> fields() const noexcept { return fields_; }
    /// The field with this name, or nullptr.
    Field const* find(std::string_view name) const noexcept;
    /// A new struct with all members at their initial values.
    std::shared_ptr<void> make() const { return memory_.make(memory_.context); }
    /// A struct with all members at their initial values, valid for ever.
    void const* defaults() const noexcept { return memory_.defaults; }
    /// How its structs are kept in memory.
    StructMemory const& memory() const noexcept { return memory_; }

 private:
    std::string name_;
    std::vector<Field> fields_;
    StructMemory memory_;
};

/// The member names of an enumeration, found by argument-dependent lookup: `constexpr auto enum_names(Colour)` returns
/// a std::array of words whose positions are the enumerators' values.
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
    { enum_names(value)[0] } -> std::convertible_to<std::string_view>;
};

/// The word of an enumerator; empty when the value has no word.
template <NamedEnum E>
constexpr std::string_view to_word(E value) {
    auto const index = static_cast<std::size_t>(value);
    return index < enum_names(value).size() ? enum_names(value)[index] : std::string_view{};
}

/// @cond implementation
namespace detail {

NEXPO_API ValueType const& boolean_type();
NEXPO_API ValueType const& number_type();
NEXPO_API ValueType const& decimal_type();
NEXPO_API ValueType const& string_type();
NEXPO_API ValueType const& secret_type();
NEXPO_API ValueType const& bytes_type();
NEXPO_API ValueType const& timestamp_type();
NEXPO_API ValueType const& json_type();

template <class T, template <class...> class Of>
inline constexpr bool is_a = false;
template <class... A, template <class...> class Of>
inline constexpr bool is_a<Of<A...>, Of> = true;

template <class T>
concept TextMap = is_a<T, std::map> && std::same_as<typename T::key_type, std::string>;

/// Converts to every member type; counts the members of an aggregate.
struct AnyMember {
    template <class T>
        requires(!std::same_as<T, char const*> && !std::same_as<T, std::nullptr_t>)
    operator T() const;
};

template <class T, class... Members>
consteval std::size_t member_count() {
    if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
        return member_count<T, Members..., AnyMember>();
    } else {
        return sizeof...(Members);
    }
}

template <class T>
T const& default_value() {
    static T const value{};
    return value;
}

}  // namespace detail
/// @endcond

/// The description of a struct, made once. Thread-safe.
template <class T>
StructType const& struct_type() {
    static StructType const type = describe(Type<T>{});
    return type;
}

/// @cond implementation
namespace detail {

template <class T>
ValueType const& value_type_of();

template <class T>
ValueType integer_type() {
    using Number = typename std::conditional_t<std::is_enum_v<T>, std::underlying_type<T>, std::type_identity<T>>::type;
    static_assert(sizeof(Number) < 8 || std::is_signed_v<Number>, "unsigned 64-bit integers have no wire form");
    ValueType type{.kind = Kind::integer};
    type.lowest = static_cast<std::int64_t>((std::numeric_limits<Number>::min)());
    type.highest = static_cast<std::int64_t>((std::numeric_limits<Number>::max)());
    type.integer = [](void const* at) { return static_cast<std::int64_t>(*static_cast<T const*>(at)); };
    type.set_integer = [](void* at, std::int64_t value) { *static_cast<T*>(at) = static_cast<T>(value); };
    return type;
}

template <class T>
ValueType enumeration_type() {
    static constexpr auto kNames = enum_names(T{});
    ValueType type = integer_type<T>();
    type.kind = Kind::enumeration;
    type.names = kNames;
    return type;
}

template <class T>
ValueType optional_type() {
    using Inner = typename T::value_type;
    static_assert(!is_a<Inner, std::optional> && !is_a<Inner, Patch>, "optionals do not nest");
    ValueType type{.kind = is_a<T, Patch> ? Kind::patch : Kind::optional, .element = &value_type_of<Inner>()};
    type.inside = [](void const* at) -> void const* {
        auto const& optional = *static_cast<T const*>(at);
        return optional.has_value() ? &*optional : nullptr;
    };
    type.fill = [](void* at) -> void* { return &static_cast<T*>(at)->emplace(); };
    if constexpr (is_a<T, Patch>) {
        type.clear = [](void* at) { *static_cast<T*>(at) = nullptr; };
        type.present = [](void const* at) { return static_cast<T const*>(at)->is_present(); };
    } else {
        type.clear = [](void* at) { static_cast<T*>(at)->reset(); };
    }
    return type;
}

template <class T>
ValueType list_type() {
    using Inner = typename T::value_type;
    static_assert(!std::same_as<Inner, bool>, "std::vector<bool> holds no bool");
    ValueType type{.kind = Kind::list, .element = &value_type_of<Inner>()};
    type.size = [](void const* at) { return static_cast<T const*>(at)->size(); };
    type.at = [](void const* at, std::size_t index) -> void const* { return &(*static_cast<T const*>(at))[index]; };
    type.append = [](void* at) -> void* { return &static_cast<T*>(at)->emplace_back(); };
    type.clear = [](void* at) { static_cast<T*>(at)->clear(); };
    return type;
}

template <class T>
ValueType map_type() {
    ValueType type{.kind = Kind::map, .element = &value_type_of<typename T::mapped_type>()};
    type.size = [](void const* at) { return static_cast<T const*>(at)->size(); };
    type.each = [](void const* at, void* context, void (*visit)(void*, std::string_view, void const*)) {
        for (auto const& [key, value] : *static_cast<T const*>(at)) visit(context, key, &value);
    };
    type.insert = [](void* at, std::string_view key) -> void* { return &(*static_cast<T*>(at))[std::string(key)]; };
    type.clear = [](void* at) { static_cast<T*>(at)->clear(); };
    return type;
}

template <class T>
struct VariantAccess;
template <class... A>
struct VariantAccess<std::variant<A...>> {
    using V = std::variant<A...>;

    static ValueType type() {
        ValueType type{.kind = Kind::variant};
        type.alternatives = {&value_type_of<A>()...};
        type.index = [](void const* at) { return static_cast<V const*>(at)->index(); };
        type.alternative = [](void const* at) {
            return std::visit([](auto const& value) -> void const* { return &value; }, *static_cast<V const*>(at));
        };
        type.select = [](void* at, std::size_t index) { return select(at, index, std::index_sequence_for<A...>{}); };
        return type;
    }

 private:
    template <std::size_t... I>
    static void* select(void* at, std::size_t index, std::index_sequence<I...>) {
        void* selected = nullptr;
        (void)((I == index ? (selected = &static_cast<V*>(at)->template emplace<I>(), true) : false) || ...);
        return selected;
    }
};

template <class T>
ValueType object_type() {
    ValueType type{.kind = Kind::object};
    type.structure = {[](void const*) -> StructType const& { return struct_type<T>(); }, nullptr};
    return type;
}

template <class T>
ValueType make_value_type() {
    if constexpr (std::is_enum_v<T>) {
        static_assert(NamedEnum<T>, "give the enumeration an enum_names function");
        return enumeration_type<T>();
    } else if constexpr (std::integral<T>) {
        return integer_type<T>();
    } else if constexpr (is_a<T, std::optional> || is_a<T, Patch>) {
        return optional_type<T>();
    } else if constexpr (is_a<T, std::vector>) {
        return list_type<T>();
    } else if constexpr (TextMap<T>) {
        return map_type<T>();
    } else if constexpr (is_a<T, std::variant>) {
        return VariantAccess<T>::type();
    } else {
        return object_type<T>();
    }
}

template <class T>
ValueType const& value_type_of() {
    if constexpr (std::same_as<T, bool>) {
        return boolean_type();
    } else if constexpr (std::same_as<T, double>) {
        return number_type();
    } else if constexpr (std::same_as<T, Decimal>) {
        return decimal_type();
    } else if constexpr (std::same_as<T, std::string>) {
        return string_type();
    } else if constexpr (std::same_as<T, Secret>) {
        return secret_type();
    } else if constexpr (std::same_as<T, Bytes>) {
        return bytes_type();
    } else if constexpr (std::same_as<T, Timestamp>) {
        return timestamp_type();
    } else if constexpr (std::same_as<T, Json>) {
        return json_type();
    } else {
        static ValueType const type = make_value_type<T>();
        return type;
    }
}

template <class T>
StructMemory struct_memory() {
    return {.size = sizeof(T),
            .alignment = alignof(T),
            .defaults = &default_value<T>(),
            .make = [](void const*) -> std::shared_ptr<void> { return std::make_shared<T>(); },
            .copy = [](void* to, void const* from, void const*) { ::new (to) T(*static_cast<T const*>(from)); },
            .destroy = [](void* value, void const*) noexcept { static_cast<T*>(value)->~T(); }};
}

inline void collect(std::vector<Field>& fields, Field field) {
    fields.push_back(std::move(field));
}
inline void collect(std::vector<Field>&, HiddenField) {}

}  // namespace detail
/// @endcond

/// What the library knows of a member type. Thread-safe.
template <class T>
ValueType const& value_type() {
    return detail::value_type_of<T>();
}

/// Describes one member under the name that it has on the wire (snake_case).
template <class T, class M>
Field field(std::string_view name, M T::*member) {
    T const& probe = detail::default_value<T>();
    auto const offset = reinterpret_cast<char const*>(&(probe.*member)) - reinterpret_cast<char const*>(&probe);
    return Field(name, value_type<M>(), static_cast<std::size_t>(offset));
}

/// Leaves one member out of the description.
template <class T, class M>
HiddenField hidden(M T::*) {
    return {};
}

/// Describes a struct. Every member must be named, by `field` or by `hidden`, in the order of declaration.
template <class T, class... F>
StructType structure(std::string_view name, F&&... members) {
    static_assert(std::is_aggregate_v<T>, "only plain aggregates can be described");
    static_assert(sizeof...(F) == detail::member_count<T>(), "describe every member of the struct exactly once");
    std::vector<Field> fields;
    fields.reserve(sizeof...(F));
    (detail::collect(fields, std::forward<F>(members)), ...);
    return StructType(name, std::move(fields), detail::struct_memory<T>());
}

/// The struct as compact JSON, members in description order. Absent patches are left out, absent optionals are null.
/// Thread-safe. The untyped form takes a pointer to the described struct.
NEXPO_API std::string to_json(StructType const& type, void const* value);

/// Fills a struct from JSON text. Every bad field is reported, by JSON pointer (the first 1,000 of them); unknown
/// fields are refused. On an error the struct is in an unspecified valid state. Errors: invalid_argument
/// (`json_malformed`, `validation_failed`).
NEXPO_API Result<void> from_json(StructType const& type, void* value, std::string_view text);

/// Fills a struct from a JSON value; see the form that takes text.
NEXPO_API Result<void> from_json(StructType const& type, void* value, Json const& json);

/// Checks the rules of a struct and of everything in it. Errors: invalid_argument (`validation_failed`).
NEXPO_API Result<void> validate(StructType const& type, void const* value);

/// The struct as compact JSON. Thread-safe.
template <class T>
std::string to_json(T const& value) {
    return to_json(struct_type<T>(), &value);
}

/// A struct from JSON text, rules checked. Errors: invalid_argument (`json_malformed`, `validation_failed`).
template <class T>
Result<T> from_json(std::string_view text) {
    T value{};
    if (auto read = from_json(struct_type<T>(), &value, text); !read) return std::move(read).error();
    return value;
}

/// Checks the rules of a struct. Errors: invalid_argument (`validation_failed`).
template <class T>
Result<void> validate(T const& value) {
    return validate(struct_type<T>(), &value);
}

}  // namespace nexpo::inline v1
