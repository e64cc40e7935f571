// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "common/log_writer.hpp"
#include "grpc/banner.hpp"
#include "grpc/grpc_settings.hpp"
#include "grpc/serve.hpp"
#include "nexpo/backend.hpp"
#include "settings/command_line.hpp"
#include "settings/help.hpp"
#include "settings/load.hpp"

namespace nexpo::grpc_host {

namespace {

enum ExitCode : int { kDone = 0, kFailed = 1, kConfiguration = 2 };

constexpr std::string_view kActions[] = {"help", "version", "check-config", "print-toml", "print-env", "migrate-only"};

constexpr char const* kUsage =
    "Usage: nexpo-grpc [--config FILE] [--SETTING=VALUE]...\n"
    "\n"
    "Serves a Nexpo backend over gRPC. A setting comes from its flag, else from its environment variable, else from\n"
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
        text.append("nexpo-grpc: ").append(what.substr(0, end)).append("\n");
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

int start(GrpcSettings settings) {
    ServedFiles files;
    if (auto loaded = files.load(settings.tls); !loaded) return fail(kFailed, "TLS: " + loaded.error().message);
    if (auto prepared = hosts::prepare_files(settings.backend); !prepared) {
        return fail(kFailed, prepared.error().message);
    }
    block_signals();
    hosts::LogWriter log(STDERR_FILENO);
    Serving serving(settings, log);
    auto config = settings.backend;
    config.log =
        json_lines_sink(static_cast<LogLevel>(settings.log.level), [&log](std::string_view line) { log.write(line); });
    auto const backend = Backend::open(std::move(config));
    auto const name = hosts::database_name(settings.backend.database);
    if (!backend) return fail(backend.error(), "cannot open " + name);
    // The port first: nobody is to lose the owner's password because another program has it.
    auto started = serving.start(files, *backend);
    if (!started) return fail(kFailed, started.error().message);
    auto const owner = hosts::ensure_owner(*backend, settings.admin);
    if (!owner) return fail(owner.error(), "cannot create the owner");
    print(banner(settings, *owner, serving.address()));
    serving.run(files, *backend);
    return kDone;
}

int migrate(GrpcSettings settings) {
    settings.backend.threads.jobs = 0;  // the processes that serve do the work
    auto const name = hosts::database_name(settings.backend.database);
    // A key that is made here would seal a server's database for good, and may be gone with this machine.
    settings.backend.migrate = name.starts_with("sqlite:");
    if (auto prepared = hosts::prepare_files(settings.backend); !prepared) {
        return fail(kFailed, prepared.error().message);
    }
    settings.backend.migrate = true;
    auto const backend = Backend::open(std::move(settings.backend));
    if (!backend) return fail(backend.error(), "cannot migrate " + name);
    print(name + " is up to date\n");
    return kDone;
}

int run(std::span<char const* const> arguments) {
    auto const line = hosts::parse_command_line(arguments, kActions);
    auto const& type = struct_type<GrpcSettings>();
    if (line.has("help")) return print(kUsage + hosts::settings_help(type)), kDone;
    if (line.has("version")) return print("nexpo-grpc " NEXPO_VERSION "\n"), kDone;
    if (line.has("print-toml")) return print(hosts::example_toml(type)), kDone;
    if (line.has("print-env")) return print(hosts::example_environment(type)), kDone;

    auto const sources = hosts::read_sources(line, ::environ);
    if (!sources) return fail(kConfiguration, sources.error().message);
    auto settings = load_grpc_settings(*sources);
    if (!settings) return fail(kConfiguration, settings.error().message);
    if (line.has("check-config")) return print("configuration ok\n"), kDone;
    if (line.has("migrate-only")) return migrate(std::move(*settings));
    return start(std::move(*settings));
}

}  // namespace

}  // namespace nexpo::grpc_host

int main(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return nexpo::grpc_host::run({arguments + 1, arguments + std::max(count, 1)});
    } catch (std::exception const& exception) {
        std::fprintf(stderr, "nexpo-grpc: %s\n", exception.what());
        return nexpo::grpc_host::kFailed;
    }
}
