// SPDX-License-Identifier: Apache-2.0
#include "caller_values.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace nexpo::python {

namespace {

constexpr std::array<std::string_view, 4> kCallerKinds{"anonymous", "account", "system", "api_key"};
constexpr std::array<std::string_view, 3> kOperationKinds{"query", "mutation", "stream"};
constexpr std::array<std::string_view, 4> kAccess{"permission", "signed_in", "anyone", "system"};

std::string text(py::handle object, char const* name) {
    return object.attr(name).cast<std::string>();
}

py::tuple texts(std::vector<std::string> const& items) {
    py::tuple tuple(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) tuple[i] = py::str(items[i]);
    return tuple;
}

template <std::size_t N, class E>
py::str word(std::array<std::string_view, N> const& words, E value) {
    return py::str(std::string(words.at(static_cast<std::size_t>(value))));
}

}  // namespace

Caller to_caller(py::handle object) {
    Caller caller{.account_id = text(object, "account_id"),
                  .user_id = text(object, "user_id"),
                  .organization_id = text(object, "organization_id"),
                  .session_id = text(object, "session_id"),
                  .role = text(object, "role"),
                  .api_key_id = text(object, "api_key_id")};
    for (auto const scope : object.attr("scopes")) caller.scopes.push_back(scope.cast<std::string>());
    auto const kind = text(object, "kind");
    for (std::size_t i = 0; i < kCallerKinds.size(); ++i) {
        if (kCallerKinds[i] != kind) continue;
        caller.kind = static_cast<CallerKind>(i);
        return caller;
    }
    throw py::value_error("kind must be one of: anonymous, account, system, api_key");
}

py::object to_python(Caller const& caller) {
    return py::module_::import("nexpo._backend")
        .attr("Caller")(py::arg("kind") = word(kCallerKinds, caller.kind), py::arg("account_id") = caller.account_id,
                        py::arg("user_id") = caller.user_id, py::arg("organization_id") = caller.organization_id,
                        py::arg("session_id") = caller.session_id, py::arg("role") = caller.role,
                        py::arg("api_key_id") = caller.api_key_id, py::arg("scopes") = texts(caller.scopes));
}

py::object to_python(OperationInfo const& info, py::handle python_class) {
    std::vector<std::string> reasons;
    reasons.reserve(info.reasons.size());
    for (auto const& reason : info.reasons) reasons.push_back(reason.reason);
    std::vector<std::string> events;
    events.reserve(info.emits.size());
    for (auto const& event : info.emits) events.push_back(event.name);
    return python_class(py::arg("name") = info.name, py::arg("summary") = info.summary,
                        py::arg("description") = info.description, py::arg("kind") = word(kOperationKinds, info.kind),
                        py::arg("rest") = info.rest, py::arg("access") = word(kAccess, info.access),
                        py::arg("permission") = info.permission, py::arg("reasons") = texts(reasons),
                        py::arg("emits") = texts(events));
}

}  // namespace nexpo::python
