// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "nexpo/result.hpp"

namespace SQLite {
class Exception;
}

namespace nexpo::store {

/// What an SQLite result code (https://www.sqlite.org/rescode.html) means to the caller. Messages of `internal` errors
/// carry SQLite's own text for the log.
Error sqlite_error(SQLite::Exception const& exception, std::string_view what);

/// The file or its directory may only be read.
Error read_only_error();

}  // namespace nexpo::store
