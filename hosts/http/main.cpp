// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "common/first_run.hpp"
#include "common/log_writer.hpp"
#include "common/tls_context.hpp"
#include "http/audit_action.hpp"
#include "http/banner.hpp"
#include "http/http_settings.hpp"
#include "http/key_actions.hpp"
#include "http/listen_socket.hpp"
#include "http/server.hpp"
#include "nexpo/backend.hpp"
#include "settings/command_line.hpp"
#include "settings/help.hpp"
#include "settings/load.hpp"

namespace nexpo::http_host {

namespace {

enum ExitCode : int { kDone = 0, kFailed = 1, kConfiguration = 2 };

constexpr std::string_view kActions[] = {"help",        "version",      "check-config", "print-toml",
                                         "print-env",   "migrate-only", "workers-only", "reseal",
                                         "rotate-keys", "revoke-keys",  "verify-audit"};

constexpr char const* kUsage =
    "Usage: nexpo-http [--config FILE] [--SETTING=VALUE]...\n"
    "\n"
    "Serves a Nexpo backend over HTTP. A setting comes from its flag, else from its environment variable, else from\n"
    "the TOML file that --config or NEXPO_CONFIG names, else it has its default. A variable that ends in _FILE names "
    "a\n"
    "file that holds the secret.\n"
    "\n"
    "  --help            this text\n"
    "  --version         the version\n"
    "  --check-config    says whether the settings are good, and opens nothing\n"
    "  --print-toml      an example file of settings\n"
    "  --print-env       an example file of environment variables\n"
    "  --migrate-only    makes the database or brings it up to date, and serves nothing\n"
    "  --workers-only    runs background jobs and schedules, and serves nothing but health and metrics\n"
    "  --verify-audit    examines the audit; says what was changed and exits with 1 if anything was\n"
    "  --reseal          seals the database's secrets under the configured sealing_key\n"
    "  --rotate-keys     replaces the key that signs access tokens\n"
    "  --revoke-keys     the same at once, and refuses the tokens of the old keys\n"
    "\n"
    "Settings:\n";

void print(std::string const& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

int fail(ExitCode code, std::string_view what) {
    std::string text;
    while (!what.empty()) {
        auto const end = what.find('\n');
        text.append("nexpo-http: ").append(what.substr(0, end)).append("\n");
        what = end == what.npos ? std::string_view{} : what.substr(end + 1);
    }
    std::fputs(text.c_str(), stderr);
    return code;
}

/// An error of the library, with the settings that it blames.
int fail(Error const& error, std::string const& doing) {
    std::string text = doing + ": " + error.message;
    for (auto const& violation : error.violations) {
        auto key = violation.field.substr(std::min<std::size_t>(1, violation.field.size()));
        std::ranges::replace(key, '/', '.');
        text.append("; ").append(key).append(" ").append(violation.message);
    }
    return fail(error.code == Errc::invalid_argument ? kConfiguration : kFailed, text);
}

int report(Result<std::string> const& done, std::string const& doing) {
    if (!done) return fail(done.error(), doing);
    print(*done);
    return kDone;
}

/// Every connection needs a descriptor; the usual limit of 1024 is lower than `http.max_connections`.
void allow_descriptors(std::int64_t connections) {
    constexpr rlim_t kOthers = 512;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    auto const wanted = std::min(limit.rlim_max, static_cast<rlim_t>(connections) + kOthers);
    if (wanted <= limit.rlim_cur) return;
    limit.rlim_cur = wanted;
    // Without it the server works for fewer connections, and says so when it cannot accept one.
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

int start(HttpSettings settings, bool workers_only) {
    if (workers_only && settings.backend.threads.jobs == 0) {
        return fail(kConfiguration, "--workers-only needs threads.jobs to be 1 or more");
    }
    settings.backend.gateway.operations = !workers_only;
    allow_descriptors(settings.http.max_connections);
    // The port first: nobody is to lose the owner's password because another program has it.
    auto listener = ListenSocket::open(settings.http.address, static_cast<std::uint16_t>(settings.http.port));
    if (!listener) return fail(kFailed, listener.error().message);
    listener->detect_lost_clients(settings.http.write_seconds);
    std::shared_ptr<hosts::TlsContext const> tls;
    if (settings.tls.is_on()) {
        auto loaded = hosts::TlsContext::load(settings.tls);
        if (!loaded) return fail(kFailed, "TLS: " + loaded.error().message);
        tls = std::move(*loaded);
    }
    if (auto prepared = hosts::prepare_files(settings.backend); !prepared)
        return fail(kFailed, prepared.error().message);

    hosts::LogWriter log(STDERR_FILENO);
    auto config = settings.backend;
    config.log =
        json_lines_sink(static_cast<LogLevel>(settings.log.level), [&log](std::string_view line) { log.write(line); });
    auto const backend = Backend::open(std::move(config));
    if (!backend) return fail(backend.error(), "cannot open " + hosts::database_name(settings.backend.database));
    auto const url = listener->url(tls ? "https" : "http");
    if (workers_only) {
        serve(settings, *backend, std::move(*listener), std::move(tls), log,
              [&] { print("Nexpo runs background jobs and reports on " + url + ", see /health/ready\n"); });
        return kDone;
    }
    auto const owner = hosts::ensure_owner(*backend, settings.admin);
    if (!owner) return fail(owner.error(), "cannot create the owner");
    serve(settings, *backend, std::move(*listener), std::move(tls), log, [&] { print(banner(settings, *owner, url)); });
    return kDone;
}

int migrate(HttpSettings settings) {
    settings.backend.threads.jobs = 0;  // the processes that serve do the work
    auto const name = hosts::database_name(settings.backend.database);
    // A key that is made here would seal a server's database for good, and may be gone with this machine.
    settings.backend.migrate = name.starts_with("sqlite:");
    if (auto prepared = hosts::prepare_files(settings.backend); !prepared)
        return fail(kFailed, prepared.error().message);
    settings.backend.migrate = true;
    auto const backend = Backend::open(std::move(settings.backend));
    if (!backend) return fail(backend.error(), "cannot migrate " + name);
    print(name + " is up to date\n");
    return kDone;
}

int verify(HttpSettings settings) {
    auto const report = verify_audit(std::move(settings));
    if (!report) return fail(report.error(), "cannot verify the audit");
    print(audit_text(*report));
    return report->faults.empty() ? kDone : kFailed;
}

int run(std::span<char const* const> arguments) {
    auto const line = hosts::parse_command_line(arguments, kActions);
    auto const& type = struct_type<HttpSettings>();
    if (line.has("help")) return print(kUsage + hosts::settings_help(type)), kDone;
    if (line.has("version")) return print("nexpo-http " NEXPO_VERSION "\n"), kDone;
    if (line.has("print-toml")) return print(hosts::example_toml(type)), kDone;
    if (line.has("print-env")) return print(hosts::example_environment(type)), kDone;

    auto const sources = hosts::read_sources(line, ::environ);
    if (!sources) return fail(kConfiguration, sources.error().message);
    auto settings = load_http_settings(*sources);
    if (!settings) return fail(kConfiguration, settings.error().message);
    if (line.has("check-config")) return print("configuration ok\n"), kDone;
    if (line.has("migrate-only")) return migrate(std::move(*settings));
    if (line.has("verify-audit")) return verify(std::move(*settings));
    if (line.has("reseal")) return report(reseal(std::move(*settings)), "cannot re-seal");
    bool const revoke = line.has("revoke-keys");
    if (revoke || line.has("rotate-keys")) {
        return report(rotate_keys(std::move(*settings), revoke), "cannot rotate keys");
    }
    return start(std::move(*settings), line.has("workers-only"));
}

}  // namespace

}  // namespace nexpo::http_host

int main(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return nexpo::http_host::run({arguments + 1, arguments + std::max(count, 1)});
    } catch (std::exception const& exception) {
        std::fprintf(stderr, "nexpo-http: %s\n", exception.what());
        return nexpo::http_host::kFailed;
    }
}
