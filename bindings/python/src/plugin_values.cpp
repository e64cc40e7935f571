// SPDX-License-Identifier: Apache-2.0
#include "plugin_values.hpp"

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

#include "conversion.hpp"

namespace nexpo::python {

namespace {

void require(py::handle plugin, char const* name) {
    if (py::isinstance(plugin, py::module_::import("nexpo.plugin").attr(name))) return;
    throw py::type_error("a nexpo.plugin." + std::string(name) + " is needed");
}

class PythonClock final : public Clock {
 public:
    PythonClock(py::object plugin, Log log) : plugin_(std::move(plugin)), log_(std::move(log)) {}

    Timestamp now() const override {
        auto const time = run_python(log_, "clock.now", [&]() -> Result<Timestamp> {
            py::object const object = plugin_.get().attr("now")();
            FromPython reader;
            auto const read = reader.time(object.ptr(), "now");
            if (!reader.violations().empty()) throw py::value_error("now() is an aware datetime");
            return read;
        });
        return time ? *time : system_clock()->now();
    }

    std::chrono::steady_clock::time_point steady_now() const override {
        auto const nanoseconds = run_python(log_, "clock.steady_now", [&]() -> Result<std::int64_t> {
            return plugin_.get().attr("steady_now")().cast<std::int64_t>();
        });
        if (!nanoseconds) return system_clock()->steady_now();
        return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(*nanoseconds));
    }

 private:
    KeptObject plugin_;
    Log log_;
};

class PythonRandom final : public Random {
 public:
    PythonRandom(py::object plugin, Log log) : plugin_(std::move(plugin)), log_(std::move(log)) {}

    void fill(std::span<std::byte> bytes) override {
        auto const filled = run_python(log_, "random.fill", [&]() -> Result<void> {
            std::string const data = plugin_.get().attr("fill")(bytes.size()).cast<py::bytes>();
            if (data.size() != bytes.size()) throw py::value_error("fill(size) answers so many bytes");
            std::memcpy(bytes.data(), data.data(), bytes.size());
            return {};
        });
        if (!filled) throw Exception(filled.error());
    }

 private:
    KeptObject plugin_;
    Log log_;
};

py::object to_value(LogField const& field) {
    return std::visit(
        [](auto const& value) -> py::object {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
                return py::reinterpret_steal<py::object>(
                    PyUnicode_DecodeUTF8(value.data(), static_cast<Py_ssize_t>(value.size()), "replace"));
            } else {
                return py::cast(value);
            }
        },
        field.value);
}

class PythonLog final : public LogSink {
 public:
    PythonLog(py::object plugin, LogLevel level) : plugin_(std::move(plugin)), level_(level) {}

    void write(LogRecord const& record) noexcept override {
        if (!may_run_python()) return;
        Lock const lock;
        // What is being raised on this thread is none of the log's business.
        py::error_scope const kept;
        try {
            py::dict fields;
            for (auto const& field : record.fields) fields[py::str(std::string(field.name))] = to_value(field);
            auto const time = py::reinterpret_steal<py::object>(to_python(record.time));
            plugin_.get().attr("write")(std::string(to_string(record.level)), std::string(record.message), fields,
                                        time);
        } catch (py::error_already_set& raised) {
            raised.discard_as_unraisable("nexpo.plugin.LogSink.write");
        } catch (std::exception const&) {
            return;  // nothing is left to tell it to
        }
    }

    LogLevel level() const noexcept override { return level_; }

 private:
    KeptObject plugin_;
    LogLevel level_;
};

LogLevel to_level(std::string const& word) {
    for (auto const level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (to_string(level) == word) return level;
    }
    throw py::value_error("a level is one of: debug, info, warning, error");
}

}  // namespace

std::shared_ptr<Clock> make_clock(py::object plugin, Log log) {
    require(plugin, "Clock");
    return std::make_shared<PythonClock>(std::move(plugin), std::move(log));
}

std::shared_ptr<Random> make_random(py::object plugin, Log log) {
    require(plugin, "Random");
    return std::make_shared<PythonRandom>(std::move(plugin), std::move(log));
}

std::shared_ptr<LogSink> make_log(py::object plugin) {
    require(plugin, "LogSink");
    auto const level = to_level(plugin.attr("level")().cast<std::string>());
    return std::make_shared<PythonLog>(std::move(plugin), level);
}

}  // namespace nexpo::python
