// SPDX-License-Identifier: Apache-2.0
#include "exchange.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "backend_object.hpp"
#include "gil.hpp"
#include "mailbox.hpp"
#include "nexpo/error.hpp"
#include "nexpo/gateway.hpp"
#include "nexpo/id.hpp"
#include "nexpo/json.hpp"
#include "nexpo/random.hpp"
#include "nexpo/time.hpp"

namespace nexpo::python {

namespace {

py::bytes to_bytes(std::string_view text) {
    return {text.data(), text.size()};
}

std::string_view view(py::handle bytes) {
    char* data = nullptr;
    Py_ssize_t size = 0;
    if (PyBytes_AsStringAndSize(bytes.ptr(), &data, &size) != 0) throw py::error_already_set();
    return {data, static_cast<std::size_t>(size)};
}

/// Header names are in lower case in ASGI.
py::tuple to_pair(std::string_view name, std::string_view value) {
    std::string lower(name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return py::make_tuple(to_bytes(lower), to_bytes(value));
}

bool is_one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

/// The fixed headers, of which there are few sets, are split and converted once each. With the lock.
py::list const& fixed_headers(std::string_view lines) {
    static auto& known = *new std::map<std::pair<char const*, std::size_t>, py::list>;  // outlives the interpreter
    auto const [entry, is_new] = known.try_emplace({lines.data(), lines.size()});
    if (is_new) {
        Response const response{.fixed_headers = lines};
        for (auto const& header : response.all_headers()) entry->second.append(to_pair(header.name, header.value));
    }
    return entry->second;
}

/// What a server pulls from. It is let go without the lock, for ending it may wait for threads that want the lock.
template <class T>
class Pulled {
 public:
    explicit Pulled(std::shared_ptr<T> object) : object_(std::move(object)) {}
    Pulled(Pulled&&) noexcept = default;
    Pulled& operator=(Pulled&&) = delete;
    Pulled(Pulled const&) = delete;
    Pulled& operator=(Pulled const&) = delete;
    ~Pulled() {
        if (object_) without_gil([this] { object_.reset(); });
    }

    /// Runs without the lock.
    template <class F>
    auto run(F&& function) {
        return without_gil([&] { return function(*object_); });
    }

    bool may_block() const { return object_->may_block(); }

    /// Whenever there is something to say, the receiver is told; without a mailbox nobody is any more.
    void on_ready(std::shared_ptr<Mailbox> mailbox, std::uint64_t receiver) {
        std::function<void()> told;
        if (mailbox) told = [mailbox = std::move(mailbox), receiver] { mailbox->post({.receiver = receiver}); };
        run([&](T& object) { object.on_ready(std::move(told)); });
    }

    void finish() {
        run([](T& object) { object.finish(); });
    }

 private:
    std::shared_ptr<T> object_;
};

template <class T>
py::object to_pulled(std::shared_ptr<T> object) {
    if (!object) return py::none();
    return py::cast(Pulled<T>(std::move(object)));
}

/// `(status, headers, body, source)`, with the length where a server may claim one (RFC 9110 section 8.6).
py::tuple to_tuple(Response&& response, bool is_head) {
    auto const& fixed = fixed_headers(response.fixed_headers);
    py::list headers;
    for (auto const& header : response.headers) {
        // A line break would let whoever chose the value write headers of their own.
        if (is_one_line(header.name) && is_one_line(header.value)) headers.append(to_pair(header.name, header.value));
    }
    for (auto const header : fixed) headers.append(header);
    bool const known = (!is_head || !response.body.empty()) && !response.source;
    bool const allowed = response.status >= 200 && response.status != 204 && response.status != 304;
    if (known && allowed && !response.header("Content-Length")) {
        headers.append(to_pair("content-length", std::to_string(response.body.size())));
    }
    return py::make_tuple(response.status, headers, to_bytes(response.body), to_pulled(std::move(response.source)));
}

/// An answer that may come before `handle` returns, or later on another thread.
class Completion {
 public:
    Completion(std::shared_ptr<Mailbox> mailbox, std::uint64_t receiver, bool is_head)
        : mailbox_(std::move(mailbox)), receiver_(receiver), is_head_(is_head) {}

    void complete(Response response) {
        std::scoped_lock const lock(mutex_);
        if (is_awaited_) {
            mailbox_->post({receiver_, std::move(response), is_head_});
        } else {
            response_ = std::move(response);
        }
    }

    /// The answer, if it is there; else it goes to the mailbox.
    std::optional<Response> take_or_await() {
        std::scoped_lock const lock(mutex_);
        is_awaited_ = !response_;
        return std::exchange(response_, std::nullopt);
    }

 private:
    std::mutex mutex_;
    std::shared_ptr<Mailbox> mailbox_;
    std::uint64_t receiver_;
    bool is_head_;
    bool is_awaited_ = false;
    std::optional<Response> response_;
};

/// One request and what becomes of it.
class Exchange {
 public:
    Exchange(std::shared_ptr<BackendEntry> backend, std::string method, std::string target, py::handle headers,
             std::string peer, bool secure)
        : backend_(std::move(backend)) {
        request_.method = std::move(method);
        request_.target = std::move(target);
        request_.peer = std::move(peer);
        request_.secure = secure;
        request_.stop = stop_.get_token();
        for (auto const header : headers) {
            auto const pair = py::reinterpret_borrow<py::sequence>(header);
            py::object const name = pair[0];
            py::object const value = pair[1];
            request_.headers.push_back({std::string(view(name)), std::string(view(value))});
        }
    }

    Exchange(Exchange const&) = delete;
    Exchange& operator=(Exchange const&) = delete;
    ~Exchange() {
        if (backend_.use_count() == 1) without_gil([this] { backend_.reset(); });  // the last one closes it
    }

    bool may_block() const { return backend_->backend.gateway().may_block(request_); }

    py::object handle(std::string body, std::shared_ptr<Mailbox> mailbox, std::uint64_t receiver) {
        request_.body = std::move(body);
        bool const is_head = request_.method == "HEAD";
        auto response = without_gil([&] {
            auto const completion = std::make_shared<Completion>(std::move(mailbox), receiver, is_head);
            backend_->backend.gateway().handle(
                std::move(request_), [completion](Response answer) { completion->complete(std::move(answer)); });
            return completion->take_or_await();
        });
        if (!response) return py::none();
        return to_tuple(std::move(*response), is_head);
    }

    py::object connect() const {
        return to_pulled(without_gil([&] { return backend_->backend.gateway().connect(request_); }));
    }

    /// An answer of the server's own (RFC 9457), with what the gateway adds to every one.
    py::tuple refuse(int status, std::string const& reason, std::string const& detail) const {
        auto const request_id = make_id("req", system_clock()->now(), *system_random());
        std::string title(reason);
        std::ranges::replace(title, '_', ' ');
        if (!title.empty()) title.front() = static_cast<char>(title.front() - 'a' + 'A');
        Json const body(Json::Object{{"type", "/problems/" + reason},
                                     {"title", std::move(title)},
                                     {"status", status},
                                     {"detail", detail},
                                     {"code", to_string(Errc::invalid_argument)},
                                     {"reason", reason},
                                     {"request_id", request_id}});
        Response response{.status = status,
                          .headers = {{"Content-Type", "application/problem+json"},
                                      {"X-Request-Id", request_id},
                                      {"Cache-Control", "no-store"}},
                          .body = body.dump()};
        backend_->backend.gateway().complete(request_, response);
        return to_tuple(std::move(response), request_.method == "HEAD");
    }

    void stop() { stop_.request_stop(); }

 private:
    std::shared_ptr<BackendEntry> backend_;
    std::stop_source stop_;
    Request request_;
};

py::list take_letters(Mailbox& mailbox) {
    py::list letters;
    for (auto& letter : mailbox.take()) {
        py::object answer = py::none();
        if (letter.response) answer = to_tuple(std::move(*letter.response), letter.is_head);
        letters.append(py::make_tuple(letter.receiver, answer));
    }
    return letters;
}

}  // namespace

void register_exchange(py::module_& module) {
    py::class_<Mailbox, std::shared_ptr<Mailbox>>(module, "Mailbox")
        .def(py::init<>())
        .def("fileno", &Mailbox::descriptor)
        .def("take", &take_letters);

    module.def("body_limit", [](py::handle backend) { return backend_in(backend)->backend.gateway().body_limit(); });
    py::class_<Exchange>(module, "Exchange")
        .def(py::init([](py::handle backend, std::string method, std::string target, py::handle headers,
                         std::string peer, bool secure) {
                 return std::make_unique<Exchange>(backend_in(backend), std::move(method), std::move(target), headers,
                                                   std::move(peer), secure);
             }),
             py::arg("backend"), py::arg("method"), py::arg("target"), py::arg("headers"), py::arg("peer"),
             py::arg("secure"))
        .def("may_block", &Exchange::may_block)
        .def("handle", &Exchange::handle, py::arg("body"), py::arg("mailbox"), py::arg("receiver"))
        .def("connect", &Exchange::connect)
        .def("refuse", &Exchange::refuse, py::arg("status"), py::arg("reason"), py::arg("detail"))
        .def("stop", &Exchange::stop);

    using Source = Pulled<BodySource>;
    py::class_<Source>(module, "BodySource")
        .def("next",
             [](Source& source) {
                 auto const piece = source.run([](BodySource& pulled) { return pulled.next(); });
                 return py::make_tuple(to_bytes(piece.bytes), piece.last);
             })
        .def("heartbeat",
             [](Source& source) { return to_bytes(source.run([](BodySource& pulled) { return pulled.heartbeat(); })); })
        .def("on_ready", &Source::on_ready, py::arg("mailbox").none(true), py::arg("receiver"))
        .def("finish", &Source::finish)
        .def("may_block", &Source::may_block);

    using Conversation = Pulled<Channel>;
    py::class_<Conversation>(module, "Channel")
        .def("receive",
             [](Conversation& channel, std::string message) {
                 channel.run([&](Channel& pulled) { pulled.receive(std::move(message)); });
             })
        .def("next",
             [](Conversation& channel) {
                 auto const output = channel.run([](Channel& pulled) { return pulled.next(); });
                 py::list messages;
                 for (auto const& message : output.messages) messages.append(py::str(message));
                 return py::make_tuple(messages, output.close, output.reason);
             })
        .def("on_ready", &Conversation::on_ready, py::arg("mailbox").none(true), py::arg("receiver"))
        .def("finish", &Conversation::finish)
        .def("may_block", &Conversation::may_block);
}

}  // namespace nexpo::python
