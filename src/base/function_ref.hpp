// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace nexpo::base {

template <class Signature>
class FunctionRef;

/// Refers to a callable that outlives it; for parameters only. Two pointers, never allocates.
template <class R, class... A>
class FunctionRef<R(A...)> {
 public:
    /// Refers to `function`, which must live as long as this object is called.
    template <class F>
        requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, A...>)
    FunctionRef(F&& function) noexcept {
        using Target = std::remove_reference_t<F>;
        if constexpr (std::is_function_v<Target>) {
            target_.function = reinterpret_cast<void (*)()>(std::addressof(function));
            call_ = [](Pointer target, A... arguments) -> R {
                return std::invoke(reinterpret_cast<Target*>(target.function), std::forward<A>(arguments)...);
            };
        } else {
            target_.object = std::addressof(function);
            call_ = [](Pointer target, A... arguments) -> R {
                return std::invoke(*static_cast<Target*>(const_cast<void*>(target.object)),
                                   std::forward<A>(arguments)...);
            };
        }
    }

    /// Calls the function.
    R operator()(A... arguments) const { return call_(target_, std::forward<A>(arguments)...); }

 private:
    // A pointer to a function does not fit into void* portably.
    union Pointer {
        void const* object;
        void (*function)();
    };

    Pointer target_{};
    R (*call_)(Pointer, A...) = nullptr;
};

}  // namespace nexpo::base
