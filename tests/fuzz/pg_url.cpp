// SPDX-License-Identifier: Apache-2.0
// URLs of PostgreSQL servers, which operators write and which hold passwords.
#include "store/postgresql/pg_url.hpp"

#include <libpq-fe.h>

#include <memory>

#include "fuzz/fuzz.hpp"
#include "nexpo/json.hpp"

namespace nexpo::fuzz {
namespace {

using store::PgUrl;
using store::PgUse;

constexpr std::string_view kSecret = "correct-horse-battery-staple";

struct Parameters {
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> list;

    explicit Parameters(std::string const& text) : list(PQconninfoParse(text.c_str(), nullptr), &PQconninfoFree) {}
    std::string value(std::string_view name) const {
        for (auto const* option = list.get(); option->keyword != nullptr; ++option) {
            if (option->keyword == name && option->val != nullptr) return option->val;
        }
        return {};
    }
};

void is_understood(PgUrl const& url) {
    require(url.hosts() > 0, "a URL names a server", url.name());
    for (std::size_t host = 0; host < url.hosts(); ++host) {
        for (auto const use : {PgUse::read, PgUse::write, PgUse::migrate}) {
            Parameters const parameters(url.connection_text(host, use));
            require(parameters.list != nullptr, "libpq understands what it is given", url.name());
            require(parameters.value("user") == url.user(), "nobody else is named", url.user());
        }
    }
}

void keeps_secrets(std::string_view rest) {
    auto const url = PgUrl::parse("postgresql://ada:" + std::string(kSecret) + "@" + std::string(rest), "/database");
    if (url) {
        require(url->name().find(kSecret) == std::string::npos, "a name shows no password", url->name());
        return;
    }
    auto shown = url.error().message + url.error().reason;
    for (auto const& violation : url.error().violations) shown += violation.rule + violation.message;
    require(shown.find(kSecret) == std::string::npos, "no message shows a password", shown);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(pg_url) {
    using namespace nexpo::fuzz;
    auto const url = PgUrl::parse(input, "/database");
    if (url) {
        is_understood(*url);
    } else {
        auto const& error = url.error();
        require(error.code == nexpo::Errc::invalid_argument, "refusals are of one kind", error.message);
        require(error.violations.size() == 1 && error.violations[0].field == "/database", "the setting is named");
    }
    if (input.find(kSecret) == input.npos) keeps_secrets(input);
}
