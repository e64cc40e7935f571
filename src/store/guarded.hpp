// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

#include "nexpo/result.hpp"

namespace nexpo::store {

/// Runs what others wrote; whatever it throws becomes an error, so that the connection is always handed back.
template <class F>
Result<void> guarded(char const* reason, F&& function) {
    try {
        return function();
    } catch (Exception const& exception) {
        return exception.error();
    } catch (std::exception const& exception) {
        return Error{Errc::internal, reason, exception.what()};
    } catch (...) {
        return Error{Errc::internal, reason, "an exception of an unknown type"};
    }
}

}  // namespace nexpo::store
