// SPDX-License-Identifier: Apache-2.0
#include "http/banner.hpp"

#include "nexpo/json.hpp"

namespace nexpo::http_host {

std::string banner(HttpSettings const& settings, hosts::Owner const& owner, std::string const& url) {
    std::string out = "nexpo-http " NEXPO_VERSION " on " + url + ", database " +
                      hosts::database_name(settings.backend.database) + "\n";
    out += hosts::owner_words(settings.admin, owner);
    bool const known = !owner.made_password.empty();
    Json login;
    login.set("email", settings.admin.email).set("password", known ? owner.made_password.reveal() : "YOUR PASSWORD");
    out += "\nTo try it, sign in, look at yourself and add somebody:\n\n";
    // On this machine the name in the certificate is hardly ever the one in the URL.
    std::string const curl = url.starts_with("https:") ? "curl -sk " : "curl -s ";
    out += "TOKEN=$(" + curl + url + "/auth/login -H 'Content-Type: application/json' -d " +
           hosts::quoted_for_shell(login.dump()) + " | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n\n";
    out += curl + url + "/users/me -H \"Authorization: Bearer $TOKEN\"\n\n";
    out += curl + url + "/users -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d " +
           hosts::quoted_for_shell(R"({"email":"ada@example.com","name":"Ada"})") + "\n\n";
    return out;
}

}  // namespace nexpo::http_host
