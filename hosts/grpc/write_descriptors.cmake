# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, a C++ file with the bytes of INPUT, which protoc has made.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex}")
string(REGEX REPLACE "(................................................................................................)"
                     "\\1\"\n    \"" bytes "${bytes}")
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
file(
    WRITE "${OUTPUT}"
    "// SPDX-License-Identifier: Apache-2.0
#include \"grpc/descriptors.hpp\"

namespace nexpo::grpc_host {

std::string_view proto_descriptors() {
    static constexpr char kBytes[] =
    \"${bytes}\";
    return {kBytes, ${size}};
}

}  // namespace nexpo::grpc_host
")
