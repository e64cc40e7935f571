// SPDX-License-Identifier: Apache-2.0
// What Nexpo is made of must not reach whoever includes it.
#include "nexpo/nexpo.hpp"

#include "every_public_header.hpp"

#ifdef BOOST_CONFIG_HPP
#error "a public header includes Boost"
#endif
#ifdef OPENSSL_VERSION_NUMBER
#error "a public header includes OpenSSL"
#endif
#ifdef LIBPQ_FE_H
#error "a public header includes libpq"
#endif
#ifdef SQLITE_VERSION
#error "a public header includes SQLite"
#endif
#ifdef SPDLOG_VERSION
#error "a public header includes spdlog"
#endif
#ifdef Py_PYTHON_H
#error "a public header includes Python"
#endif
