// SPDX-License-Identifier: Apache-2.0
#include "table_object.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend_object.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "handlers.hpp"
#include "nexpo/config.hpp"
#include "plugin_queue.hpp"
#include "plugin_values.hpp"
#include "type_object.hpp"

namespace nexpo::python {

namespace {

template <class T>
T value(py::dict const& from, char const* name) {
    return from[name].cast<T>();
}

template <class E, std::size_t N>
E word(py::dict const& from, char const* name, std::array<char const*, N> const& words) {
    auto const given = value<std::string>(from, name);
    for (std::size_t i = 0; i < N; ++i) {
        if (given == words[i]) return static_cast<E>(i);
    }
    throw py::value_error(std::string(name) + " cannot be " + given);
}

std::vector<std::string> texts(py::dict const& from, char const* name) {
    std::vector<std::string> list;
    for (auto const text : from[name]) list.push_back(text.cast<std::string>());
    return list;
}

/// From `(name, type, permission)` each.
std::vector<EventType> events(py::dict const& from) {
    std::vector<EventType> list;
    for (auto const event : from["emits"]) {
        auto const parts = event.cast<py::tuple>();
        list.push_back({.name = parts[0].cast<std::string>(),
                        .payload = &struct_in(py::object(parts[1])),
                        .permission = parts[2].cast<std::string>()});
    }
    return list;
}

/// From `(code, reason)` each.
std::vector<Reason> reasons(py::dict const& from) {
    std::vector<Reason> list;
    for (auto const reason : from["reasons"]) {
        auto const parts = reason.cast<py::tuple>();
        list.push_back({static_cast<Errc>(parts[0].cast<int>()), parts[1].cast<std::string>()});
    }
    return list;
}

OperationInfo to_info(py::dict const& from) {
    return {.name = value<std::string>(from, "name"),
            .summary = value<std::string>(from, "summary"),
            .description = value<std::string>(from, "description"),
            .kind = word<OperationKind>(from, "kind", std::array{"query", "mutation"}),
            .rest = value<std::string>(from, "rest"),
            .location = value<std::string>(from, "location"),
            .access = word<Access>(from, "access", std::array{"permission", "signed_in", "anyone", "system"}),
            .permission = value<std::string>(from, "permission"),
            .or_permission = value<std::string>(from, "or_permission"),
            .also_permissions = texts(from, "also_permissions"),
            .reasons = reasons(from),
            .emits = events(from),
            // Nobody knows what Python code waits for; at least for the lock of the interpreter.
            .may_block = true,
            .credentials = value<bool>(from, "credentials"),
            .account_field = value<std::string>(from, "account_field")};
}

std::chrono::milliseconds to_time(py::handle seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds.cast<double>() * 1000.0));
}

JobKind to_kind(py::dict const& from) {
    using std::chrono::floor;
    auto const whole = [&](char const* name) { return std::chrono::seconds(value<std::int64_t>(from, name)); };
    JobKind kind{.name = value<std::string>(from, "name"),
                 .summary = value<std::string>(from, "summary"),
                 .max_attempts = value<std::int64_t>(from, "max_attempts"),
                 .backoff = to_time(from["backoff"]),
                 .backoff_limit = whole("backoff_limit"),
                 .time_limit = whole("time_limit"),
                 .keep = std::chrono::hours(value<std::int64_t>(from, "keep_hours")),
                 .keep_dead = std::chrono::hours(value<std::int64_t>(from, "keep_dead_hours")),
                 .emits = events(from),
                 .schedulable = value<bool>(from, "schedulable")};
    for (auto const delay : from["delays"]) kind.delays.emplace_back(delay.cast<std::int64_t>());
    return kind;
}

/// What an application adds, to be added to each backend that is opened with it.
class Table {
 public:
    using Entry = std::function<void(Config&, std::shared_ptr<Host> const&)>;

    void add_operation(py::dict const& info, TypeObject const& input, TypeObject const& output, py::object function,
                       bool takes_input) {
        auto const& in = input.type().value_type().structure();
        auto const& out = output.type().value_type().structure();
        add([info = to_info(info), &in, &out, kept = KeptObject(std::move(function)), takes_input](
                Config& config, std::shared_ptr<Host> const& host) {
            Function made{.host = host, .what = info.name, .function = kept, .takes_input = takes_input};
            config.operations.add_untyped(
                AnyOperation{.info = info,
                             .input = &in,
                             .output = &out,
                             .handler = operation_handler(std::move(made), in, out, info.emits)});
        });
    }

    void add_before(std::string operation, py::object function) {
        add([operation = std::move(operation), kept = KeptObject(std::move(function))](
                Config& config, std::shared_ptr<Host> const& host) {
            Function made{.host = host, .what = "before " + operation, .function = kept};
            config.operations.add_untyped(AnyHook{.operation = operation, .before = before_hook(std::move(made))});
        });
    }

