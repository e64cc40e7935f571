#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A backend in this process: users, pages, errors, signing in."""

import nexpo


def main() -> None:
    with nexpo.open("sqlite:app.db", auth={"open_registration": True}) as backend:
        acme = backend.as_system("acme")
        ada = acme.users.create(email="ada@example.com", name="Ada", role="owner")
        for number in range(3):
            acme.users.create(email=f"user{number}@example.com")

        # A merge patch: what is not given stays, None clears.
        acme.users.update(id=ada.id, name=None)

        # Pages are fetched as they are needed.
        for user in acme.users.list(limit=2):
            print(f"{user.email} is {user.role}")

        try:
            acme.users.create(email="ada@example.com")
        except nexpo.AlreadyExists as error:
            print(f"not again: {error.reason}")
        try:
            acme.users.create(email="nobody", name="x" * 300)
        except nexpo.InvalidArgument as error:
            for broken in error.violations:
                print(f"{broken.field} {broken.message}")

        tokens = backend.as_anonymous().auth.sign_up(email="eve@example.com", password="correct horse")
        print(backend.authenticate(tokens.access_token).users.me().email, "is signed in")


if __name__ == "__main__":
    main()

# prints: ada@example.com is owner
# prints: user0@example.com is member
# prints: user1@example.com is member
# prints: user2@example.com is member
# prints: not again: email_taken
# prints: /email must be an e-mail address
# prints: /name must be at most 200 characters
# prints: eve@example.com is signed in
