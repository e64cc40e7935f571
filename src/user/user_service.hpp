// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/operation.hpp"
#include "nexpo/user.hpp"
#include "user/directory.hpp"
#include "user/ports.hpp"

namespace nexpo::user {

/// The rules of users and organizations. Thread-safe.
class UserService {
 public:
    UserService(Accounts& accounts, Directory const& directory) : accounts_(accounts), directory_(directory) {}

    Reply<User> create(Call& call, CreateUser const& input);
    Reply<User> get(Call& call, GetUser const& input);
    Reply<Page<User>> list(Call& call, ListUsers const& input);
    Reply<User> update(Call& call, UpdateUser const& input);
    Reply<Empty> remove(Call& call, RemoveUser const& input);
    Reply<User> me(Call& call, GetMe const& input);
    Reply<BootstrapResult> bootstrap(Call& call, Bootstrap const& input);

 private:
    Accounts& accounts_;
    Directory const& directory_;
};

/// Adds the rows of users and organizations to the table.
void add_operations(OperationTable& table, UserService& service);

std::vector<Migration> const& migrations();

}  // namespace nexpo::user
