// SPDX-License-Identifier: Apache-2.0
#include "base/json_pointer.hpp"

namespace nexpo::base {

namespace {

void append_escaped(std::string& out, std::string_view token) {
    for (char c : token) {
        if (c == '~') {
            out.append("~0");
        } else if (c == '/') {
            out.append("~1");
        } else {
            out.push_back(c);
        }
    }
}

}  // namespace

std::string escape_pointer_token(std::string_view token) {
    std::string escaped;
    append_escaped(escaped, token);
    return escaped;
}

void append_pointer(std::string& pointer, std::string_view token) {
    pointer.push_back('/');
    append_escaped(pointer, token);
}

void append_pointer(std::string& pointer, std::size_t index) {
    pointer.push_back('/');
    pointer.append(std::to_string(index));
}

}  // namespace nexpo::base
