// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "http/request_limits.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// Why a request cannot be passed on.
enum class Fault : std::uint8_t {
    malformed,
    header_too_large,
    body_too_large,
    expectation_unknown,
    coding_unknown,
    tunnel,
    timed_out,
    bodies_exhausted,
};

/// Takes one HTTP/1.x request from the front of a buffer, a piece at a time as it arrives. Refuses whatever another
/// server in front of this one could read differently, as that is how requests are smuggled past it (RFC 9112 section
/// 11.2); where a request ends after such a fault nobody can tell, so the connection has to end too.
class RequestReader : public boost::beast::http::basic_parser<true> {
 public:
    explicit RequestReader(RequestLimits const& limits);
    ~RequestReader() override;

    /// Consumes what it can; whatever follows the request stays in the buffer.
    std::optional<Fault> consume(boost::beast::flat_buffer& buffer);
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    bool awaits_continue() const { return expects_continue_ && is_header_done() && !is_done() && version_ == 11; }
    /// What is set aside for the body before its first byte, when the header is there.
    std::size_t early_body_bytes() const;
    bool is_1_0() const { return version_ == 10; }
    /// The request as far as it has been read.
    Request& request() { return request_; }
    Request const& request() const { return request_; }

 private:
    using Verb = boost::beast::http::verb;
    using Name = boost::beast::http::field;
    using Text = boost::beast::string_view;
    using ErrorCode = boost::beast::error_code;

    std::optional<Fault> header_fault() const;
    std::optional<Fault> field_fault(Name field, std::string_view name, std::string_view value);
    bool is_folded(std::string_view name, std::string_view value) const;
    bool is_mostly_framing() const;

    void on_request_impl(Verb, Text method, Text target, int version, ErrorCode&) override;
    void on_response_impl(int, Text, int, ErrorCode&) override {}
    void on_field_impl(Name, Text name, Text value, ErrorCode&) override;
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const& length, ErrorCode&) override;
    std::size_t on_body_impl(Text body, ErrorCode&) override;
    void on_chunk_header_impl(std::uint64_t, Text extension, ErrorCode&) override;
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, ErrorCode&) override;
    void on_finish_impl(ErrorCode&) override {}

    Request request_;
    RequestLimits limits_;
    std::optional<Fault> fault_;       ///< What made a callback stop the parser.
    char const* input_end_ = nullptr;  ///< Of the bytes that the parser has before it.
    std::size_t header_size_ = 0;
    std::size_t body_size_ = 0;  ///< As it came, with the sizes of chunks and the trailers.
    std::size_t fields_ = 0;
    int version_ = 11;
    int hosts_ = 0;
    int lengths_ = 0;
    bool has_coding_ = false;
    bool header_checked_ = false;
    bool expects_continue_ = false;
    bool expects_other_ = false;
};

}  // namespace nexpo::http_host
