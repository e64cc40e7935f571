// SPDX-License-Identifier: Apache-2.0
// A whole backend inside a program: no server, no network, one database file.
#include <cstdio>
#include <string>

#include <nexpo/nexpo.hpp>

namespace {

int report(nexpo::Error const& error) {
    std::fprintf(stderr, "%s: %s\n", error.reason.c_str(), error.message.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    std::string const file = argc > 1 ? argv[1] : "app.db";

    //! [open]
    auto backend = nexpo::Backend::open({.database = "sqlite:" + file});
    if (!backend) return report(backend.error());
    auto const acme = backend->as_system("acme");
    auto const ada = acme.users().create({.email = "ada@example.com", .name = "Ada", .password = "correct horse"});
    if (!ada && ada.error().reason != "email_taken") return report(ada.error());

    auto const session =
        backend->as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"});
    if (!session) return report(session.error());
    auto const me = backend->authenticate(session->access_token).value().users().me();
    if (!me) return report(me.error());
    //! [open]

    std::printf("%s is %s of %s\n", me->email.c_str(), std::string(to_word(me->role)).c_str(),
                me->organization_id.c_str());

    //! [errors]
    auto const again = acme.users().create({.email = "ada@example.com"});
    if (!again && again.error().reason == "email_taken") std::printf("nobody is added twice\n");

    auto const wrong = acme.users().create({.email = "no address", .name = std::string(300, 'x')});
    for (auto const& violation : wrong.error().violations) {
        std::printf("%s %s\n", violation.field.c_str(), violation.message.c_str());
    }
    //! [errors]
    return 0;
}
