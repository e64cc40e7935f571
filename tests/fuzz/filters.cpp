// SPDX-License-Identifier: Apache-2.0
// Whole requests that read, on a backend with a database: the first line is `METHOD target`, headers follow. `{cursor}`
// stands for a genuine cursor, `{token}` for the caller's token.
#include "base/gzip.hpp"
#include "fuzz/fuzz.hpp"
#include "gateway/target.hpp"
#include "nexpo/nexpo.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/random.hpp"
#include "support/temp_dir.hpp"
#include "unit/gateway/sample.hpp"

namespace nexpo::fuzz {
namespace {

using sample::Search;

/// What comes back from the database for a search.
struct Found {
    std::string text{};
    std::int64_t limit = 0;
    bool exact = false;
    double ratio = 0;
    Decimal price{};
    Timestamp since{};
    sample::Colour colour = sample::Colour::red;
    Json filter{};
    std::int64_t tags = 0;
};

StructType describe(Type<Found>) {
    using F = Found;
    return structure<F>("Found", field("text", &F::text), field("limit", &F::limit), field("exact", &F::exact),
                        field("ratio", &F::ratio), field("price", &F::price), field("since", &F::since),
                        field("colour", &F::colour), field("filter", &F::filter), field("tags", &F::tags));
}

/// Passes every parameter through the database. That one comes back changed is an internal error, which is found.
Reply<Found> search(Call& call, Search const& input) {
    auto const found = call.read([&](Read& read) {
        return read.one<Found>(
            "SELECT $1 AS text, $2 AS \"limit\", $3 AS exact, $4 AS ratio, $5 AS price, $6 AS since, $7 AS colour,"
            " $8 AS filter, (SELECT count(*) FROM user_profiles WHERE name {{in $9}} OR {{fold email}} = {{fold $1}})"
            " AS tags",
            {input.text, input.limit, input.exact, input.ratio, input.price, input.since, input.colour, input.filter,
             input.tags});
    });
    if (!found) return found.error();
    auto const& row = **found;
    bool const same = row.text == input.text && row.limit == input.limit && row.exact == input.exact &&
                      row.ratio == input.ratio && row.price == input.price && row.since == input.since &&
                      row.colour == input.colour && row.filter.dump() == input.filter.dump();
    if (!same) return Error{Errc::internal, "changed", "a parameter came back changed"};
    return row;
}

Backend open(testing::TempDir const& directory) {
    Config config{.database = "sqlite:" + directory.file("nexpo.db")};
    config.auth.open_registration = true;
    config.limits = {
        .address_per_minute = 0, .account_per_minute = 0, .caller_per_minute = 0, .failed_identity_per_minute = 0};
    config.work.housekeeping = false;
    config.clock = std::make_shared<testing::ManualClock>();
    config.gateway.cors_origins = {"https://example.com", "https://*.example.org"};
    config.gateway.compress_min_bytes = 200;
    config.random = std::make_shared<testing::SeededRandom>(1);
    config.operations.add<Search, Found>(
        {.info = {.name = "notes.search", .summary = "Search", .rest = "GET /notes/{id}", .permission = "users:read"},
         .handler = search});
    return Backend::open(std::move(config)).value();
}

class Door {
 public:
    Door() : backend_(open(directory_)), gateway_(backend_.gateway()) {
        token_ = backend_.as_anonymous()
                     .auth()
                     .sign_up({.email = "ada@example.com", .password = "correct horse"})
                     .value()
                     .access_token;
        auto const api = backend_.authenticate(Secret(token_)).value();
        for (auto const* name : {"bob", "cyd", "dan", "eve"}) {
            (void)api.users().create({.email = std::string(name) + "@example.com", .name = name}).value();
        }
        cursor_ = api.users().list({.limit = 2}).value().next.value();
    }

    std::string const& cursor() const { return cursor_; }

