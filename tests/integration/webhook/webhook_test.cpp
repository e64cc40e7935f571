// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/database.hpp"
#include "integration/webhook/sink.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing::WebhookBackend;
using testing::WebhookSink;
using testing::WebhookVerifier;

std::vector<std::string> rules(Error const& error) {
    std::vector<std::string> found;
    for (auto const& violation : error.violations) found.push_back(violation.field + "=" + violation.rule);
    return found;
}

TEST(Webhooks, AreMadeShownChangedAndRemoved) {
    WebhookBackend const test;
    auto const made = test.create({.url = "http://127.0.0.1:9/a", .description = "crm", .events = {"user.*"}});
    EXPECT_TRUE(is_id(made.id, "whe"));
    ASSERT_TRUE(made.secret);
    EXPECT_THAT(*made.secret, ::testing::StartsWith("whsec_"));
    EXPECT_FALSE(made.public_key);

    auto const shown = test.webhook(made.id);
    EXPECT_EQ(shown.url, "http://127.0.0.1:9/a");
    EXPECT_THAT(shown.events, ElementsAre("user.*"));
    EXPECT_TRUE(shown.enabled);
    EXPECT_EQ(shown.created_by, "system");

    auto const changed = test.webhooks().update({.id = made.id,
                                                 .url = std::string("http://127.0.0.1:9/b"),
                                                 .description = nullptr,
                                                 .events = nullptr,
                                                 .ordered = true});
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->url, "http://127.0.0.1:9/b");
    EXPECT_EQ(changed->description, "");
    EXPECT_THAT(changed->events, IsEmpty());
    EXPECT_TRUE(changed->ordered);
    EXPECT_EQ(changed->version, 2);
    auto const stale = test.acme().with({.if_version = 1}).webhooks().remove({.id = made.id});
    EXPECT_EQ(stale.error().reason, "version_mismatch");
    EXPECT_EQ(test.webhooks().update({.id = made.id, .url = nullptr}).error().reason, "validation_failed");

    ASSERT_TRUE(test.webhooks().remove({.id = made.id}));
    EXPECT_EQ(test.webhooks().get({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_THAT(test.webhooks().list({})->items, IsEmpty());
}

TEST(Webhooks, AreListedPageByPageAndLimited) {
    WebhookBackend const test([](Config& config) { config.notification.webhooks_per_organization = 3; });
    for (int i = 0; i < 3; ++i) {
        test.advance(1ms);
        test.create({.url = "http://127.0.0.1:9/" + std::to_string(i)});
    }
    EXPECT_EQ(test.webhooks().create({.url = "http://127.0.0.1:9/3"}).error().reason, "too_many_webhooks");
    auto const first = test.webhooks().list({.limit = 2}).value();
    ASSERT_THAT(first.items, SizeIs(2));
    auto const second = test.webhooks().list({.limit = 2, .cursor = first.next}).value();
    ASSERT_THAT(second.items, SizeIs(1));
    EXPECT_EQ(second.items[0].url, "http://127.0.0.1:9/2");
    EXPECT_FALSE(second.next);
}

TEST(Webhooks, HaveUrlsThatMayBeReached) {
    WebhookBackend const test([](Config& config) {
        config.notification.allow_http = false;
        config.outbound.allowed_networks = {};
    });
    struct Case {
        char const* url;
        char const* rule;
    };
    // Standard Webhooks, "Server side request forgery"; forms of addresses as browsers and libcurl read them.
    for (auto const& [url, rule] : std::initializer_list<Case>{{"", "required"},
                                                               {"hooks.example.com", "url"},
                                                               {"ftp://hooks.example.com", "url"},
                                                               {"https://user:password@hooks.example.com", "url"},
                                                               {"https://user@hooks.example.com", "url"},
                                                               {"https://", "url"},
                                                               {"https:///path", "url"},
                                                               {"https://a b.example.com", "url"},
                                                               {"http://hooks.example.com", "https"},
                                                               {"https://127.0.0.1/", "address"},
                                                               {"https://127.1/", "address"},
                                                               {"https://2130706433/", "address"},
                                                               {"https://0x7f.1/", "address"},
                                                               {"https://0177.0.0.1/", "address"},
                                                               {"https://0.0.0.0/", "address"},
                                                               {"https://169.254.169.254/latest/meta-data", "address"},
                                                               {"https://10.0.0.1/", "address"},
                                                               {"https://192.168.1.1/", "address"},
                                                               {"https://[::1]/", "address"},
                                                               {"https://[::ffff:127.0.0.1]/", "address"},
                                                               {"https://[fd00::1]/", "address"},
                                                               {"https://[fe80::1]/", "address"},
                                                               {"https://[64:ff9b::7f00:1]/", "address"}}) {
        auto const refused = test.webhooks().create({.url = url});
        ASSERT_FALSE(refused) << url;
        EXPECT_THAT(rules(refused.error()), ElementsAre(std::string("/url=") + rule)) << url;
        EXPECT_THAT(refused.error().violations[0].message, Not(HasSubstr("example.com"))) << "what was sent";
    }
    EXPECT_TRUE(test.webhooks().create({.url = "https://hooks.example.com/a?b=c"}));
    EXPECT_TRUE(test.webhooks().create({.url = "https://8.8.8.8/"}));
}

TEST(Webhooks, HaveFiltersOfAKnownForm) {
    WebhookBackend const test;
    auto const refused = test.webhooks().create(
        {.url = "http://127.0.0.1:9/",
         .events = {"user.created", "*", "user", "user.*.x", ".a", "user..x", "user.cr eated", "a.b.*"}});
    EXPECT_THAT(rules(refused.error()), ElementsAre("/events/1=format", "/events/2=format", "/events/3=format",
                                                    "/events/4=format", "/events/5=format", "/events/6=format"));
}

TEST(Webhooks, AreForWhoeverManagesThem) {
    WebhookBackend const test;
    auto const made = test.create({.url = "http://127.0.0.1:9/"});
    for (auto const* role : {"owner", "admin", "member", "viewer"}) {
        auto const api = test.backend.as({.kind = CallerKind::account,
                                          .account_id = "acc_1",
                                          .user_id = "usr_1",
                                          .organization_id = made.organization_id,
                                          .role = role});
        bool const may = std::string_view(role) == "owner" || std::string_view(role) == "admin";
        EXPECT_EQ(api.webhooks().get({.id = made.id}).has_value(), may) << role;
        EXPECT_EQ(api.webhooks().test({.id = made.id}).has_value(), may) << role;
        EXPECT_EQ(api.events().subscribe({.events = {"webhook.created"}}).has_value(), may) << role;
        EXPECT_EQ(api.events().subscribe({.events = {"webhook.disabled"}}).has_value(), may) << role;
    }
}

TEST(Webhooks, OfOthersAreInvisible) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url()});
    auto const delivery = test.webhooks().test({.id = made.id}).value();
    auto const other = test.backend.as_system("other");
    ASSERT_TRUE(other.users().create({.email = "x@example.com"}));
    auto const theirs = other.webhooks();
    EXPECT_EQ(theirs.get({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.update({.id = made.id, .ordered = true}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.remove({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.enable({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.disable({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.rotate({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.test({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.deliveries({.id = made.id}).error().reason, "webhook_not_found");
    EXPECT_EQ(theirs.replay({.id = made.id, .delivery_id = delivery.id}).error().reason, "webhook_not_found");
    auto const own = theirs.create({.url = sink.url("/theirs")}).value();
    EXPECT_EQ(theirs.replay({.id = own.id, .delivery_id = delivery.id}).error().reason, "delivery_not_found");
    EXPECT_THAT(theirs.deliveries({.id = own.id})->items, SizeIs(1)) << "its own webhook.created";
    test.work();
    sink.take();

    ASSERT_TRUE(other.users().create({.email = "y@example.com"}));
    test.work();
    auto const received = sink.take();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].target, "/theirs");
}

TEST(Webhooks, KeepTheirSecretsToThemselves) {
    WebhookSink sink;
    sink.answer({.status = 500, .body = "whatever"});
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url("/hook?token=in-the-url")});
    auto const secret = *made.secret;
    test.emit("ada");
    test.work();
    Database const database(test.test);
    auto const stored = database.rows<Bytes>("SELECT secret FROM webhooks").front();
    std::string const sealed(stored.begin(), stored.end());
    EXPECT_THAT(sealed, Not(HasSubstr(secret)));
    EXPECT_THAT(sealed, Not(HasSubstr(base::base64_decode(secret.substr(6)).value())));
    for (auto const& row :
         database.rows<std::string>("SELECT CAST(payload AS text) || coalesce(cause_message, '') FROM jobs")) {
        EXPECT_THAT(row, Not(HasSubstr("in-the-url")));
        EXPECT_THAT(row, Not(HasSubstr(secret)));
    }
    for (auto const& row : database.rows<std::string>("SELECT CAST(payload AS text) FROM outbox_events")) {
        EXPECT_THAT(row, Not(HasSubstr("in-the-url")));
    }
    EXPECT_FALSE(test.test.log->contains("in-the-url"));
    EXPECT_FALSE(test.test.log->contains(secret));
}

TEST(Webhooks, AreSealedAnewWithEverythingElse) {
    WebhookSink sink;
    WebhookBackend const test([](Config& config) { config.sealing_key = Secret(std::string(64, '1')); });
    auto const made = test.create({.url = sink.url()});
    ASSERT_TRUE(test.webhooks().rotate({.id = made.id}));
    auto const other = test.open([](Config& config) {
        config.sealing_key = Secret(std::string(64, '2'));
        config.sealing_keys_old = Secret(std::string(64, '1'));
    });
    ASSERT_GE(other.reseal().value().count, 1);
    auto const last = test.open([](Config& config) { config.sealing_key = Secret(std::string(64, '2')); });
    ASSERT_TRUE(last.as_system("acme").webhooks().test({.id = made.id}));
    ASSERT_GE(last.work({}).value(), 1);
    auto const received = sink.take();
    ASSERT_FALSE(received.empty());
    EXPECT_TRUE(test.accepts(WebhookVerifier(*made.secret), received.back())) << "by the old secret";
}

TEST(Webhooks, RotateWithAnOverlap) {
    WebhookSink sink;
    WebhookBackend const test;
    for (auto const scheme : {WebhookScheme::v1, WebhookScheme::v1a}) {
        auto const key_of = [](NewWebhook const& webhook) {
            return webhook.secret ? *webhook.secret : *webhook.public_key;
        };
        auto const made = test.create({.url = sink.url(), .scheme = scheme});
        auto const rotated = test.webhooks().rotate({.id = made.id}).value();
        EXPECT_NE(key_of(rotated), key_of(made));
        EXPECT_EQ(rotated.old_secret_expires_at, test.test.clock->now() + 24h);
        EXPECT_EQ(test.webhooks().rotate({.id = made.id}).error().reason, "rotation_under_way");
        WebhookVerifier const old_key(key_of(made));
        WebhookVerifier const new_key(key_of(rotated));
        auto const ping = [&] {
            test.work();
            sink.take();
            EXPECT_TRUE(test.webhooks().test({.id = made.id}));
            test.work();
            return sink.take().at(0);
        };
        auto message = ping();
        EXPECT_TRUE(test.accepts(old_key, message));
        EXPECT_TRUE(test.accepts(new_key, message));
        test.advance(24h);
        message = ping();
        EXPECT_FALSE(test.accepts(old_key, message));
        EXPECT_TRUE(test.accepts(new_key, message));

        auto const at_once = test.webhooks().rotate({.id = made.id, .old_valid_seconds = 0}).value();
        message = ping();
        EXPECT_FALSE(test.accepts(new_key, message));
        EXPECT_TRUE(test.accepts(WebhookVerifier(key_of(at_once)), message));
        ASSERT_TRUE(test.webhooks().remove({.id = made.id}));
        test.work();
        sink.take();
    }
}

}  // namespace
}  // namespace nexpo
