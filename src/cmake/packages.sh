# SPDX-License-Identifier: Apache-2.0
# The Debian 12 packages that Nexpo is built and tested with, and a function that installs what is missing.
# Sourced by hosts/*/run and tests/run.

# shellcheck disable=SC2034
nexpo_build_packages=(
    g++ cmake ninja-build pkg-config
    libboost1.81-dev libboost-json1.81-dev
    libssl-dev libargon2-dev libsqlitecpp-dev libsqlite3-dev zlib1g-dev libcurl4-openssl-dev libpq-dev
    libtomlplusplus-dev tzdata)

# What the optional parts need; those who embed leave them out with their CMake options.
nexpo_optional_packages=(libhiredis-dev libnats-dev librabbitmq-dev)

# What the Python extension is built with.
nexpo_python_packages=(python3 python3-dev python3-venv pybind11-dev)

# What nexpo-grpc is built with.
nexpo_grpc_packages=(libgrpc++-dev libprotobuf-dev protobuf-compiler)

nexpo_test_packages=(
    "${nexpo_optional_packages[@]}" "${nexpo_python_packages[@]}" "${nexpo_grpc_packages[@]}"
    libgtest-dev libgmock-dev nlohmann-json3-dev ccache mold
    clang-16 clang-format-16 clang-tidy-16 libclang-rt-16-dev llvm-16
    doxygen abigail-tools curl openssl python3 python3-venv python3-h2 python3-jwt python3-cryptography sqlite3
    chromium-headless-shell postgresql pgbouncer redis-server nats-server rabbitmq-server)
# Whoever has a newer node than Debian keeps it.
{ command -v node && command -v npm; } >/dev/null || nexpo_test_packages+=(nodejs npm)

# nexpo_install <what for> <package>...: installs those that are missing; says nothing when none is.
nexpo_install() {
    local purpose=$1 package missing=()
    shift
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not a Debian system; make sure that the equivalents of these are installed: $*" >&2
        return 0
    fi
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    local as_root=()
    if ((EUID != 0)); then
        # Without a terminal sudo cannot ask for a password.
        if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
            as_root=(sudo)
        else
            echo "Missing for ${purpose}, and only root may install it. Run:" >&2
            echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
    fi

    echo "Installing with ${as_root[*]:+sudo }apt-get, for ${purpose}: ${missing[*]}" >&2
    local log
    log=$(mktemp)
    if "${as_root[@]}" apt-get -qq -o Acquire::Retries=3 update >"$log" 2>&1 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
            install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "apt-get failed (above). Run it yourself, then start again:" >&2
    echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    return 1
}
