// SPDX-License-Identifier: Apache-2.0
#include "call_object.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "caller_values.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "gil.hpp"
#include "sql_object.hpp"
#include "stop_object.hpp"

namespace nexpo::python {

template <class T>
class Seen {
 public:
    explicit Seen(T& object) : object_(&object) {}

    /// Whoever uses it meanwhile is waited for.
    void end() {
        std::unique_lock lock(mutex_);
        is_over_ = true;
        unused_.wait(lock, [this] { return uses_ == 0; });
    }

    /// Uses the object, with the interpreter's lock.
    template <class F>
    auto use(F&& function) const {
        Use const use(*this);
        return function(*object_);
    }

    /// Reads, without the interpreter's lock except in the function.
    py::object read(py::object const& function) const {
        Use const use(*this);
        py::object answer;
        std::optional<py::error_already_set> raised;
        auto const done = without_gil([&] {
            return object_->read([&](Read& read) -> Result<bool> {
                Lock const python;
                try {
                    answer = call_with(read, function);
                    return true;
                } catch (py::error_already_set& thrown) {
                    raised.emplace(thrown);
                    return Error{Errc::internal, "exception", "the function raised"};
                }
            });
        });
        if (raised) throw std::move(*raised);
        if (!done) throw_error(done.error());
        return answer;
    }

 private:
    /// Uses may be nested: a function that reads asks the call for its organization.
    class Use {
     public:
        explicit Use(Seen const& seen) : seen_(seen) {
            std::scoped_lock const lock(seen_.mutex_);
            if (seen_.is_over_) throw std::runtime_error("it is over: the answer has been given");
            ++seen_.uses_;
        }
        Use(Use const&) = delete;
        Use& operator=(Use const&) = delete;
        ~Use() {
            std::scoped_lock const lock(seen_.mutex_);
            if (--seen_.uses_ == 0) seen_.unused_.notify_all();
        }

     private:
        Seen const& seen_;
    };

    T* object_;
    mutable std::mutex mutex_;
    mutable std::condition_variable unused_;
    mutable int uses_ = 0;
    bool is_over_ = false;
};

namespace {

/// What a handler answers with when the rest is to be done in a transaction.
struct WriteObject {
    py::object closure;
};

py::object to_datetime(Timestamp time) {
    auto* object = to_python(time);
    if (object == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(object);
}

template <class T>
void or_throw(Result<T> const& result) {
    if (!result) throw_error(result.error());
}

template <class T>
WriteObject write(Seen<T> const&, py::object closure) {
    return {std::move(closure)};
}

void register_call(py::module_& module) {
    using Object = Seen<Call>;
    auto const operation_class = [] { return py::module_::import("nexpo._backend").attr("OperationInfo"); };
    py::class_<Object, std::shared_ptr<Object>>(module, "Call")
        .def_property_readonly(
            "caller", [](Object const& self) { return self.use([](Call& call) { return to_python(call.caller()); }); })
        .def_property_readonly(
            "organization_id",
            [](Object const& self) { return self.use([](Call& call) { return call.organization_id(); }); })
        .def_property_readonly(
            "operation",
            [operation_class](Object const& self) {
                return self.use([&](Call& call) { return to_python(call.operation(), operation_class()); });
            })
        .def_property_readonly(
            "request_id", [](Object const& self) { return self.use([](Call& call) { return call.request_id(); }); })
        .def_property_readonly(
            "now", [](Object const& self) { return self.use([](Call& call) { return to_datetime(call.now()); }); })
        .def_property_readonly(
            "stop_requested",
            [](Object const& self) { return self.use([](Call& call) { return call.stop_requested(); }); })
        .def("new_id",
             [](Object const& self, std::string const& prefix) {
                 return self.use([&](Call& call) { return call.new_id(prefix); });
             })
        .def("may",
             [](Object const& self, std::string const& permission) {
                 return self.use([&](Call& call) { return call.may(permission); });
             })
        .def("require",
             [](Object const& self, std::string const& permission) {
                 or_throw(self.use([&](Call& call) { return call.require(permission); }));
             })
        .def("expect_version",
             [](Object const& self, std::int64_t current) {
                 or_throw(self.use([&](Call& call) { return call.expect_version(current); }));
             })
        .def("make_cursor",
             [](Object const& self, std::string const& position, std::string const& filter) {
                 return self.use([&](Call& call) { return call.make_cursor(position, filter); });
             })
        .def("open_cursor",
             [](Object const& self, std::string const& cursor, std::string const& filter) {
                 auto const position = self.use([&](Call& call) { return call.open_cursor(cursor, filter); });
                 or_throw(position);
                 return *position;
             })
        .def("read", &Object::read, py::arg("function"))
        .def("write", &write<Call>, py::arg("closure"));
}

void register_run(py::module_& module) {
    using Object = Seen<JobRun>;
    py::class_<Object, std::shared_ptr<Object>>(module, "JobRun")
        .def_property_readonly("id", [](Object const& self) { return self.use([](JobRun& run) { return run.id(); }); })
        .def_property_readonly(
            "organization_id",
            [](Object const& self) { return self.use([](JobRun& run) { return run.organization_id(); }); })
        .def_property_readonly("attempt",
                               [](Object const& self) { return self.use([](JobRun& run) { return run.attempt(); }); })
        .def_property_readonly(
            "max_attempts", [](Object const& self) { return self.use([](JobRun& run) { return run.max_attempts(); }); })
        .def_property_readonly("scheduled_for",
                               [](Object const& self) -> py::object {
                                   auto const time = self.use([](JobRun& run) { return run.scheduled_for(); });
                                   return time ? to_datetime(*time) : py::object(py::none());
                               })
        .def_property_readonly(
            "now", [](Object const& self) { return self.use([](JobRun& run) { return to_datetime(run.now()); }); })
        .def_property_readonly(
            "stop",
            [](Object const& self) { return self.use([](JobRun& run) { return make_stop(run.stop_token()); }); })
        .def_property_readonly(
            "stop_requested",
            [](Object const& self) { return self.use([](JobRun& run) { return run.stop_requested(); }); })
        .def("new_id",
             [](Object const& self, std::string const& prefix) {
                 return self.use([&](JobRun& run) { return run.new_id(prefix); });
             })
        .def(
            "progress",
            [](Object const& self, int percent, std::string const& note) {
                or_throw(
                    self.use([&](JobRun& run) { return without_gil([&] { return run.progress(percent, note); }); }));
            },
            py::arg("percent"), py::arg("note") = "")
        .def("read", &Object::read, py::arg("function"))
        .def("write", &write<JobRun>, py::arg("closure"));
}

}  // namespace

std::shared_ptr<Seen<Call>> make_call(Call& call) {
    return std::make_shared<Seen<Call>>(call);
}

std::shared_ptr<Seen<JobRun>> make_run(JobRun& run) {
    return std::make_shared<Seen<JobRun>>(run);
}

void end(Seen<Call>& call) {
    call.end();
}

void end(Seen<JobRun>& run) {
    run.end();
}

py::object to_object(std::shared_ptr<Seen<Call>> const& call) {
    return py::cast(call);
}

py::object to_object(std::shared_ptr<Seen<JobRun>> const& run) {
    return py::cast(run);
}

py::object closure_of(py::handle answer) {
    return py::isinstance<WriteObject>(answer) ? answer.cast<WriteObject const&>().closure : py::object();
}

void register_calls(py::module_& module) {
    py::class_<WriteObject>(module, "Write");
    register_call(module);
    register_run(module);
}

}  // namespace nexpo::python
