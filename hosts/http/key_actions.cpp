// SPDX-License-Identifier: Apache-2.0
#include "http/key_actions.hpp"

#include <utility>

#include "common/first_run.hpp"
#include "nexpo/backend.hpp"

namespace nexpo::http_host {

namespace {

Result<Backend> open(HttpSettings& settings) {
    settings.backend.migrate = false;  // a mistyped path must not become a database
    if (auto prepared = hosts::prepare_files(settings.backend); !prepared) return std::move(prepared).error();
    settings.backend.threads.jobs = 0;  // the processes that serve do the work
    return Backend::open(settings.backend);
}

}  // namespace

Result<std::string> reseal(HttpSettings settings) {
    auto const backend = open(settings);
    if (!backend) return backend.error();
    auto const done = backend->reseal();
    if (!done) return done.error();
    auto text = "re-sealed " + std::to_string(done->count) + " values; all are under the key " + done->key_id + "\n";
    if (settings.backend.sealing_key.empty()) {
        return text + "that key stands in the same database and protects nothing; configure sealing_key\n";
    }
    if (done->kept_key_removed) text += "a key stood in the database and was ignored; it is removed\n";
    if (!settings.backend.sealing_keys_old.empty()) {
        text +=
            "sealing_keys_old may be removed once every process has the new sealing_key, a day from now at best:\n"
            "until then calls that are repeated with an older Idempotency-Key still need them\n";
    }
    return text;
}

Result<std::string> rotate_keys(HttpSettings settings, bool revoke) {
    auto const backend = open(settings);
    if (!backend) return backend.error();
    auto const key = backend->as_system("default").auth().rotate_keys({.revoke = revoke});
    if (!key) return key.error();
    auto text = "the key " + key->kid + " signs access tokens from " + to_string(key->active_at) + " on\n";
    if (revoke) text += "tokens of the keys before it are refused; clients refresh theirs\n";
    return text;
}

}  // namespace nexpo::http_host
