// SPDX-License-Identifier: Apache-2.0
#include "nexpo/dynamic_struct.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "describe/codec.hpp"
#include "describe/dynamic_shape.hpp"

namespace nexpo::inline v1 {

namespace detail {

namespace {

DynamicLayout const& layout_in(void const* context) {
    return *static_cast<DynamicLayout const*>(context);
}

void* place(void* at, DynamicLayout::Member const& member) {
    return static_cast<char*>(at) + member.offset;
}

/// Takes back the members that were made when a later one could not be.
class MadeMembers {
 public:
    MadeMembers(void* at, DynamicLayout const& layout) : at_(at), layout_(layout) {}
    MadeMembers(MadeMembers const&) = delete;
    MadeMembers& operator=(MadeMembers const&) = delete;
    ~MadeMembers() {
        for (; count_ > 0; --count_) {
            auto const& member = layout_.members[count_ - 1];
            member.shape->destroy(place(at_, member), *member.shape);
        }
    }

    void add() { ++count_; }
    void keep() { count_ = 0; }

 private:
    void* at_;
    DynamicLayout const& layout_;
    std::size_t count_ = 0;
};

void construct_struct(void* at, DynamicLayout const& layout) {
    MadeMembers made(at, layout);
    for (auto const& member : layout.members) {
        member.shape->construct(place(at, member), *member.shape);
        made.add();
    }
    made.keep();
}

void copy_struct(void* to, void const* from, void const* context) {
    auto const& layout = layout_in(context);
    MadeMembers made(to, layout);
    for (auto const& member : layout.members) {
        member.shape->copy(place(to, member), static_cast<char const*>(from) + member.offset, *member.shape);
        made.add();
    }
    made.keep();
}

void destroy_struct(void* at, void const* context) noexcept {
    auto const& layout = layout_in(context);
    for (auto const& member : layout.members) member.shape->destroy(place(at, member), *member.shape);
}

std::shared_ptr<void> make_struct(void const* context) {
    auto const& layout = layout_in(context);
    RawMemory memory(layout.size, layout.alignment);
    copy_struct(memory.get(), layout.defaults, context);
    return {memory.release(), [context](void* at) {
                destroy_struct(at, context);
                ::operator delete(at, std::align_val_t(layout_in(context).alignment));
            }};
}

std::size_t rounded_up(std::size_t offset, std::size_t alignment) {
    return (offset + alignment - 1) / alignment * alignment;
}

}  // namespace

DynamicLayout& keep(std::unique_ptr<DynamicLayout> layout) {
    static std::mutex mutex;
    static auto& kept = *new std::vector<std::unique_ptr<DynamicLayout>>();  // never destroyed: see `keep` of shapes
    std::scoped_lock const lock(mutex);
    return *kept.emplace_back(std::move(layout));
}

}  // namespace detail

StructBuilder::StructBuilder(std::string_view name)
    : name_(name), layout_(&detail::keep(std::make_unique<detail::DynamicLayout>())) {
    layout_->self = detail::struct_shape(
        {[](void const* context) -> StructType const& { return detail::layout_in(context).type.value(); }, layout_});
}

StructBuilder::~StructBuilder() = default;

Field StructBuilder::field(std::string_view name, DynamicType type) {
    auto const& shape = type.shape();
    if (shape.size == 0) {
        fault_ = "the size of " + std::string(name) + " is not known: make it an optional, a list or a map";
        return {name, shape.value, 0};
    }
    auto const offset = detail::rounded_up(layout_->size, shape.alignment);
    layout_->members.push_back({&shape, offset});
    layout_->size = offset + shape.size;
    layout_->alignment = std::max(layout_->alignment, shape.alignment);
    return {name, shape.value, offset};
}

StructBuilder& StructBuilder::add(Field field) {
    if (std::ranges::find(fields_, field.name(), &Field::name) != fields_.end())
        fault_ = field.name() + " is there twice";
    fields_.push_back(std::move(field));
    return *this;
}

StructBuilder& StructBuilder::initial(std::string name, Json value) {
    initial_.emplace_back(std::move(name), std::move(value));
    return *this;
}

DynamicType StructBuilder::type() const {
    return DynamicType(layout_->self);
}

Result<StructType const*> StructBuilder::build() {
    if (layout_->type) fault_ = "is built already";
    if (name_.empty()) fault_ = "needs a name";
    if (!fault_.empty()) return Error{Errc::invalid_argument, "struct_invalid", "struct " + name_ + ": " + fault_};

    layout_->size = detail::rounded_up(std::max<std::size_t>(layout_->size, 1), layout_->alignment);
    detail::RawMemory memory(layout_->size, layout_->alignment);
    detail::construct_struct(memory.get(), *layout_);
    layout_->defaults = memory.release();
    auto const& type = layout_->type.emplace(name_, std::move(fields_),
                                             StructMemory{.size = layout_->size,
                                                          .alignment = layout_->alignment,
                                                          .defaults = layout_->defaults,
                                                          .context = layout_,
                                                          .make = detail::make_struct,
                                                          .copy = detail::copy_struct,
                                                          .destroy = detail::destroy_struct});
    layout_->self.size = layout_->size;
    layout_->self.alignment = layout_->alignment;

    std::vector<Violation> violations;
    describe::read_json(type, layout_->defaults, Json(std::move(initial_)), describe::Source::store, violations);
    std::erase_if(violations, [](Violation const& violation) { return violation.rule == "required"; });
    if (!violations.empty()) {
        return Error{Errc::invalid_argument, "struct_invalid",
                     "struct " + name_ + ": the initial value of a member does not fit", std::move(violations)};
    }
    return &type;
}

}  // namespace nexpo::inline v1
