// SPDX-License-Identifier: Apache-2.0
#include "nexpo/error.hpp"

#include <utility>

namespace nexpo::inline v1 {

std::string_view to_string(Errc code) noexcept {
    switch (code) {
        case Errc::cancelled:
            return "cancelled";
        case Errc::unknown:
            return "unknown";
        case Errc::invalid_argument:
            return "invalid_argument";
        case Errc::deadline_exceeded:
            return "deadline_exceeded";
        case Errc::not_found:
            return "not_found";
        case Errc::already_exists:
            return "already_exists";
        case Errc::permission_denied:
            return "permission_denied";
        case Errc::resource_exhausted:
            return "resource_exhausted";
        case Errc::failed_precondition:
            return "failed_precondition";
        case Errc::aborted:
            return "aborted";
        case Errc::out_of_range:
            return "out_of_range";
        case Errc::unimplemented:
            return "unimplemented";
        case Errc::internal:
            return "internal";
        case Errc::unavailable:
            return "unavailable";
        case Errc::data_loss:
            return "data_loss";
        case Errc::unauthenticated:
            return "unauthenticated";
    }
    return "unknown";
}

Exception::Exception(Error error) : error_(std::move(error)) {
    text_.append(to_string(error_.code)).append(": ").append(error_.message);
}

Exception::~Exception() = default;

Exception::Exception(Exception const&) = default;

char const* Exception::what() const noexcept {
    return text_.c_str();
}

}  // namespace nexpo::inline v1
