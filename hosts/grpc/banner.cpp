// SPDX-License-Identifier: Apache-2.0
#include "grpc/banner.hpp"

#include "nexpo/json.hpp"

namespace nexpo::grpc_host {

std::string banner(GrpcSettings const& settings, hosts::Owner const& owner, std::string const& address) {
    std::string out = "nexpo-grpc " NEXPO_VERSION " on " + address + (settings.tls.is_on() ? " (TLS)" : "") +
                      ", database " + hosts::database_name(settings.backend.database) + "\n";
    out += hosts::owner_words(settings.admin, owner);
    bool const known = !owner.made_password.empty();
    Json login;
    login.set("email", settings.admin.email).set("password", known ? owner.made_password.reveal() : "YOUR PASSWORD");
    // On this machine the name in the certificate is hardly ever the one that is called.
    std::string const call = settings.tls.is_on() ? "grpcurl -insecure " : "grpcurl -plaintext ";
    out += "\nTo try it, sign in, look at yourself and add somebody (https://github.com/fullstorydev/grpcurl):\n\n";
    out += "TOKEN=$(" + call + "-d " + hosts::quoted_for_shell(login.dump()) + " " + address +
           " nexpo.v1.Auth/Login | sed -n 's/.*\"accessToken\": \"\\([^\"]*\\)\".*/\\1/p')\n\n";
    out += call + "-H \"Authorization: Bearer $TOKEN\" " + address + " nexpo.v1.Users/Me\n\n";
    out += call + "-H \"Authorization: Bearer $TOKEN\" -d " +
           hosts::quoted_for_shell(R"({"email":"ada@example.com","name":"Ada"})") + " " + address +
           " nexpo.v1.Users/Create\n\n";
    return out;
}

}  // namespace nexpo::grpc_host
