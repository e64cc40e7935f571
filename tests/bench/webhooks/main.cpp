// SPDX-License-Identifier: Apache-2.0
// Queues webhook deliveries to a sink and then measures how fast they are made, from the start of the workers to the
// commit of the last one: `nexpo_bench_webhooks URL DATABASE DELIVERIES` prints
// {"deliveries":…,"seconds":…,"cpu_seconds":…, "rate":…}.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <mutex>
#include <string>
#include <utility>

#include "nexpo/nexpo.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kWebhooks = 16;
constexpr std::int64_t kThreads = 4;
constexpr auto kPatience = 120s;

/// A payload as small as most.
struct Paid {
    std::string invoice_id{};
    std::string customer{};
    std::int64_t amount = 0;
    std::string currency{};
};

nexpo::StructType describe(nexpo::Type<Paid>) {
    using nexpo::field;
    return nexpo::structure<Paid>("Paid", field("invoice_id", &Paid::invoice_id), field("customer", &Paid::customer),
                                  field("amount", &Paid::amount), field("currency", &Paid::currency));
}

nexpo::Reply<nexpo::Empty> pay(nexpo::Call& call, Paid const& input) {
    return call.write([input](nexpo::Transaction& tx) -> nexpo::Result<nexpo::Empty> {
        tx.emit("invoice.paid", input);
        return nexpo::Empty{};
    });
}

nexpo::Backend open(std::string const& database, std::int64_t threads) {
    nexpo::Config config{.database = database, .threads = {.jobs = threads}};
    config.work.housekeeping = false;
    config.notification.allow_http = true;
    config.outbound.allowed_networks = {"127.0.0.1"};
    config.operations.add<Paid, nexpo::Empty>({.info = {.name = "invoices.pay",
                                                        .kind = nexpo::OperationKind::mutation,
                                                        .permission = "invoices:write",
                                                        .emits = {nexpo::event<Paid>("invoice.paid")}},
                                               .handler = pay});
    return nexpo::Backend::open(std::move(config)).value();
}

void queue(std::string const& database, std::string const& url, std::int64_t deliveries) {
    auto const backend = open(database, 0);
    auto const api = backend.as_system("acme");
    for (std::int64_t i = 0; i < kWebhooks; ++i) {
        api.webhooks().create({.url = url + "/" + std::to_string(i), .events = {"invoice.*"}}).value();
    }
    Paid const invoice{.invoice_id = "in_1", .customer = "Analytical Engines", .amount = 12'300, .currency = "EUR"};
    for (std::int64_t i = 0; i < deliveries; i += kWebhooks) api.call<nexpo::Empty>("invoices.pay", invoice).value();
}

/// The value of the counter of succeeded deliveries.
std::int64_t succeeded(nexpo::Backend const& backend) {
    auto const text = backend.metrics();
    constexpr char const* kCounter = "nexpo_job_attempts_total{kind=\"webhook.deliver\",outcome=\"succeeded\"} ";
    auto const at = text.find(kCounter);
    return at == text.npos ? 0 : std::stoll(text.substr(at + std::string(kCounter).size()));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    std::string const database = argv[2];
    auto const deliveries = std::stoll(argv[3]) / kWebhooks * kWebhooks;
    queue(database, argv[1], deliveries);

    auto const start = std::chrono::steady_clock::now();
    auto const cpu_start = std::clock();
    auto const backend = open(database, kThreads);
    std::mutex mutex;
    std::condition_variable nothing;
    std::unique_lock lock(mutex);
    while (succeeded(backend) < deliveries) {
        if (std::chrono::steady_clock::now() - start > kPatience) {
            std::cerr << succeeded(backend) << " of " << deliveries << " were delivered\n";
            return 1;
        }
        nothing.wait_for(lock, 10ms);
    }
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - start;
    auto const cpu_seconds = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
    std::cout << R"({"deliveries":)" << deliveries << R"(,"seconds":)" << took.count() << R"(,"cpu_seconds":)"
              << cpu_seconds << R"(,"rate":)" << static_cast<double>(deliveries) / took.count() << "}\n";
    return 0;
}
