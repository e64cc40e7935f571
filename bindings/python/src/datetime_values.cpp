// SPDX-License-Identifier: Apache-2.0
#include "conversion.hpp"

#include <datetime.h>

#include <chrono>

namespace nexpo::python {

void import_datetime() {
    PyDateTime_IMPORT;
    if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

PyObject* to_python(Timestamp time) {
    using namespace std::chrono;
    auto const day = floor<days>(time);
    year_month_day const date(day);
    hh_mm_ss const clock(time - day);
    return PyDateTimeAPI->DateTime_FromDateAndTime(
        static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
        static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count()), PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
}

void FromPython::timestamp(void* to, PyObject* from, Place const* place) {
    auto const message = "must be a datetime with a time zone, or a time such as 2026-03-01T12:00:00Z";
    if (PyUnicode_Check(from)) {
        std::string_view text;
        if (!utf8(from, text, place)) return;
        auto const time = parse_timestamp(text);
        if (!time) return refuse(place, "timestamp", "must be a time such as 2026-03-01T12:00:00Z");
        *static_cast<Timestamp*>(to) = *time;
        return;
    }
    if (!PyDateTime_Check(from)) return refuse(place, "type", message);
    auto const zone = py::reinterpret_borrow<py::object>(PyDateTime_DATE_GET_TZINFO(from));
    if (zone.is_none()) return refuse(place, "timestamp", message);
    auto utc = py::reinterpret_borrow<py::object>(from);
    if (zone.ptr() != PyDateTime_TimeZone_UTC) {
        try {
            utc = utc.attr("astimezone")(py::reinterpret_borrow<py::object>(PyDateTime_TimeZone_UTC));
        } catch (py::error_already_set& failed) {
            if (!failed.matches(PyExc_OverflowError)) throw;
            return refuse(place, "range", "must lie in the years 1 to 9999");
        }
    }
    using namespace std::chrono;
    auto* at = utc.ptr();
    sys_days const day = year(PyDateTime_GET_YEAR(at)) / PyDateTime_GET_MONTH(at) / PyDateTime_GET_DAY(at);
    *static_cast<Timestamp*>(to) = Timestamp(day) + hours(PyDateTime_DATE_GET_HOUR(at)) +
                                   minutes(PyDateTime_DATE_GET_MINUTE(at)) + seconds(PyDateTime_DATE_GET_SECOND(at)) +
                                   microseconds(PyDateTime_DATE_GET_MICROSECOND(at));
}

}  // namespace nexpo::python
