// SPDX-License-Identifier: Apache-2.0
// The public suite of queues as a Python module: run(make_queue, max_deliveries, arguments) runs it on queues whose
// class is written in Python.
#include "plugin_queue.hpp"
#include "stop_object.hpp"

#include <nexpo/testing/queue_conformance.hpp>

#include "gil.hpp"

namespace nexpo::testing {

namespace {

struct Factory {
    python::KeptObject make{};
    std::int64_t max_deliveries = 0;
};

Factory& factory() {
    static auto& factory = *new Factory;
    return factory;
}

QueueUnderTest open_queue() {
    python::Lock const lock;
    return {.queue = python::make_queue(factory().make.get()(), {}), .max_deliveries = factory().max_deliveries};
}

int run(python::py::object make, std::int64_t max_deliveries, python::py::list const& arguments) {
    factory() = {.make = python::KeptObject(std::move(make)), .max_deliveries = max_deliveries};
    std::vector<std::string> words;
    for (auto const argument : arguments) words.push_back(argument.cast<std::string>());
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    auto count = static_cast<int>(words.size());
    ::testing::InitGoogleTest(&count, pointers.data());
    return python::without_gil([] { return RUN_ALL_TESTS(); });
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Python, QueueConformance, ::testing::Values(QueueCase{.name = "python", .open = open_queue}));

}  // namespace nexpo::testing

PYBIND11_MODULE(queue_suite, module) {
    nexpo::python::register_stop(module);
    module.def("run", nexpo::testing::run);
}
