# SPDX-License-Identifier: Apache-2.0
# What the library is made of; its static form needs the same again in nexpoConfig.cmake.in.
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq>=14)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)

# No target of ours shows these to whoever links Nexpo.
set(nexpo_dependencies
    Boost::json
    OpenSSL::Crypto
    PkgConfig::argon2
    PkgConfig::libpq
    SQLiteCpp
    SQLite::SQLite3
    Threads::Threads
    ZLIB::ZLIB)

if(NEXPO_WITH_HTTP)
    find_package(CURL 7.88 REQUIRED)
    list(APPEND nexpo_dependencies CURL::libcurl OpenSSL::SSL)
endif()

# The drivers for queues; each library is left out with its option.
if(NEXPO_WITH_REDIS)
    pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis>=0.14)
    list(APPEND nexpo_dependencies PkgConfig::hiredis OpenSSL::SSL)
endif()
if(NEXPO_WITH_NATS)
    pkg_check_modules(libnats REQUIRED IMPORTED_TARGET libnats>=3.4)
    list(APPEND nexpo_dependencies PkgConfig::libnats)
endif()
if(NEXPO_WITH_AMQP)
    pkg_check_modules(librabbitmq REQUIRED IMPORTED_TARGET librabbitmq>=0.11)
    list(APPEND nexpo_dependencies PkgConfig::librabbitmq OpenSSL::SSL)
endif()
list(REMOVE_DUPLICATES nexpo_dependencies)
