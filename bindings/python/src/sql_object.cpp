// SPDX-License-Identifier: Apache-2.0
#include "sql_object.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "conversion.hpp"
#include "errors.hpp"
#include "gil.hpp"
#include "nexpo/page.hpp"
#include "nexpo/work.hpp"
#include "sql_values.hpp"

namespace nexpo::python {

namespace {

template <class T>
T value_or_throw(Result<T> result) {
    if (!result) throw_error(result.error());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A snapshot as Python sees it; Python code may keep it for longer than it lasts.
class ReadObject {
 public:
    explicit ReadObject(Read& read) : read_(&read) {}

    void end() { read_ = nullptr; }

    Read& read() const {
        if (read_ != nullptr && std::this_thread::get_id() == thread_) return *read_;
        throw std::runtime_error("it is valid only inside the function that received it, on that thread");
    }

    py::list rows(py::handle type, std::string const& sql, py::args const& values, std::size_t most) const {
        auto const row = described(type);
        SqlValues const params(values);
        SqlRows rows(type_in(row), most);
        auto const& from = read();
        value_or_throw(without_gil([&] { return rows.read(from, sql, params.params()); }));
        return rows.to_list();
    }

    py::list all(py::handle type, std::string const& sql, py::args const& values) const {
        return rows(type, sql, values, static_cast<std::size_t>(-1));
    }

    py::object one(py::handle type, std::string const& sql, py::args const& values) const {
        auto const found = rows(type, sql, values, 1);
        return found.empty() ? py::object(py::none()) : py::object(found[0]);
    }

 private:
    Read* read_;
    std::thread::id thread_ = std::this_thread::get_id();
};

class TransactionObject : public ReadObject {
 public:
    TransactionObject(Transaction& tx, std::vector<EventType> const& emits, Log log)
        : ReadObject(tx), emits_(&emits), log_(std::move(log)) {}

    Transaction& tx() const { return static_cast<Transaction&>(read()); }

    std::int64_t execute(std::string const& sql, py::args const& values) const {
        SqlValues const params(values);
        auto const& on = tx();
        return value_or_throw(without_gil([&] { return on.execute_untyped(sql, params.params()); }));
    }

    std::string enqueue(std::string const& kind, py::handle input, py::kwargs const& options) const {
        auto const& on = tx();
        auto const& struct_type =
            input.is_none() ? nexpo::struct_type<Empty>() : struct_in(described(py::type::handle_of(input)));
        auto const value = input.is_none() ? struct_type.make() : filled(struct_type, input);
        JobOptions given;
        read_options(given, options);
        return value_or_throw(without_gil([&] { return on.enqueue_untyped(kind, struct_type, value.get(), given); }));
    }

    void emit(std::string const& event, py::handle payload) const {
        auto const& on = tx();
        auto const declared = std::ranges::find(*emits_, event, &EventType::name);
        if (declared == emits_->end()) throw py::value_error(event + " is not among the events that are declared here");
        auto const value = filled(*declared->payload, payload);
        on.emit_untyped(event, *declared->payload, value.get());
    }

    void after_commit(py::object function) const {
        tx().after_commit([kept = KeptObject(std::move(function)), log = log_] {
            auto const done = run_python(log, "after_commit", [&]() -> Result<void> {
                kept.get()();
                return {};
            });
            static_cast<void>(done);  // the log has it
        });
    }

    py::object refuse(py::handle error) const { return to_exception(tx().refuse(to_error(error))); }

 private:
    static std::shared_ptr<void> filled(StructType const& type, py::handle from) {
        auto value = type.make();
        FromPython reader;
        reader.object(struct_of(type), value.get(), from.ptr());
        if (!reader.violations().empty()) throw_error(reader.error(type, value.get()));
        return value;
    }

    static void read_options(JobOptions& options, py::kwargs const& given) {
        for (auto const& [key, value] : given) {
            auto const name = key.cast<std::string>();
            if (name == "run_at") {
                options.run_at = to_time(value);
            } else if (name == "priority") {
                options.priority = value.cast<std::int64_t>();
            } else if (name == "idempotency_key") {
                options.idempotency_key = value.cast<std::string>();
            } else if (name == "unique_key") {
                options.unique_key = value.cast<std::string>();
            } else if (name == "concurrency_key") {
                options.concurrency_key = value.cast<std::string>();
            } else if (name == "concurrency") {
                options.concurrency = value.cast<std::int64_t>();
            } else if (name == "ordered") {
                options.ordered = value.cast<bool>();
            } else {
                throw py::type_error("enqueue() has no option " + name);
            }
        }
    }

    static std::optional<Timestamp> to_time(py::handle object) {
        if (object.is_none()) return std::nullopt;
        FromPython reader;
        auto const time = reader.time(object.ptr(), "run_at");
        if (reader.violations().empty()) return time;
        throw_error({Errc::invalid_argument, "validation_failed", "run_at is no time", reader.violations()});
    }

    std::vector<EventType> const* emits_;
    Log log_;
};

/// Calls the function with the object, which is of no use afterwards, whoever keeps it.
template <class Object>
py::object call_while_valid(std::shared_ptr<Object> const& object, py::handle function) {
    struct End {
        Object& object;
        ~End() { object.end(); }
    } const end{*object};
    return function(object);
}

}  // namespace

py::object call_with(Read& read, py::handle function) {
    return call_while_valid(std::make_shared<ReadObject>(read), function);
}

py::object call_with(Transaction& tx, std::vector<EventType> const& emits, Log const& log, py::handle function) {
    return call_while_valid(std::make_shared<TransactionObject>(tx, emits, log), function);
}

void register_sql(py::module_& module) {
    py::class_<ReadObject, std::shared_ptr<ReadObject>>(module, "Read")
        .def("all", &ReadObject::all, py::arg("type"), py::arg("sql"))
        .def("one", &ReadObject::one, py::arg("type"), py::arg("sql"));
    py::class_<TransactionObject, ReadObject, std::shared_ptr<TransactionObject>>(module, "Transaction")
        .def("execute", &TransactionObject::execute, py::arg("sql"))
        .def("enqueue", &TransactionObject::enqueue, py::arg("kind"), py::arg("input") = py::none())
        .def("emit", &TransactionObject::emit, py::arg("event"), py::arg("payload"))
        .def("audit_target", [](TransactionObject const& self, std::string const& id) { self.tx().audit_target(id); })
        .def("audit_organization",
             [](TransactionObject const& self, std::string const& id) { self.tx().audit_organization(id); })
        .def("after_commit", &TransactionObject::after_commit, py::arg("function"))
        .def("refuse", &TransactionObject::refuse, py::arg("error"));
}

}  // namespace nexpo::python
