// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nexpo/dynamic_struct.hpp"

namespace nexpo::inline v1::detail {

/// A type of values and how they are kept in memory. Lives as long as the process.
struct DynamicShape {
    ValueType value{};
    std::size_t size = 0;
    std::size_t alignment = 1;
    void (*construct)(void* at, DynamicShape const& shape) = nullptr;
    void (*copy)(void* to, void const* from, DynamicShape const& shape) = nullptr;
    void (*destroy)(void* at, DynamicShape const& shape) noexcept = nullptr;
    DynamicShape const* element = nullptr;       ///< optional, patch, list, map: what is inside.
    std::vector<std::string> words{};            ///< enumeration
    std::vector<std::string_view> word_views{};  ///< enumeration: what `value.names` shows.
};

/// Where the members of a struct made at run time stand. Lives as long as the process.
struct DynamicLayout {
    struct Member {
        DynamicShape const* shape;
        std::size_t offset;
    };

    std::vector<Member> members{};
    std::size_t size = 0;
    std::size_t alignment = 1;
    void* defaults = nullptr;
    DynamicShape self{};               ///< The struct as a member.
    std::optional<StructType> type{};  ///< Once built.
};

/// A struct as a member, but for its size, which may not be known yet.
DynamicShape struct_shape(StructRef structure);

/// Keeps an object until the process ends.
DynamicShape& keep(std::unique_ptr<DynamicShape> shape);
DynamicLayout& keep(std::unique_ptr<DynamicLayout> layout);

/// A value on the heap.
class HeldValue {
 public:
    explicit HeldValue(DynamicShape const& shape);
    HeldValue(HeldValue const& other);
    HeldValue(HeldValue&& other) noexcept : shape_(other.shape_), at_(std::exchange(other.at_, nullptr)) {}
    HeldValue& operator=(HeldValue const&) = delete;
    HeldValue& operator=(HeldValue&& other) noexcept {
        std::swap(shape_, other.shape_);
        std::swap(at_, other.at_);
        return *this;
    }
    ~HeldValue();

    void* get() const noexcept { return at_; }

 private:
    DynamicShape const* shape_;
    void* at_;
};

/// Memory without a value yet.
class RawMemory {
 public:
    RawMemory(std::size_t size, std::size_t alignment)
        : at_(::operator new(size, std::align_val_t(alignment))), alignment_(alignment) {}
    RawMemory(RawMemory const&) = delete;
    RawMemory& operator=(RawMemory const&) = delete;
    ~RawMemory() { ::operator delete(at_, std::align_val_t(alignment_)); }

    void* get() const noexcept { return at_; }
    void* release() noexcept { return std::exchange(at_, nullptr); }

 private:
    void* at_;
    std::size_t alignment_;
};

}  // namespace nexpo::inline v1::detail
