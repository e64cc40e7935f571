// SPDX-License-Identifier: Apache-2.0
// A stranger's program, built against the installed package.
#include <cstdio>
#include <nexpo/nexpo.hpp>

int main() {
    auto backend = nexpo::Backend::open({.database = "sqlite:consumer.db"});
    if (!backend) {
        std::fprintf(stderr, "open: %s\n", backend.error().message.c_str());
        return 1;
    }
    auto ada = backend->as_system("acme").users().create({.email = "ada@example.com"});
    if (!ada) {
        std::fprintf(stderr, "create: %s\n", ada.error().message.c_str());
        return 1;
    }
    try {
        backend->as_system("acme").users().get({.id = "usr_00000000000000000000000000"}).value();
    } catch (nexpo::Exception const& exception) {
        // The type must be recognized across the library's edge.
        return exception.error().code == nexpo::Errc::not_found ? 0 : 1;
    }
    return 1;
}