    void add_after(std::string operation, py::object function) {
        add([operation = std::move(operation), kept = KeptObject(std::move(function))](
                Config& config, std::shared_ptr<Host> const& host) {
            Function made{.host = host, .what = "after " + operation, .function = kept};
            config.operations.add_untyped(AnyHook{.operation = operation, .after = after_hook(std::move(made))});
        });
    }

    /// With an event: one job for each event of this name. Without an input: what the event is declared with.
    void add_job(py::dict const& kind, py::object const& input, TypeObject const& output, py::object function,
                 bool takes_input, std::string event) {
        StructType const* in = input.is_none() ? nullptr : &struct_in(input);
        auto const& out = output.type().value_type().structure();
        add([kind = to_kind(kind), in, &out, kept = KeptObject(std::move(function)), takes_input,
             event = std::move(event)](Config& config, std::shared_ptr<Host> const& host) {
            Function made{.host = host, .what = kind.name, .function = kept, .takes_input = takes_input};
            AnyJob job{
                .kind = kind, .input = in, .output = &out, .handler = job_handler(std::move(made), out, kind.emits)};
            if (event.empty()) {
                config.jobs.add_untyped(std::move(job));
            } else {
                config.jobs.on_untyped(event, std::move(job));
            }
        });
    }

    void add_schedule(std::string name, std::string kind, py::dict const& options, TypeObject const& type,
                      py::handle input) {
        ScheduleOptions const given{.rule = value<std::string>(options, "rule"),
                                    .time_zone = value<std::string>(options, "time_zone"),
                                    .missed = word<MissedRuns>(options, "missed", std::array{"skip", "once", "all"}),
                                    .overlap = value<bool>(options, "overlap")};
        auto const& in = type.type().value_type().structure();
        auto payload = in.make();
        FromPython reader;
        reader.object(struct_of(in), payload.get(), input.ptr());
        if (!reader.violations().empty()) throw_error(reader.error(in, payload.get()));
        add([name = std::move(name), kind = std::move(kind), given, &in, payload](Config& config,
                                                                                  std::shared_ptr<Host> const&) {
            config.jobs.schedule_untyped(name, kind, given, in, payload.get());
        });
    }

    void grant(std::string role, std::string permission) {
        add([role = std::move(role), permission = std::move(permission)](Config& config, std::shared_ptr<Host> const&) {
            config.operations.grant(role, permission);
        });
    }

    void migration(std::string owner, int number, std::string name, std::string sql) {
        add([step = Migration{std::move(owner), number, std::move(name), std::move(sql)}](
                Config& config, std::shared_ptr<Host> const&) { config.migrations.push_back(step); });
    }

    void configure(Config& config) const {
        auto const host = std::make_shared<Host>(Host{.log = config.log});
        for (auto const& entry : entries_) entry(config, host);
    }

 private:
    void add(Entry entry) { entries_.push_back(std::move(entry)); }

    std::vector<Entry> entries_;
};

}  // namespace

void register_table(py::module_& module) {
    py::class_<Table>(module, "Table")
        .def(py::init<>())
        .def("add_operation", &Table::add_operation, py::arg("info"), py::arg("input"), py::arg("output"),
             py::arg("function"), py::arg("takes_input"))
        .def("add_before", &Table::add_before, py::arg("operation"), py::arg("function"))
        .def("add_after", &Table::add_after, py::arg("operation"), py::arg("function"))
        .def("add_job", &Table::add_job, py::arg("kind"), py::arg("input"), py::arg("output"), py::arg("function"),
             py::arg("takes_input"), py::arg("event"))
        .def("add_schedule", &Table::add_schedule, py::arg("name"), py::arg("kind"), py::arg("options"),
             py::arg("type"), py::arg("input"))
        .def("grant", &Table::grant, py::arg("role"), py::arg("permission"))
        .def("migration", &Table::migration, py::arg("owner"), py::arg("number"), py::arg("name"), py::arg("sql"));

    add_extra("application", [](Config& config, py::handle table) { table.cast<Table const&>().configure(config); });
    add_extra("log", [](Config& config, py::handle plugin) {
        config.log = make_log(py::reinterpret_borrow<py::object>(plugin));
    });
    add_extra("queue", [](Config& config, py::handle plugin) {
        config.queue = make_queue(py::reinterpret_borrow<py::object>(plugin), config.log);
    });
    add_extra("random", [](Config& config, py::handle plugin) {
        config.random = make_random(py::reinterpret_borrow<py::object>(plugin), config.log);
    });
}

}  // namespace nexpo::python
