// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Structs that are put together while the program runs, for bindings of other languages.
///
///     StructBuilder note("CreateNote");
///     note.add(note.field("title", DynamicType::text()).required().max(120));
///     note.add(note.field("tags", DynamicType::list(DynamicType::text())));
///     StructType const* type = note.build().value();
///
/// A type made so is described, validated, read, written and documented like a C++ struct. Types live as long as the
/// process, as those of C++ structs do: build each once.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"

namespace nexpo::inline v1 {

/// @cond implementation
namespace detail {
struct DynamicShape;
struct DynamicLayout;
}  // namespace detail
/// @endcond

/// The type of a member whose form is known only when the program runs. Cheap to copy; lives as long as the process.
/// Immutable and safe to share.
class NEXPO_API DynamicType {
 public:
    static DynamicType boolean();    ///< A `bool`.
    static DynamicType integer();    ///< A `std::int64_t`.
    static DynamicType number();     ///< A `double`.
    static DynamicType decimal();    ///< A `Decimal`.
    static DynamicType text();       ///< A `std::string`.
    static DynamicType secret();     ///< A `Secret`.
    static DynamicType bytes();      ///< `Bytes`.
    static DynamicType timestamp();  ///< A `Timestamp`.
    static DynamicType json();       ///< A `Json`.
    /// One of these words; `ValueType::integer` gives its position. At least one; the first is the initial value.
    static DynamicType enumeration(std::vector<std::string> words);
    /// A described struct, of C++ or made by a `StructBuilder`, kept in place. `type` lives as long as the process.
    static DynamicType structure(StructType const& type);
    /// Null, or a value.
    static DynamicType optional(DynamicType inside);
    /// Absent, null, or a value; in update inputs only.
    static DynamicType patch(DynamicType inside);
    /// Any number of values.
    static DynamicType list(DynamicType element);
    /// Values by text.
    static DynamicType map(DynamicType element);

    /// What the library knows of the type: how to read and write its values. Lives as long as the process.
    ValueType const& value_type() const noexcept;

    /// For the library.
    explicit DynamicType(detail::DynamicShape const& shape) noexcept : shape_(&shape) {}
    /// For the library.
    detail::DynamicShape const& shape() const noexcept { return *shape_; }

 private:
    detail::DynamicShape const* shape_;
};

/// Puts a struct together. Not thread-safe; the type that it builds is.
class NEXPO_API StructBuilder {
 public:
    /// `name` is the struct's name in schemas, unique within an installation.
    explicit StructBuilder(std::string_view name);
    StructBuilder(StructBuilder const&) = delete;
    StructBuilder& operator=(StructBuilder const&) = delete;
    ~StructBuilder();

    /// Makes room for a member and describes it; `add` takes it once its rules are on it.
    Field field(std::string_view name, DynamicType type);
    /// Adds a member that `field` has made, after those added before.
    StructBuilder& add(Field field);
    /// The initial value of the member `name`, as `from_json` takes it; without: false, 0, empty, absent.
    StructBuilder& initial(std::string name, Json value);
    /// The struct itself as the type of its members, or of another's, before it is built. What holds it must be an
    /// optional, a list or a map, since its size is not known yet.
    DynamicType type() const;
    /// Ends it, once. The type lives as long as the process.
    /// Errors: invalid_argument (`struct_invalid`: a member twice or of unknown size, an initial value that does not
    /// fit).
    Result<StructType const*> build();

 private:
    std::string name_;
    std::vector<Field> fields_;
    Json::Object initial_;
    detail::DynamicLayout* layout_;
    std::string fault_;
};

}  // namespace nexpo::inline v1
