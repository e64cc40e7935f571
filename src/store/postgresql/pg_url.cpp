// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_url.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

namespace nexpo::store {

namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

/// A path at which there is nothing: what libpq looks for in the home directory unless it is told where else to look.
constexpr char const* kNoFile = "/dev/null/none";

/// What stands in for libpq's own defaults where these come from the environment, the home directory or no one's wish
/// (https://www.postgresql.org/docs/18/libpq-envars.html).
constexpr std::array<std::pair<std::string_view, char const*>, 25> kDefaults{{
    {"passfile", kNoFile},
    {"sslcert", kNoFile},
    {"sslkey", kNoFile},
    {"sslrootcert", kNoFile},
    {"sslcrl", kNoFile},
    {"sslcrldir", kNoFile},
    {"sslmode", "prefer"},
    {"sslcertmode", "allow"},
    {"sslsni", "1"},
    {"sslcompression", "0"},
    {"ssl_min_protocol_version", "TLSv1.2"},
    {"min_protocol_version", "3.0"},
    {"max_protocol_version", "3.0"},
    {"channel_binding", "prefer"},
    {"gssencmode", "disable"},
    {"krbsrvname", "postgres"},
    {"port", "5432"},
    {"client_encoding", "UTF8"},
    {"application_name", "nexpo"},
    {"target_session_attrs", "primary"},
    {"keepalives", "1"},
    {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
}};

/// What the URL's own options may change. The locks of a host that is gone must not outlive it for hours.
constexpr char const* kSessionDefaults =
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";

/// What would change what the library reads from the server, or what it reads from elsewhere.
constexpr std::array<std::string_view, 4> kRefused{"service", "replication", "client_encoding",
                                                   "fallback_application_name"};

Error refused(std::string_view setting, char const* rule, std::string what) {
    return {Errc::invalid_argument,
            "validation_failed",
            "the database is not supported",
            {{std::string(setting), rule, std::move(what)}}};
}

/// Where the query of a URL begins; a `?` may stand in a password.
std::size_t query_of(std::string_view url) {
    auto const authority = url.find("://") + 3;
    auto const stop = url.find_first_of("@/", authority);
    return url.find('?', stop != url.npos && url[stop] == '@' ? stop : authority);
}

/// Takes one parameter of ours out of the URL: libpq refuses what it does not know.
std::optional<std::string> take_parameter(std::string& url, std::string_view name) {
    std::optional<std::string> taken;
    auto const query = query_of(url);
    if (query == url.npos) return taken;
    std::string kept;
    for (auto rest = std::string_view(url).substr(query + 1); !rest.empty();) {
        auto const one = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        if (one.substr(0, one.find('=')) == name) {
            taken = one.substr(std::min(one.size(), name.size() + 1));
        } else if (!one.empty()) {
            kept.append(kept.empty() ? "?" : "&").append(one);
        }
    }
    url.replace(query, url.npos, kept);
    return taken;
}

std::vector<std::string> split(std::string const& list) {
    std::vector<std::string> parts(1);
    for (char const c : list) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

void append(std::string& text, std::string_view key, std::string_view value) {
    text.append(text.empty() ? "" : " ").append(key).append("='");
    for (char const c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    text += '\'';
}

/// Reads the URL's parameters; nothing of libpq's message is kept, because it may repeat the password.
std::optional<std::map<std::string, std::string>> read_values(std::string const& url) {
    std::map<std::string, std::string> values;
    Options const options(PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
    if (!options) return std::nullopt;
    for (auto const* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr && *option->val != '\0') values.emplace(option->keyword, option->val);
    }
    return values;
}

/// Every parameter of this libpq that it must not look for itself, with a value: ours, or else what is compiled in
/// (newer versions refuse some that are empty), or else none.
std::map<std::string, std::string> const& defaults() {
    static std::map<std::string, std::string> const all = [] {
        std::map<std::string, std::string> values;
        Options const options(PQconninfoParse("", nullptr), &PQconninfoFree);
        for (auto const* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
            std::string_view const name = option->keyword;
            auto const* const ours = std::ranges::find(kDefaults, name, [](auto const& one) { return one.first; });
            if (ours != kDefaults.end()) {
                values.emplace(name, ours->second);
            } else if (option->envvar != nullptr && name != "service") {  // an empty service is looked up
                values.emplace(name, option->compiled == nullptr ? "" : option->compiled);
            }
        }
        return values;
    }();
    return all;
}

}  // namespace

bool PgUrl::is_one(std::string_view url) {
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Result<PgUrl> PgUrl::parse(std::string_view given, std::string_view setting) {
    if (!is_one(given)) return refused(setting, "scheme", "must start with postgresql:");
    if (given.find('\0') != given.npos) return refused(setting, "url", "must be a URL");
    std::string url(given);
    PgUrl parsed;
    auto const prepare = take_parameter(url, "prepare");
    if (prepare && *prepare != "on" && *prepare != "off") return refused(setting, "prepare", "prepare is on or off");
    parsed.prepares_ = prepare.value_or("on") == "on";
    auto values = read_values(url);
    if (!values) return refused(setting, "url", "must be a URL: postgresql://user:password@host:port/database");
    parsed.values_ = std::move(*values);
    for (auto const& [name, what] :
         {std::pair("host", "must name a host: postgresql://user:password@host:port/database"),
          std::pair("user", "must name a user"), std::pair("dbname", "must name a database")}) {
        if (!parsed.values_.contains(name)) return refused(setting, name, what);
    }
    for (auto const name : kRefused) {
        if (parsed.values_.contains(std::string(name))) {
            return refused(setting, "parameter", std::string(name) + " cannot be set here");
        }
    }
    if (auto const found = parsed.values_.find("connect_timeout"); found != parsed.values_.end()) {
        unsigned seconds = 0;
        auto const& text = found->second;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (error != std::errc() || end != text.data() + text.size() || seconds == 0 || seconds > 3'600) {
            return refused(setting, "connect_timeout", "connect_timeout is 1 to 3600 seconds");
        }
        parsed.connect_timeout_ = std::chrono::seconds(seconds);
    }
    // A connection that may only read fails the test for `read-write`.
    auto& attributes = parsed.values_["target_session_attrs"];
    if (attributes.empty() || attributes == "read-write") attributes = "primary";
    if (!parsed.take_hosts()) return refused(setting, "host", "must name as many ports and addresses as hosts");
    return parsed;
}

bool PgUrl::take_hosts() {
    auto const names = split(values_["host"]);
    auto const addresses = split(values_["hostaddr"]);
    auto const ports = split(values_["port"]);
    auto const fits = [&](std::vector<std::string> const& list) {
        return list.size() == names.size() || list.size() == 1;
    };
    if (!fits(ports) || (addresses.size() != names.size() && addresses != std::vector<std::string>(1))) return false;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto const& port = ports[ports.size() == 1 ? 0 : i];
        hosts_.push_back(
            {names[i], addresses.size() == names.size() ? addresses[i] : "", port.empty() ? "5432" : port});
    }
    return std::ranges::none_of(hosts_, [](Host const& host) { return host.name.empty(); });
}

void PgUrl::allow_standby() {
    if (values_["target_session_attrs"] == "primary") values_["target_session_attrs"] = "any";
}

std::string PgUrl::given_options() const {
    auto const given = values_.find("options");
    return given == values_.end() ? "" : given->second;
}

std::string PgUrl::options_of(PgUse use) const {
    // A pooler refuses or forgets them; there every transaction says what it needs.
    if (!prepares_) return given_options();
    std::string options = kSessionDefaults;
    // A migration takes as long as it takes, and waits for another process that migrates.
    options += use == PgUse::migrate ? " -c statement_timeout=0 -c lock_timeout=0"
                                     : " -c lock_timeout=" + std::to_string(lock_timeout_.count());
    options += " " + given_options() + " -c client_connection_check_interval=500";
    if (use == PgUse::read) {
        options += " -c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on";
    }
    return options;
}

std::string PgUrl::lock_statement(PgUse use) const {
    if (prepares_ || use == PgUse::migrate) return {};
    if (given_options().find("lock_timeout") != std::string::npos) return {};
    return "SET LOCAL lock_timeout = " + std::to_string(lock_timeout_.count());
}

std::string PgUrl::connection_text(std::size_t host, PgUse use) const {
    auto all = values_;
    for (auto const& one : defaults()) all.insert(one);
    all["host"] = hosts_[host].name;
    all["hostaddr"] = hosts_[host].address;
    all["port"] = hosts_[host].port;
    all["options"] = options_of(use);
    std::string text;
    for (auto const& [name, value] : all) append(text, name, value);
    return text;
}

std::string PgUrl::name() const {
    std::string name;
    for (auto const& host : hosts_)
        name.append(name.empty() ? "" : ",").append(host.name).append(":").append(host.port);
    return name + '/' + values_.at("dbname");
}

}  // namespace nexpo::store
