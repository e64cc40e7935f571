// SPDX-License-Identifier: Apache-2.0
#include "net/response_reader.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/gzip.hpp"
#include "net/http_error.hpp"

namespace nexpo::net {
namespace {

/// 101 is the last one: there is no upgrade (RFC 9110 section 15.2).
bool is_interim(std::string_view status_line) {
    auto const status = status_line.substr(std::min(status_line.find(' '), status_line.size()));
    return status.starts_with(" 1") && !status.starts_with(" 101");
}

}  // namespace

bool ResponseReader::take_line(std::string_view line) noexcept try {
    header_bytes_ += line.size();
    if (header_bytes_ > max_header_bytes_) {
        fault_ = Fault::too_large;
    } else {
        read_line(line);
    }
    return fault_ == Fault::none;
} catch (std::exception const&) {
    fault_ = Fault::no_memory;
    return false;
}

bool ResponseReader::take_body(std::string_view data) noexcept try {
    if (data.size() > max_body_bytes_ - response_.body.size()) {
        fault_ = Fault::too_large;
    } else {
        response_.body.append(data);
    }
    return fault_ == Fault::none;
} catch (std::exception const&) {
    fault_ = Fault::no_memory;
    return false;
}

std::optional<Error> ResponseReader::fault() const {
    if (fault_ == Fault::none) return std::nullopt;
    return fault_ == Fault::too_large ? response_too_large() : request_broke();
}

Result<HttpResponse> ResponseReader::finish() try {
    if (expected_ != Part::body) return connection_lost();  // libcurl takes headers that are cut off for all of them
    if (auto unpacked = unpack(); !unpacked) return unpacked.error();
    return std::move(response_);
} catch (std::exception const&) {
    return request_broke();
}

void ResponseReader::read_line(std::string_view line) {
    if (expected_ == Part::body) return;  // a trailer
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (expected_ == Part::status) {
        response_.headers.clear();
        interim_ = is_interim(line);
        expected_ = Part::headers;
        return;
    }
    if (line.empty()) expected_ = interim_ ? Part::status : Part::body;
    auto const colon = line.find(':');
    if (colon == std::string_view::npos) return;
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
    response_.headers.push_back({.name = std::string(line.substr(0, colon)), .value = std::string(value)});
}

/// Not libcurl's affair, which takes gzip that is cut off for whole.
Result<void> ResponseReader::unpack() {
    bool packed = false;
    for (auto const& [name, value] : response_.headers) {
        auto const header = base::to_lower(name);
        auto const coding = base::to_lower(value);
        // libcurl unpacks here in its own way, though nobody asked for it.
        if (header == "transfer-encoding" && coding != "chunked") return response_invalid();
        if (header != "content-encoding" || coding == "identity") continue;
        if (packed || (coding != "gzip" && coding != "x-gzip")) return response_invalid();
        packed = true;
    }
    if (!packed || response_.body.empty()) return {};  // as after HEAD
    auto text = base::gunzip(response_.body, max_body_bytes_);
    if (text) {
        response_.body = std::move(*text);
        return {};
    }
    auto const& reason = text.error().reason;
    if (reason == "body_too_large") return response_too_large();
    return reason == "out_of_memory" ? request_broke() : response_invalid();
}

}  // namespace nexpo::net
