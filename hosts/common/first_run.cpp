// SPDX-License-Identifier: Apache-2.0
#include "common/first_run.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/key_file.hpp"

namespace nexpo::hosts {

namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::size_t kPasswordBytes = 18;

std::string folder_of(std::string_view path) {
    auto const slash = path.rfind('/');
    return slash == path.npos ? std::string() : std::string(path.substr(0, slash == 0 ? 1 : slash));
}

}  // namespace

Result<void> prepare_files(Config& config) {
    std::string_view const database = config.database;
    bool const in_file = database.starts_with(kSqlite);
    auto const folder = in_file ? folder_of(database.substr(kSqlite.size())) : std::string("data");
    bool const may_create = config.migrate;
    if (may_create && (in_file || config.sealing_key.empty())) {
        if (auto made = make_folder(folder); !made) return made;
    }
    if (!config.sealing_key.empty()) return {};
    auto const path = folder.empty() ? std::string("nexpo.key") : folder + "/nexpo.key";
    // A database that stands there without its key was sealed under a key that is lost, or under none: a new one would
    // only hide that. Keys are made before databases, so a program that starts beside this one meets neither case.
    std::error_code missing;
    bool const has_database = in_file && std::filesystem::exists(database.substr(kSqlite.size()), missing);
    if ((has_database || !may_create) && !std::filesystem::exists(path, missing)) return {};
    auto key = read_or_create_key(path);
    if (!key) return std::move(key).error();
    config.sealing_key = std::move(*key);
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

std::string owner_words(AdminConfig const& admin, Owner const& owner) {
    std::string const organization(kOrganization);
    if (!owner.created) return "The organization " + organization + " has its owner already\n";
    auto const words = "Created the organization " + organization + " and its owner " + admin.email;
    if (owner.made_password.empty()) return words + ", with the password that is configured\n";
    return words + "\nTheir password, shown only this once: " + std::string(owner.made_password.reveal()) + '\n';
}

std::string quoted_for_shell(std::string_view text) {
    std::string out = "'";
    for (char const letter : text) letter == '\'' ? out.append("'\\''") : out.append(1, letter);
    return out + '\'';
}

}  // namespace nexpo::hosts
