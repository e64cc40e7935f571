// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_server.hpp"

namespace nexpo::store {

Result<std::unique_ptr<PgWire>> PgServer::connect(ReadLimits const* limits) {
    std::string detail;
    std::size_t host = host_;
    auto wire = PgWire::connect(url_, use_, {limits, clock_.get()}, host, detail);
    if (wire) {
        host_ = host;
        if (away_.exchange(false)) log_.info("the database is back", {{"server", url_.name()}});
        return wire;
    }
    bool const given_up = wire.error().code == Errc::cancelled || wire.error().code == Errc::deadline_exceeded;
    if (!given_up && !away_.exchange(true)) {
        log_.warning("the database cannot be reached", {{"server", url_.name()}, {"detail", detail}});
    }
    return wire;
}

Result<std::unique_ptr<PgWire>> PgServer::connect_first() {
    std::string detail;
    std::size_t host = host_;
    auto wire = PgWire::connect(url_, use_, {nullptr, clock_.get()}, host, detail);
    if (wire) {
        host_ = host;
        return wire;
    }
    auto error = std::move(wire).error();
    error.message.append(": ").append(url_.name()).append(": ").append(detail);
    return error;
}

}  // namespace nexpo::store