    Request request(std::string_view input) const {
        auto const filled = replace(replace(std::string(input), "{cursor}", cursor_), "{token}", token_);
        std::string_view text = filled;
        auto line = take_until(text, "\n");
        Request request{.method = std::string(take_until(line, " ")), .target = std::string(line), .peer = "192.0.2.1"};
        while (!text.empty()) {
            auto header = take_until(text, "\n");
            auto const name = take_until(header, ": ");
            request.headers.push_back({std::string(name), std::string(header)});
        }
        return request;
    }

    Response send(Request request) const { return gateway_.handle(std::move(request)); }

 private:
    static std::string replace(std::string text, std::string_view what, std::string_view by) {
        // Once: otherwise a small input grows without limit.
        if (auto const at = text.find(what); at != text.npos) text.replace(at, what.size(), by);
        return text;
    }

    testing::TempDir directory_;
    Backend backend_;
    Gateway gateway_;
    std::string token_;
    std::string cursor_;
};

std::string text_of(Json const& json, std::string_view member) {
    auto const* value = json.find(member);
    return value != nullptr && value->if_string() != nullptr ? *value->if_string() : "";
}

/// RFC 9457, as far as every client of ours may count on it.
void is_problem(Response const& response) {
    auto const type = response.header("Content-Type");
    require(type && *type == "application/problem+json", "an error is a problem document");
    auto const json = Json::parse(response.body);
    require(json.has_value(), "a problem is JSON", response.body);
    require(text_of(*json, "type") == "/problems/" + text_of(*json, "reason"), "a problem has a type", response.body);
    auto const* status = json->find("status");
    require(status != nullptr && *status == Json(response.status), "a problem repeats the status", response.body);
    auto const id = response.header("X-Request-Id");
    require(id && text_of(*json, "request_id") == *id, "a problem has the request's id", response.body);
    for (auto const* member : {"title", "detail", "code"}) {
        require(!text_of(*json, member).empty(), "a problem says what is wrong", response.body);
    }
}

void is_page(Door const& door, Request const& request, Response const& response) {
    auto const json = Json::parse(response.body);
    require(json.has_value(), "an answer is JSON", response.body);
    auto const* items = json->find("items");
    if (items == nullptr || !request.target.starts_with("/users?")) return;
    auto const query = gateway::parse_query(gateway::parse_target(request.target).value().query).value();
    for (auto const& [name, value] : query) {
        if (name == "limit") {
            require(items->if_array()->size() <= std::stoul(value), "a page has a limit", request.target);
        } else if (name == "cursor") {
            require(value == door.cursor(), "only genuine cursors open", request.target);
        } else if (name == "role") {
            for (auto const& item : *items->if_array()) {
                require(text_of(item, "role") == value, "a filter filters", request.target);
            }
        }
    }
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(filters) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    static Door const door;
    auto const request = door.request(input);
    // Changes would make an input's result depend on the ones before it.
    if (request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS") return;
    auto response = door.send(request);
    require(response.status < 500, "reading never fails inside", response.body);
    require(response.status >= 200 && response.status != 499, "an answer has a status");
    for (auto const* name : {"X-Request-Id", "traceparent", "Cache-Control"}) {
        require(response.header(name).has_value(), "every answer has its headers", name);
    }
    for (auto const& [name, value] : response.headers) {
        require(name.find_first_of("\r\n: ") == name.npos && value.find_first_of("\r\n") == value.npos &&
                    value.find('\0') == value.npos,
                "no header can be split", name);
    }
    auto const coding = response.header("Content-Encoding");
    if (coding && !response.body.empty()) {
        auto plain = base::gunzip(response.body, 1'000'000);
        require(*coding == "gzip" && plain.has_value(), "a compressed answer is gzip", *coding);
        response.body = std::move(*plain);
    }
    bool const no_body = request.method == "HEAD" || response.status == 204 || response.status == 304;
    if (no_body) {
        require(response.body.empty(), "what has no body has none");
    } else if (response.status >= 400) {
        is_problem(response);
    } else if (auto const type = response.header("Content-Type"); type && *type == "application/json") {
        is_page(door, request, response);
    }
}
