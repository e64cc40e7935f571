// SPDX-License-Identifier: Apache-2.0
#include "backend_object.hpp"

#include <map>

#include "api_object.hpp"
#include "caller_values.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "gil.hpp"

namespace nexpo::python {

namespace {

/// Lets go of a backend, and with it perhaps of its threads, without the lock.
struct BackendHandle {
    std::shared_ptr<BackendEntry> entry;

    explicit BackendHandle(std::shared_ptr<BackendEntry> open) : entry(std::move(open)) {}
    BackendHandle(BackendHandle const&) = delete;
    BackendHandle& operator=(BackendHandle const&) = delete;
    ~BackendHandle() {
        without_gil([this] { entry.reset(); });
    }

    Backend const& backend() const { return entry->backend; }
};

std::map<std::string, std::function<void(Config&, py::handle)>>& extras_table() {
    static std::map<std::string, std::function<void(Config&, py::handle)>> table;
    return table;
}

py::object object(PyObject* made) {
    if (made == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(made);
}

template <class T>
py::object described(T const& value) {
    return object(to_python(struct_of(struct_type<T>()), &value));
}

template <class T>
T value_or_throw(Result<T> result) {
    if (!result) throw_error(result.error());
    return std::move(*result);
}

std::unique_ptr<BackendHandle> open(py::handle settings, py::dict const& extras) {
    prepare_errors();
    Config config;
    FromPython reader;
    reader.settings(struct_of(struct_type<Config>()), &config, settings.ptr());
    if (!reader.violations().empty()) {
        auto error = reader.error(struct_type<Config>(), &config);
        error.message = "the settings break the rules of their fields";
        throw_error(error);
    }
    for (auto const& [name, value] : extras) {
        auto const found = extras_table().find(name.cast<std::string>());
        if (found == extras_table().end()) throw py::type_error("no such setting: " + name.cast<std::string>());
        found->second(config, value);
    }
    bool const embedded = config.database.starts_with("sqlite:");
    auto opened = without_gil([&] { return Backend::open(std::move(config)); });
    auto entry = std::make_shared<BackendEntry>(
        BackendEntry{.backend = value_or_throw(std::move(opened)), .embedded = embedded});
    remember(entry);
    return std::make_unique<BackendHandle>(std::move(entry));
}

py::object authenticate(BackendHandle const& self, std::string token) {
    auto api = without_gil([&] { return self.backend().authenticate(Secret(std::move(token))); });
    return make_api(self.entry, value_or_throw(std::move(api)));
}

std::int64_t work(BackendHandle const& self, py::handle until, std::int64_t max_jobs) {
    WorkOptions options{.max_jobs = max_jobs};
    if (!until.is_none()) {
        FromPython reader;
        options.until = reader.time(until.ptr(), "until");
        if (!reader.violations().empty()) {
            throw_error({Errc::invalid_argument, "validation_failed", "until is no time", reader.violations()});
        }
    }
    return value_or_throw(without_gil([&] { return self.backend().work(options); }));
}

py::list operations(BackendHandle const& self) {
    auto const python_class = py::module_::import("nexpo._backend").attr("OperationInfo");
    py::list list;
    for (auto const& info : self.backend().operations()) list.append(to_python(info, python_class));
    return list;
}

py::tuple reseal(BackendHandle const& self) {
    auto const done = value_or_throw(without_gil([&] { return self.backend().reseal(); }));
    return py::make_tuple(done.count, done.kept_key_removed, done.key_id);
}

}  // namespace

void add_extra(std::string name, std::function<void(Config&, py::handle)> configure) {
    extras_table()[std::move(name)] = std::move(configure);
}

std::shared_ptr<BackendEntry> const& backend_in(py::handle object) {
    return object.cast<BackendHandle const&>().entry;
}

void register_backend(py::module_& module) {
    py::class_<BackendHandle>(module, "Backend")
        .def("as_system", [](BackendHandle const& self,
                             std::string const& slug) { return make_api(self.entry, self.backend().as_system(slug)); })
        .def("as_caller", [](BackendHandle const& self,
                             py::handle caller) { return make_api(self.entry, self.backend().as(to_caller(caller))); })
        .def("as_anonymous",
             [](BackendHandle const& self) { return make_api(self.entry, self.backend().as_anonymous()); })
        .def("as_client",
             [](BackendHandle const& self, std::string token, std::string address, std::string request_id,
                std::string traceparent) {
                 return make_api(self.entry, self.backend().as_client({.token = Secret(std::move(token)),
                                                                       .address = std::move(address),
                                                                       .request_id = std::move(request_id),
                                                                       .traceparent = std::move(traceparent)}));
             })
        .def("authenticate", authenticate)
        .def("health",
             [](BackendHandle const& self) { return described(without_gil([&] { return self.backend().health(); })); })
        .def("seal_audit",
             [](BackendHandle const& self) {
                 return value_or_throw(without_gil([&] { return self.backend().seal_audit(); }));
             })
        .def("verify_audit",
             [](BackendHandle const& self) {
                 return described(value_or_throw(without_gil([&] { return self.backend().verify_audit(); })));
             })
        .def("reseal", reseal)
        .def("work", work)
        .def("operations", operations)
        .def("metrics", [](BackendHandle const& self) { return without_gil([&] { return self.backend().metrics(); }); })
        .def("close", [](BackendHandle const& self) { without_gil([&] { self.backend().close(); }); });
    module.def("open", open, "Opens a backend.");
}

}  // namespace nexpo::python
