// SPDX-License-Identifier: Apache-2.0
// HTTP/1.x requests as they arrive: however the bytes are cut, the same request is read, and a strict reading of
// RFC 9112 finds its end at the same byte.
#include "http/request_reader.hpp"

#include <cstring>

#include "fuzz/fuzz.hpp"
#include "fuzz/strict_request.hpp"

namespace nexpo::fuzz {
namespace {

using http_host::Fault;
using http_host::RequestReader;

constexpr http_host::RequestLimits kLimits{.header_bytes = 1024, .header_count = 20, .body_bytes = 512};

struct Outcome {
    std::optional<Fault> fault{};
    bool done = false;
    Request request{};
    std::string left{};
};

/// Reads the text in pieces whose sizes `next` gives.
template <class Next>
Outcome read(std::string_view text, Next const& next) {
    RequestReader reader(kLimits);
    boost::beast::flat_buffer buffer;
    Outcome outcome;
    while (!text.empty() && !outcome.fault && !reader.is_done()) {
        auto const piece = text.substr(0, next());
        std::memcpy(buffer.prepare(piece.size()).data(), piece.data(), piece.size());
        buffer.commit(piece.size());
        text.remove_prefix(piece.size());
        outcome.fault = reader.consume(buffer);
    }
    outcome.done = reader.is_done() && !outcome.fault;
    outcome.request = std::move(reader.request());
    outcome.left.assign(static_cast<char const*>(buffer.data().data()), buffer.size());
    outcome.left += text;
    return outcome;
}

bool same(std::vector<Header> const& left, std::vector<Header> const& right) {
    return std::ranges::equal(left, right,
                              [](auto const& a, auto const& b) { return a.name == b.name && a.value == b.value; });
}

bool same(Request const& left, Request const& right) {
    return left.method == right.method && left.target == right.target && left.body == right.body &&
           same(left.headers, right.headers);
}

void same(Outcome const& whole, Outcome const& cut, std::string_view text) {
    // Of a request that has not ended, a fault may show sooner or later; but none ends in one way only.
    require(whole.done == cut.done, "the end does not depend on the pieces", text);
    if (!whole.done) return;
    require(same(whole.request, cut.request), "the request does not depend on the pieces", text);
    require(whole.left == cut.left, "what follows does not depend on the pieces", text);
}

void strict(Outcome const& read, std::string_view text) {
    auto const strict = read_strictly(text);
    require(strict.has_value(), "what is accepted is unambiguous", text);
    require(strict->method == read.request.method && strict->target == read.request.target, "one request line", text);
    require(same(strict->headers, read.request.headers), "the same headers", text);
    require(strict->body == read.request.body, "the same body", text);
    require(strict->left == read.left, "the same end", text);
    require(strict->header_size <= kLimits.header_bytes && strict->headers.size() <= kLimits.header_count &&
                strict->body.size() <= kLimits.body_bytes,
            "the limits hold", text);
}

/// Another sender writes the same request.
void written_again(Request const& request) {
    auto text = request.method + ' ' + request.target + " HTTP/1.1\r\n";
    std::vector<Header> headers;
    for (auto const& header : request.headers) {
        auto const name = lower(header.name);
        // Framing is the sender's own; the rest of these is for one connection only.
        bool const own = name == "content-length" || name == "transfer-encoding" || name == "expect" || name == "host";
        if (!own) headers.push_back(header);
    }
    headers.push_back({"Host", "test"});
    headers.push_back({"Content-Length", std::to_string(request.body.size())});
    for (auto const& [name, value] : headers) text.append(name).append(": ").append(value).append("\r\n");
    text.append("\r\n").append(request.body).append("GET /next");
    if (text.find("\r\n\r\n") > kLimits.header_bytes - 4 || headers.size() > kLimits.header_count) return;
    auto const again = read(text, [&] { return text.size(); });
    require(!again.fault && again.done, "an accepted request can be sent again", text);
    require(again.request.method == request.method && again.request.target == request.target &&
                again.request.body == request.body && same(again.request.headers, headers) && again.left == "GET /next",
            "and is the same", text);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(http_request) {
    using namespace nexpo::fuzz;
    auto const whole = read(input, [&] { return input.size(); });
    same(whole, read(input, [] { return std::size_t{1}; }), input);
    Choices choices(input);
    for (auto const most : {std::size_t{3}, std::size_t{17}, input.size() + 1}) {
        same(whole, read(input, [&] { return 1 + choices.below(most); }), input);
    }
    if (!whole.done) return;
    strict(whole, input);
    written_again(whole.request);
}
