// SPDX-License-Identifier: Apache-2.0
#include "http/request_reader.hpp"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <functional>

namespace nexpo::http_host {

namespace http = boost::beast::http;

namespace {

/// Memory set aside before the first byte of a body has arrived, whatever length the client announces.
constexpr std::uint64_t kEarlyBodyBytes = 65'536;

/// The shortest end of a chunked body (RFC 9112 section 7.1).
constexpr std::string_view kLeastEnd = "0\r\n\r\n";

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

bool is_control(char letter) {
    return (static_cast<unsigned char>(letter) < 0x20 && letter != '\t') || letter == 0x7f;
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// The characters of RFC 3986 section 3.2.2 and 3.2.3, without user information.
bool is_host(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) {
        bool const is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
        return is_letter || is_digit(letter) ||
               std::string_view("-._~%!$&'()*+,;=:[]").find(letter) != std::string_view::npos;
    });
}

Fault fault_of(boost::beast::error_code const& error) {
    if (error == http::error::header_limit) return Fault::header_too_large;
    if (error == http::error::body_limit) return Fault::body_too_large;
    return Fault::malformed;
}

}  // namespace

RequestReader::RequestReader(RequestLimits const& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    body_limit(limits.body_bytes);
}

RequestReader::~RequestReader() = default;

std::optional<Fault> RequestReader::consume(boost::beast::flat_buffer& buffer) {
    if (header_size_ == 0 && !skip_empty_lines(buffer)) return std::nullopt;
    while (buffer.size() != 0 && !is_done()) {
        // No chunked body ends sooner, and the parser asserts it of the last chunk.
        if (is_header_done() && chunked() && buffer.size() < kLeastEnd.size()) return std::nullopt;
        ErrorCode error;
        bool const in_header = !is_header_done();
        auto const input = buffer.data();
        input_end_ = static_cast<char const*>(input.data()) + input.size();
        auto const taken = put(input, error);
        buffer.consume(taken);
        (in_header ? header_size_ : body_size_) += taken;
        if (error && error != http::error::need_more) return fault_ ? fault_ : fault_of(error);
        // The parser forgets the lines that it has taken, so its own limit can be stretched by sending slowly.
        auto const waiting = is_header_done() ? 0 : buffer.size();
        if (header_size_ + waiting > limits_.header_bytes) return Fault::header_too_large;
        if (is_header_done() && !header_checked_) {
            header_checked_ = true;
            if (auto const fault = header_fault()) return fault;
        }
        if (is_mostly_framing()) return Fault::malformed;
        if (error) {
            // What is left is the start of a line of the header, a chunk's size, or a trailer.
            return buffer.size() > limits_.header_bytes ? std::optional(Fault::malformed) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<Fault> RequestReader::header_fault() const {
    // RFC 9112 section 3.2: exactly one Host in HTTP/1.1.
    if (hosts_ > 1 || (hosts_ == 0 && version_ == 11)) return Fault::malformed;
    // RFC 9112 section 6.1: in HTTP/1.0 it is a sign of faulty framing.
    if (has_coding_ && version_ == 10) return Fault::malformed;
    if (expects_other_ && version_ == 11) return Fault::expectation_unknown;
    return std::nullopt;
}

/// What the parser would let pass, or read in a way of its own.
std::optional<Fault> RequestReader::field_fault(Name field, std::string_view name, std::string_view value) {
    if (is_folded(name, value)) return Fault::malformed;
    if (++fields_ > limits_.header_count) return Fault::header_too_large;
    switch (field) {
        case Name::host:
            return is_host(value) ? std::nullopt : std::optional(Fault::malformed);
        case Name::content_length:
            // RFC 9110 section 8.6 lets lists of equal lengths be refused.
            return ++lengths_ == 1 && is_digits(value) ? std::nullopt : std::optional(Fault::malformed);
        case Name::transfer_encoding:
            // Nothing but one plain `chunked` is understood (RFC 9112 section 6.1); the parser would take a request
            // with any other coding for one without a body.
            if (has_coding_ || lengths_ != 0) return Fault::malformed;
            has_coding_ = true;
            return boost::beast::iequals(value, "chunked") ? std::nullopt : std::optional(Fault::coding_unknown);
        default:
            return std::nullopt;
    }
}

/// RFC 9112 section 5.2: a header that goes on in the next line is refused. The parser joins such lines in a buffer of
/// its own, or skips empty ones before the value.
bool RequestReader::is_folded(std::string_view name, std::string_view value) const {
    auto const* const begin = name.data() + name.size();
    std::less<> const before;
    if (before(value.data(), begin) || !before(value.data(), input_end_)) return true;
    auto const between = std::string_view(begin, static_cast<std::size_t>(value.data() - begin));
    return between.find('\n') != between.npos;
}

/// Tiny chunks with long extensions would make the server read thousands of bytes for each byte of the body.
bool RequestReader::is_mostly_framing() const {
    constexpr std::size_t kAllowance = 16;
    return body_size_ > request_.body.size() * kAllowance + limits_.header_bytes;
}

void RequestReader::on_request_impl(Verb, Text method, Text target, int version, ErrorCode& error) {
    request_.method = view(method);
    request_.target = view(target);
    version_ = version;
    // RFC 9110 section 9.3.6: what follows CONNECT is not HTTP.
    if (request_.method == "CONNECT") fault_ = Fault::tunnel;
    if (fault_) error = http::error::bad_method;
}

void RequestReader::on_field_impl(Name field, Text name, Text value, ErrorCode& error) {
    fault_ = field_fault(field, view(name), view(value));
    if (fault_) error = http::error::bad_field;
    // Trailers come after the body and are not headers: they must not add credentials, for example.
    if (fault_ || header_checked_) return;
    if (field == Name::host) ++hosts_;
    if (field == Name::expect) {
        bool const known = boost::beast::iequals(value, "100-continue");
        (known ? expects_continue_ : expects_other_) = true;
    }
    request_.headers.push_back({std::string(view(name)), std::string(view(value))});
}

std::size_t RequestReader::early_body_bytes() const {
    return static_cast<std::size_t>(std::min(content_length().value_or(0), kEarlyBodyBytes));
}

void RequestReader::on_body_init_impl(boost::optional<std::uint64_t> const&, ErrorCode&) {
    request_.body.reserve(early_body_bytes());
}

std::size_t RequestReader::on_body_impl(Text body, ErrorCode&) {
    request_.body.append(body.data(), body.size());
    return body.size();
}

/// The parser lets quoted strings hold anything, such as the line feeds that others end lines at.
void RequestReader::on_chunk_header_impl(std::uint64_t, Text extension, ErrorCode& error) {
    if (std::ranges::any_of(extension, is_control)) error = http::error::bad_chunk_extension;
}

std::size_t RequestReader::on_chunk_body_impl(std::uint64_t, Text body, ErrorCode&) {
    request_.body.append(body.data(), body.size());
    return body.size();
}

}  // namespace nexpo::http_host
