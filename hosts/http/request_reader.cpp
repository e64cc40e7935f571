// SPDX-License-Identifier: Apache-2.0
#include "http/request_reader.hpp"

#include <algorithm>
#include <boost/beast/http/error.hpp>

namespace nexpo::http_host {

namespace http = boost::beast::http;

namespace {

/// Memory set aside before the first byte of a body has arrived, whatever length the client announces.
constexpr std::uint64_t kEarlyBodyBytes = 65'536;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

/// RFC 9112 section 2.2: empty lines before a request line are ignored. False when more is needed to tell.
bool skip_empty_lines(boost::beast::flat_buffer& buffer) {
    auto const* bytes = static_cast<char const*>(buffer.data().data());
    std::size_t skip = 0;
    while (skip + 1 < buffer.size() && bytes[skip] == '\r' && bytes[skip + 1] == '\n') skip += 2;
    bool const undecided = skip + 1 == buffer.size() && bytes[skip] == '\r';
    buffer.consume(skip);
    return !undecided;
}

Fault fault_of(boost::beast::error_code const& error) {
    if (error == http::error::header_limit) return Fault::header_too_large;
    if (error == http::error::body_limit) return Fault::body_too_large;
    return Fault::malformed;
}

}  // namespace

RequestReader::RequestReader(std::size_t header_bytes, std::size_t body_bytes) : header_bytes_(header_bytes) {
    header_limit(static_cast<std::uint32_t>(header_bytes));
    body_limit(body_bytes);
}

RequestReader::~RequestReader() = default;

std::optional<Fault> RequestReader::consume(boost::beast::flat_buffer& buffer) {
    if (header_size_ == 0 && !skip_empty_lines(buffer)) return std::nullopt;
    while (buffer.size() != 0 && !is_done()) {
        ErrorCode error;
        bool const in_header = !is_header_done();
        auto const taken = put(buffer.data(), error);
        buffer.consume(taken);
        if (in_header) header_size_ += taken;
        if (error && error != http::error::need_more) return fault_of(error);
        // The parser forgets the lines that it has taken, so its own limit can be stretched by sending slowly.
        auto const waiting = is_header_done() ? 0 : buffer.size();
        if (header_size_ + waiting > header_bytes_) return Fault::header_too_large;
        if (is_header_done() && !header_checked_) {
            header_checked_ = true;
            if (auto const fault = header_fault()) return fault;
        }
        if (error) {
            // What is left is the start of a line of the header, a chunk's size, or a trailer.
            return buffer.size() > header_bytes_ ? std::optional(Fault::malformed) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<Fault> RequestReader::header_fault() const {
    // RFC 9112 section 3.2: exactly one Host in HTTP/1.1.
    if (hosts_ > 1 || (hosts_ == 0 && version_ == 11)) return Fault::malformed;
    if (expects_other_ && version_ == 11) return Fault::expectation_unknown;
    return std::nullopt;
}

void RequestReader::on_request_impl(Verb, Text method, Text target, int version, ErrorCode&) {
    request_.method = view(method);
    request_.target = view(target);
    version_ = version;
}

void RequestReader::on_field_impl(Name field, Text name, Text value, ErrorCode&) {
    // Trailers come after the body and are not headers: they must not add credentials, for example.
    if (header_checked_) return;
    if (field == Name::host) ++hosts_;
    if (field == Name::expect) {
        bool const known = boost::beast::iequals(value, "100-continue");
        (known ? expects_continue_ : expects_other_) = true;
    }
    request_.headers.push_back({std::string(view(name)), std::string(view(value))});
}

void RequestReader::on_body_init_impl(boost::optional<std::uint64_t> const& length, ErrorCode&) {
    if (length) request_.body.reserve(static_cast<std::size_t>(std::min(*length, kEarlyBodyBytes)));
}

std::size_t RequestReader::on_body_impl(Text body, ErrorCode&) {
    request_.body.append(body.data(), body.size());
    return body.size();
}

std::size_t RequestReader::on_chunk_body_impl(std::uint64_t, Text body, ErrorCode&) {
    request_.body.append(body.data(), body.size());
    return body.size();
}

}  // namespace nexpo::http_host
