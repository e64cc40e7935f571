// SPDX-License-Identifier: Apache-2.0
// `webhook_peer URL DATABASE`: delivers webhooks to URL/v1 and URL/v1a, to URL/rotated-v1 and URL/rotated-v1a while two
// keys sign, and prints for each path a line `path <tab> key…` with the keys that receivers have.
#include <iostream>
#include <string>
#include <vector>

#include "nexpo/nexpo.hpp"

namespace {

/// What is hard to sign alike: bytes beyond ASCII, escapes, numbers, nothing.
struct Text {
    std::string text{};
};

nexpo::StructType describe(nexpo::Type<Text>) {
    return nexpo::structure<Text>("Text", nexpo::field("text", &Text::text));
}

nexpo::Reply<nexpo::Empty> say(nexpo::Call& call, Text const& input) {
    return call.write([input](nexpo::Transaction& tx) -> nexpo::Result<nexpo::Empty> {
        tx.emit("text.said", input);
        return nexpo::Empty{};
    });
}

std::string key_of(nexpo::NewWebhook const& webhook) {
    return webhook.secret ? *webhook.secret : webhook.public_key.value();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    std::string const url = argv[1];
    nexpo::Config config{.database = std::string("sqlite:") + argv[2], .threads = {.jobs = 0}};
    config.work.housekeeping = false;
    config.notification.allow_http = true;
    config.outbound.allowed_networks = {"127.0.0.1"};
    config.operations.add<Text, nexpo::Empty>({.info = {.name = "texts.say",
                                                        .kind = nexpo::OperationKind::mutation,
                                                        .permission = "texts:write",
                                                        .emits = {nexpo::event<Text>("text.said")}},
                                               .handler = say});
    auto const backend = nexpo::Backend::open(std::move(config)).value();
    auto const api = backend.as_system("acme");
    for (auto const scheme : {nexpo::WebhookScheme::v1, nexpo::WebhookScheme::v1a}) {
        auto const name = std::string(nexpo::to_word(scheme));
        auto const plain =
            api.webhooks().create({.url = url + "/" + name, .events = {"text.*"}, .scheme = scheme}).value();
        std::cout << "/" << name << '\t' << key_of(plain) << '\n';
        auto const rotated =
            api.webhooks().create({.url = url + "/rotated-" + name, .events = {"text.*"}, .scheme = scheme}).value();
        auto const again = api.webhooks().rotate({.id = rotated.id}).value();
        std::cout << "/rotated-" << name << '\t' << key_of(rotated) << '\t' << key_of(again) << '\n';
    }
    std::vector<std::string> const texts{"",
                                         "plain",
                                         "\"quotes\" and \\ and /",
                                         "gr\u00fc\u00df dich, \u4e16\u754c",
                                         "\U0001F980",
                                         "line\nand\ttab\r\n",
                                         "\u2028\u2029\ufeff",
                                         "</script>",
                                         std::string(100'000, 'x')};
    for (auto const& text : texts) api.call<nexpo::Empty>("texts.say", Text{text}).value();
    auto const attempts = backend.work({}).value();
    return attempts == static_cast<std::int64_t>(4 * texts.size()) ? 0 : 1;
}
