// SPDX-License-Identifier: Apache-2.0
#include "plugin_queue.hpp"

#include <utility>

#include "errors.hpp"
#include "stop_object.hpp"

namespace nexpo::python {

namespace {

py::object plugin_class(char const* name) {
    return py::module_::import("nexpo.plugin").attr(name);
}

py::bytes to_bytes(std::string_view text) {
    return {text.data(), text.size()};
}

std::string bytes_in(py::handle object, char const* name) {
    return object.attr(name).cast<py::bytes>();
}

Error answer_invalid(char const* method) {
    return {Errc::internal, "plugin_answer_invalid", std::string(method) + " must answer for each of them"};
}

QueueLimits limits_of(py::handle plugin) {
    py::object const limits = plugin.attr("limits")();
    auto const number = [&](char const* name) { return limits.attr(name).cast<std::int64_t>(); };
    return {.max_body_bytes = static_cast<std::size_t>(number("max_body_bytes")),
            .max_receive = static_cast<std::size_t>(number("max_receive")),
            .max_delay = std::chrono::seconds(number("max_delay")),
            .lease = std::chrono::seconds(number("lease")),
            .chooses_extension = limits.attr("chooses_extension").cast<bool>(),
            .groups = limits.attr("groups").cast<bool>()};
}

py::object to_python(QueueDelivery const& delivery) {
    return plugin_class("QueueDelivery")(to_bytes(delivery.body), delivery.receipt, delivery.deliveries);
}

QueueDelivery to_delivery(py::handle object) {
    return {.body = bytes_in(object, "body"),
            .receipt = object.attr("receipt").cast<std::string>(),
            .deliveries = object.attr("deliveries").cast<std::int64_t>()};
}

/// None for a success, or the error, for each.
std::vector<Result<void>> outcomes(py::handle answers, std::size_t count, char const* method) {
    std::vector<Result<void>> results;
    for (auto const answer : answers) {
        results.push_back(answer.is_none() ? Result<void>() : Result<void>(to_error(answer)));
    }
    if (results.size() != count) return {count, Result<void>(answer_invalid(method))};
    return results;
}

/// What one call answers as a whole, for each of what it was given.
std::vector<Result<void>> spread(Result<std::vector<Result<void>>> answered, std::size_t count) {
    if (answered) return std::move(*answered);
    return {count, Result<void>(answered.error())};
}

class PythonQueue : public Queue {
 public:
    PythonQueue(py::object plugin, Log log)
        : limits_(limits_of(plugin)), plugin_(std::move(plugin)), log_(std::move(log)) {}

    QueueLimits limits() const noexcept override { return limits_; }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        auto answered = run("send", [&]() -> Result<std::vector<Result<void>>> {
            auto const message_class = plugin_class("QueueMessage");
            py::list list;
            for (auto const& message : messages) {
                list.append(message_class(to_bytes(message.body), message.delay.count(), message.group));
            }
            return outcomes(plugin_.get().attr("send")(list), messages.size(), "send");
        });
        return spread(std::move(answered), messages.size());
    }

    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        return run("receive", [&]() -> Result<std::vector<QueueDelivery>> {
            auto const seconds = std::chrono::duration<double>(wait).count();
            py::object const answers = plugin_.get().attr("receive")(most, seconds, make_stop(std::move(stop)));
            std::vector<QueueDelivery> deliveries;
            for (auto const answer : answers) deliveries.push_back(to_delivery(answer));
            return deliveries;
        });
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        auto answered = run("acknowledge", [&]() -> Result<std::vector<Result<void>>> {
            py::list list;
            for (auto const& delivery : deliveries) list.append(to_python(delivery));
            return outcomes(plugin_.get().attr("acknowledge")(list), deliveries.size(), "acknowledge");
        });
        return spread(std::move(answered), deliveries.size());
    }

    Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds lease) override {
        return run("extend", [&]() -> Result<std::chrono::seconds> {
            auto const object = to_python(delivery);
            auto const lasts = plugin_.get().attr("extend")(object, lease.count()).template cast<std::int64_t>();
            delivery = to_delivery(object);
            return std::chrono::seconds(lasts);
        });
    }

    Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) override {
        return run("release", [&]() -> Result<void> {
            plugin_.get().attr("release")(to_python(delivery), delay.count());
            return {};
        });
    }

 protected:
    template <class F>
    std::invoke_result_t<F&> run(char const* method, F&& function) const {
        return run_python(log_, std::string("queue.") + method, function);
    }
    py::handle plugin() const { return plugin_.get(); }

 private:
    QueueLimits limits_;
    KeptObject plugin_;
    Log log_;
};

class PythonQueueWithDeadLetters final : public PythonQueue, public QueueDeadLetters {
 public:
    using PythonQueue::PythonQueue;

    Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) override {
        return run("dead_letters", [&]() -> Result<std::vector<QueueDeadLetter>> {
            std::vector<QueueDeadLetter> letters;
            for (auto const letter : py::object(plugin().attr("dead_letters")(most))) {
                letters.push_back(
                    {.body = bytes_in(letter, "body"), .deliveries = letter.attr("deliveries").cast<std::int64_t>()});
            }
            return letters;
        });
    }
};

}  // namespace

std::shared_ptr<Queue> make_queue(py::object plugin, Log log) {
    if (!py::isinstance(plugin, plugin_class("Queue"))) throw py::type_error("a queue is a nexpo.plugin.Queue");
    if (py::isinstance(plugin, plugin_class("QueueDeadLetters"))) {
        return std::make_shared<PythonQueueWithDeadLetters>(std::move(plugin), std::move(log));
    }
    return std::make_shared<PythonQueue>(std::move(plugin), std::move(log));
}

}  // namespace nexpo::python
