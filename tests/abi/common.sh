# SPDX-License-Identifier: Apache-2.0
# Sourced by check and store: builds the shared library with debug information and writes its interface down.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
baseline=tests/abi/libnexpo.abi
build=build/abi
current=$build/libnexpo.abi

build_library() {
    mkdir -p "$build"
    cmake --preset abi >"$build/configure.log" 2>&1 || { cat "$build/configure.log"; return 1; }
    cmake --build "$build" --target nexpo >"$build/build.log" 2>&1 || { tail -n 100 "$build/build.log"; return 1; }
}

# write_interface <file>: exported interfaces and public types only, nothing that names this machine.
write_interface() {
    abidw --exported-interfaces-only --headers-dir include --drop-private-types --no-show-locs --no-corpus-path \
        --no-comp-dir-path --out-file "$1" "$build/src/libnexpo.so"
}
