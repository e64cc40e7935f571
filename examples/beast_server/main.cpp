// SPDX-License-Identifier: Apache-2.0
// The backend mounted under /api of a Boost.Beast server that the application already has. A thread per connection
// keeps the example short; hosts/http shows an asynchronous server.
#include <cstdio>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <nexpo/nexpo.hpp>

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;
using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

constexpr std::string_view kMount = "/api";

//! [mount]
HttpResponse answer_from(nexpo::Gateway const& gateway, HttpRequest const& request, std::string peer) {
    nexpo::Request inner{.method = std::string(request.method_string()),
                         .target = std::string(request.target().substr(kMount.size())),
                         .body = request.body(),
                         .peer = std::move(peer)};
    if (inner.target.empty()) inner.target = "/";
    for (auto const& header : request) {
        inner.headers.push_back({std::string(header.name_string()), std::string(header.value())});
    }

    auto const outer = gateway.handle(std::move(inner));

    HttpResponse response{static_cast<http::status>(outer.status), request.version()};
    for (auto const& header : outer.all_headers()) response.insert(header.name, header.value);
    response.body() = outer.body;
    return response;
}
//! [mount]

HttpResponse own_page(HttpRequest const& request) {
    HttpResponse response{http::status::ok, request.version()};
    response.set(http::field::content_type, "text/plain");
    response.body() = "a page of the application; the backend is under /api\n";
    return response;
}

void serve(tcp::socket socket, nexpo::Gateway const& gateway) try {
    auto const peer = socket.remote_endpoint().address().to_string();
    beast::flat_buffer buffer;
    for (bool keep_alive = true; keep_alive;) {
        HttpRequest request;
        http::read(socket, buffer, request);
        bool const mounted = request.target() == kMount || request.target().starts_with("/api/");
        auto response = mounted ? answer_from(gateway, request, peer) : own_page(request);
        keep_alive = request.keep_alive();
        response.keep_alive(keep_alive);
        response.prepare_payload();
        http::write(socket, response);
    }
} catch (beast::system_error const& error) {
    if (error.code() != http::error::end_of_stream) std::fprintf(stderr, "connection: %s\n", error.what());
}

}  // namespace

int main(int argc, char** argv) {
    std::string const file = argc > 1 ? argv[1] : "server.db";
    auto const port = static_cast<unsigned short>(argc > 2 ? std::stoi(argv[2]) : 8081);

    auto const backend = nexpo::Backend::open({.database = "sqlite:" + file, .auth = {.open_registration = true}});
    if (!backend) {
        std::fprintf(stderr, "%s\n", backend.error().message.c_str());
        return 1;
    }
    auto const gateway = backend->gateway();

    boost::asio::io_context context;
    tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), port});
    std::printf("http://127.0.0.1:%d/api\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    while (true) std::thread(serve, acceptor.accept(), gateway).detach();
}
