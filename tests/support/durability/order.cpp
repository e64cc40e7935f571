// SPDX-License-Identifier: Apache-2.0
#include "support/durability/order.hpp"

#include <random>
#include <utility>

#include "support/durability/door.hpp"

namespace nexpo::durability {

namespace {

using namespace std::chrono_literals;

constexpr int kLines = 4;
constexpr int kSyncs = 3;

/// The table of effects has no constraint that would hide a second one. Every end of a job leaves a row, so that one
/// with two ends is seen.
constexpr auto* kTables = R"(
CREATE TABLE orders (name {{text}} PRIMARY KEY) {{strict}};
CREATE TABLE order_effects (
    seq  {{sqlite INTEGER PRIMARY KEY}}{{postgresql bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY}},
    job  {{text}} NOT NULL,
    line {{text}} NOT NULL
) {{strict}};
CREATE TABLE order_ends (job {{text}} NOT NULL, state {{text}} NOT NULL) {{strict}};
{{sqlite CREATE TRIGGER order_end AFTER UPDATE OF state ON jobs WHEN NEW.state IN ('succeeded', 'dead', 'cancelled') BEGIN INSERT INTO order_ends (job, state) VALUES (NEW.id, NEW.state); END;}}
{{postgresql CREATE FUNCTION order_end() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO order_ends (job, state) VALUES (NEW.id, NEW.state); RETURN NULL; END';}}
{{postgresql CREATE TRIGGER order_end AFTER UPDATE OF state ON jobs FOR EACH ROW WHEN (NEW.state IN ('succeeded', 'dead', 'cancelled')) EXECUTE FUNCTION order_end();}}
)";

/// Input of `order.pack`.
struct Pack {
    std::string order{};
    std::string line{};
    std::int64_t failures = 0;
    bool fatal = false;
    bool has_bill = false;
};

StructType describe(Type<Pack>) {
    return structure<Pack>("Pack", field("order", &Pack::order).required(), field("line", &Pack::line),
                           field("failures", &Pack::failures), field("fatal", &Pack::fatal),
                           field("has_bill", &Pack::has_bill));
}

/// Input of `order.bill` and `order.sync`: whose, or what.
struct Named {
    std::string name{};
};

StructType describe(Type<Named>) {
    return structure<Named>("Named", field("name", &Named::name).required());
}

/// Input of `orders.note`: an effect that is written apart from the job's end.
struct Effect {
    std::string job{};
    std::string line{};
};

StructType describe(Type<Effect>) {
    return structure<Effect>("Effect", field("job", &Effect::job).required(), field("line", &Effect::line));
}

Result<void> add_effect(Transaction const& tx, std::string const& job, std::string const& line) {
    auto added = tx.execute("INSERT INTO order_effects (job, line) VALUES ($1, $2)", {job, line});
    if (!added) return std::move(added).error();
    return {};
}

Result<Placed> place_all(Transaction const& tx, Order const& order, Timestamp now) {
    auto inserted = tx.execute("INSERT INTO orders (name) VALUES ($1)", {order.name});
    if (!inserted) return std::move(inserted).error();
    Placed placed;
    for (std::int64_t part = 0; part < order.parts; ++part) {
        JobOptions options{.concurrency_key = order.line, .ordered = !order.line.empty()};
        if (order.later) options.run_at = now + 1h;
        auto job = tx.enqueue("order.pack", Pack{order.name, order.line, order.failures, order.fatal, order.has_bills},
                              options);
        if (!job) return std::move(job).error();
        placed.jobs.push_back(std::move(*job));
    }
    if (order.sync.empty()) return placed;
    auto job = tx.enqueue("order.sync", Named{order.sync}, {.unique_key = order.sync});
    if (!job) return std::move(job).error();
    placed.jobs.push_back(std::move(*job));
    return placed;
}

Result<Pack> pack_it(Transaction const& tx, std::string const& job, Pack const& pack, bool careless) {
    if (!careless) {
        if (auto added = add_effect(tx, job, pack.line); !added) return std::move(added).error();
    }
    if (!pack.has_bill) return pack;
    auto bill = tx.enqueue("order.bill", Named{job}, {.idempotency_key = job});
    if (!bill) return std::move(bill).error();
    return pack;
}

}  // namespace

StructType describe(Type<Order>) {
    return structure<Order>("Order", field("name", &Order::name).required(), field("parts", &Order::parts),
                            field("line", &Order::line), field("failures", &Order::failures),
                            field("fatal", &Order::fatal), field("has_bills", &Order::has_bills),
                            field("sync", &Order::sync), field("later", &Order::later));
}

StructType describe(Type<Placed>) {
    return structure<Placed>("Placed", field("jobs", &Placed::jobs));
}

Order OrderScript::order(int caller, int number) const {
    std::seed_seq mixed{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                        static_cast<std::uint32_t>(caller), static_cast<std::uint32_t>(number)};
    std::mt19937 random(mixed);
    auto const below = [&](std::int64_t limit) { return static_cast<std::int64_t>(random()) % limit; };
    Order order{.name = label + "-" + std::to_string(caller) + "-" + std::to_string(number),
                .parts = 1 + below(3),
                .has_bills = below(4) == 0};
    if (below(8) == 0) {
        order.later = true;
        return order;
    }
    if (below(3) == 0) order.line = "line-" + std::to_string(below(kLines));
    if (below(4) == 0) order.failures = 1 + below(2);
    order.fatal = below(12) == 0;
    if (below(5) == 0) order.sync = "sync-" + std::to_string(below(kSyncs));
    return order;
}

Order OrderScript::order(std::string const& name) const {
    auto const last = name.rfind('-');
    auto const first = name.rfind('-', last - 1);
    return order(std::stoi(name.substr(first + 1, last - first - 1)), std::stoi(name.substr(last + 1)));
}

Config order_config(std::string url, std::string owner, std::shared_ptr<std::function<Api()>> const& careless) {
    auto config = durable_config(std::move(url), std::move(owner));
    config.work.housekeeping = false;
    config.work.lease_seconds = 5;
    config.migrations.push_back({.owner = "orders", .number = 1, .name = "orders", .sql = kTables});
    config.operations.add<Order, Placed>(
        {.info = {.name = "orders.place", .kind = OperationKind::mutation, .permission = "orders:write"},
         .handler = [](Call& call, Order const& order) -> Reply<Placed> {
             return call.write([order, now = call.now()](Transaction& tx) { return place_all(tx, order, now); });
         }});
    config.operations.add<Effect, Empty>(
        {.info = {.name = "orders.note", .kind = OperationKind::mutation, .permission = "orders:write"},
         .handler = [](Call& call, Effect const& effect) -> Reply<Empty> {
             return call.write([effect](Transaction& tx) -> Result<Empty> {
                 if (auto added = add_effect(tx, effect.job, effect.line); !added) return std::move(added).error();
                 return Empty{};
             });
         }});
    auto const quick = [](char const* name) {
        return JobKind{.name = name, .max_attempts = 20, .backoff = 20ms, .backoff_limit = 1s, .time_limit = 60s};
    };
    config.jobs.add<Pack, Pack>(quick("order.pack"), [careless](JobRun& run, Pack const& pack) -> Reply<Pack> {
        if (pack.fatal) return Error{Errc::not_found, "no_such_part", ""};
        if (run.attempt() <= pack.failures) return Error{Errc::unavailable, "dropped", ""};
        if (careless) {
            auto noted = (*careless)().call<Empty>("orders.note", Effect{run.id(), pack.line});
            if (!noted) return std::move(noted).error();
        }
        return run.write(
            [&run, pack, apart = careless != nullptr](Transaction& tx) { return pack_it(tx, run.id(), pack, apart); });
    });
    for (auto const* name : {"order.bill", "order.sync"}) {
        config.jobs.add<Named, Empty>(quick(name), [](JobRun& run, Named const&) -> Reply<Empty> {
            return run.write([&run](Transaction& tx) -> Result<Empty> {
                if (auto added = add_effect(tx, run.id(), ""); !added) return std::move(added).error();
                return Empty{};
            });
        });
    }
    return config;
}

}  // namespace nexpo::durability
