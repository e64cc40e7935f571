// SPDX-License-Identifier: Apache-2.0
#include "parity/python_door.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace nexpo::parity {

PythonDoor::PythonDoor() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("no socket");
    child_ = fork();
    if (child_ == 0) {
        dup2(ends[1], STDIN_FILENO);
        execlp("env", "env", "PYTHONPATH=" NEXPO_PYTHON_PACKAGE, "PYTHONDONTWRITEBYTECODE=1", NEXPO_PYTHON,
               NEXPO_TEST_DATA "/python_door.py", nullptr);
        _exit(127);
    }
    close(ends[1]);
    socket_ = ends[0];
    Config config;
    database_.configure(config);
    ask(Json::Object{{"database", config.database}, {"database_owner", config.database_owner.reveal()}});
}

PythonDoor::~PythonDoor() {
    close(socket_);
    waitpid(child_, nullptr, 0);
}

Json PythonDoor::ask(Json const& question) const {
    auto const line = question.dump() + '\n';
    if (send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("the Python process is gone");
    }
    std::string answer;
    for (char c = 0; c != '\n'; answer += c) {
        if (read(socket_, &c, 1) != 1) throw std::runtime_error("the Python process has ended");
    }
    return Json::parse(answer, 512).value();
}

bool PythonDoor::offers(OperationInfo const& operation) const {
    if (operation.access == Access::system || !carries(operation.kind)) return false;
    return *ask(Json::Object{{"offers", operation.name}}).if_boolean();
}

Result<Json> PythonDoor::call(OperationInfo const& operation, std::string const& token, Json const& input) const {
    auto const answer = ask(Json::Object{{"operation", operation.name}, {"token", token}, {"input", input}});
    if (auto const* output = answer.find("output")) return *output;
    auto const text = [](Json const& json, std::string_view name) { return *json.find(name)->if_string(); };
    Error error{.reason = text(answer, "reason"), .message = text(answer, "message")};
    for (int code = 1; code <= 16; ++code) {
        if (to_string(static_cast<Errc>(code)) == text(answer, "code")) error.code = static_cast<Errc>(code);
    }
    for (auto const& violation : *answer.find("violations")->if_array()) {
        error.violations.push_back({text(violation, "field"), text(violation, "rule"), text(violation, "message")});
    }
    return error;
}

}  // namespace nexpo::parity
