// SPDX-License-Identifier: Apache-2.0
// The one place where the code of Asio and Beast is compiled; everywhere else they are declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
