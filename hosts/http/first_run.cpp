// SPDX-License-Identifier: Apache-2.0
#include "http/first_run.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "http/key_file.hpp"
#include "nexpo/json.hpp"

namespace nexpo::http_host {

namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kOrganization = "default";
constexpr std::size_t kPasswordBytes = 18;

std::string quoted_for_shell(std::string_view text) {
    std::string out = "'";
    for (char const letter : text) letter == '\'' ? out.append("'\\''") : out.append(1, letter);
    return out + '\'';
}

std::string folder_of(std::string_view path) {
    auto const slash = path.rfind('/');
    return slash == path.npos ? std::string() : std::string(path.substr(0, slash == 0 ? 1 : slash));
}

}  // namespace

Result<void> prepare_files(HttpSettings& settings) {
    std::string_view const database = settings.backend.database;
    bool const in_file = database.starts_with(kSqlite);
    auto const folder = in_file ? folder_of(database.substr(kSqlite.size())) : std::string("data");
    bool const may_create = settings.backend.migrate;
    if (may_create && (in_file || settings.backend.sealing_key.empty())) {
        if (auto made = make_folder(folder); !made) return made;
    }
    if (!settings.backend.sealing_key.empty()) return {};
    auto const path = folder.empty() ? std::string("nexpo.key") : folder + "/nexpo.key";
    // A database that stands there without its key was sealed under a key that is lost, or under none: a new one would
    // only hide that. Keys are made before databases, so a program that starts beside this one meets neither case.
    std::error_code missing;
    bool const has_database = in_file && std::filesystem::exists(database.substr(kSqlite.size()), missing);
    if ((has_database || !may_create) && !std::filesystem::exists(path, missing)) return {};
    auto key = read_or_create_key(path);
    if (!key) return std::move(key).error();
    settings.backend.sealing_key = std::move(*key);
    return {};
}

Result<Owner> ensure_owner(Backend const& backend, AdminConfig const& admin) {
    Owner owner;
    if (admin.password.empty()) owner.made_password = random_text(kPasswordBytes);
    auto const& password = admin.password.empty() ? owner.made_password : admin.password;
    auto const done =
        backend.as_system(kOrganization).organizations().bootstrap({.email = admin.email, .password = password});
    if (!done) return done.error();
    owner.created = done->owner_created;
    if (!owner.created) owner.made_password = {};
    return owner;
}

std::string database_name(std::string_view url) {
    if (url.starts_with(kSqlite)) return std::string(url);
    url = url.substr(0, url.find('?'));
    auto const user = url.rfind('@');
    return std::string(user == url.npos ? url.substr(0, url.find(':')) : url.substr(user + 1));
}

std::string banner(HttpSettings const& settings, Owner const& owner, std::string const& url) {
    std::string out =
        "nexpo-http " NEXPO_VERSION " on " + url + ", database " + database_name(settings.backend.database) + "\n";
    auto const& email = settings.admin.email;
    if (owner.created) {
        out += "Created the organization " + std::string(kOrganization) + " and its owner " + email;
        out += owner.made_password.empty()
                   ? ", with the password that is configured\n"
                   : "\nTheir password, shown only this once: " + std::string(owner.made_password.reveal()) + '\n';
    } else {
        out += "The organization " + std::string(kOrganization) + " has its owner already\n";
    }

    bool const known = !owner.made_password.empty();
    Json login;
    login.set("email", email).set("password", known ? owner.made_password.reveal() : "YOUR PASSWORD");
    out += "\nTo try it, sign in, look at yourself and add somebody:\n\n";
    // On this machine the name in the certificate is hardly ever the one in the URL.
    std::string const curl = url.starts_with("https:") ? "curl -sk " : "curl -s ";
    out += "TOKEN=$(" + curl + url + "/auth/login -H 'Content-Type: application/json' -d " +
           quoted_for_shell(login.dump()) + " | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n\n";
    out += curl + url + "/users/me -H \"Authorization: Bearer $TOKEN\"\n\n";
    out += curl + url + "/users -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d " +
           quoted_for_shell(R"({"email":"ada@example.com","name":"Ada"})") + "\n\n";
    return out;
}

}  // namespace nexpo::http_host
