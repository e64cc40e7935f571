// SPDX-License-Identifier: Apache-2.0
// A bare Beast server: the same answer to every request, one coroutine per connection, nothing else.
// Usage: constant_server THREADS BODY_BYTES; it prints its port.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

std::string body_of(std::size_t size) {
    return "{\"constant\":\"" + std::string(size < 15 ? 0 : size - 15, 'x') + "\"}";
}

asio::awaitable<void> serve(tcp::socket socket, http::response<http::string_body> const& answer) {
    boost::beast::flat_buffer buffer;
    while (true) {
        ErrorCode error;
        http::request<http::string_body> request;
        co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        co_await http::async_write(socket, answer, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, std::vector<std::unique_ptr<asio::io_context>>& contexts,
                             http::response<http::string_body> const& answer) {
    for (std::size_t next = 0;; ++next) {
        auto& context = *contexts[next % contexts.size()];
        auto socket = co_await acceptor.async_accept(context, asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(context, serve(std::move(socket), answer), asio::detached);
    }
}

void run(std::size_t threads, std::size_t body_bytes) {
    http::response<http::string_body> answer(http::status::ok, 11);
    answer.set(http::field::content_type, "application/json");
    answer.body() = body_of(body_bytes);
    answer.prepare_payload();

    std::vector<std::unique_ptr<asio::io_context>> contexts;
    for (std::size_t i = 0; i < threads; ++i) contexts.push_back(std::make_unique<asio::io_context>(1));
    tcp::acceptor acceptor(*contexts.front(), {asio::ip::address_v4::loopback(), 0});
    std::cout << acceptor.local_endpoint().port() << std::endl;
    asio::co_spawn(*contexts.front(), accept(acceptor, contexts, answer), asio::detached);

    std::vector<std::jthread> others;
    auto const work = [](asio::io_context& context) {
        auto const guard = asio::make_work_guard(context);
        context.run();
    };
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&work, &context = *contexts[i]] { work(context); });
    work(*contexts.front());
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return 2;
    try {
        run(std::max(1UL, std::stoul(arguments[1])), std::stoul(arguments[2]));
        return 0;
    } catch (std::exception const& exception) {
        std::cerr << "constant_server: " << exception.what() << '\n';
        return 1;
    }
}
