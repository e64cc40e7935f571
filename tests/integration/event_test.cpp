// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "integration/database.hpp"
#include "integration/notes.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TestBackend;

/// Longer than any event takes.
constexpr auto kLong = 20s;

Api acme(TestBackend const& test) {
    return test.backend.as_system("acme");
}

void add(Api const& api, std::string text) {
    api.call<Note>("notes.add", AddNote{.text = std::move(text)}).value();
}

std::string text_of(Event const& event) {
    auto const* text = event.payload.find("text");
    return text != nullptr && text->if_string() != nullptr ? *text->if_string() : event.name;
}

/// The next `count` events.
std::vector<Event> take(Subscription const& subscription, std::size_t count) {
    std::vector<Event> events;
    while (events.size() < count) {
        auto event = subscription.next(kLong).value();
        if (!event) break;
        events.push_back(std::move(*event));
    }
    return events;
}

std::vector<std::string> texts(std::vector<Event> const& events) {
    std::vector<std::string> all;
    for (auto const& event : events) all.push_back(text_of(event));
    return all;
}

struct EventsBackend : TestBackend {
    explicit EventsBackend(void (*adjust)(Config&) = add_notes) : TestBackend(adjust) { add(acme(*this), "before"); }
    Subscription subscribe(SubscribeEvents const& input = {}) const {
        return acme(*this).events().subscribe(input).value();
    }
};

TEST(LiveEvents, ComeOnceAndInOrder) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    EXPECT_FALSE(subscription.try_next().value()) << "what was before is not live";
    for (auto const* text : {"a", "b", "c"}) add(acme(test), text);
    auto const events = take(subscription, 3);
    EXPECT_THAT(texts(events), ElementsAre("a", "b", "c"));
    EXPECT_EQ(events[0].name, "note.added");
    EXPECT_TRUE(is_id(events[0].id, "evt"));
    EXPECT_TRUE(is_id(events[0].organization_id, "org"));
    EXPECT_EQ(events[0].created_at, test.clock->now());
    EXPECT_TRUE(is_id(events[0].request_id, "req"));
    EXPECT_FALSE(subscription.try_next().value());
}

TEST(LiveEvents, OfACallThatFailsDoNotCome) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    EXPECT_FALSE(acme(test).call<Note>("notes.add", AddNote{.text = "undeclared"}));
    add(acme(test), "after");
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("after"));
}

TEST(LiveEvents, GoOnBehindAnEvent) {
    EventsBackend const test;
    auto const first = test.subscribe();
    for (auto const* text : {"a", "b", "c"}) add(acme(test), text);
    auto const events = take(first, 3);
    auto const again = test.subscribe({.after = events[0].id});
    EXPECT_THAT(texts(take(again, 2)), ElementsAre("b", "c"));
    add(acme(test), "d");
    EXPECT_THAT(texts(take(again, 1)), ElementsAre("d"));
    EXPECT_THAT(texts(take(first, 1)), ElementsAre("d"));
    EXPECT_FALSE(again.try_next().value());
}

TEST(LiveEvents, GoOnFromFarBehind) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    add(acme(test), "first");
    auto const first = take(subscription, 1).front();
    std::vector<std::string> written;
    for (int i = 0; i < 1'500; ++i) add(acme(test), written.emplace_back(std::to_string(i)));
    EXPECT_EQ(texts(take(test.subscribe({.after = first.id}), written.size())), written);
    EXPECT_EQ(texts(take(subscription, written.size())), written) << "one that nobody read from meanwhile";
}

TEST(LiveEvents, ReachWhatStandsBehindManyEventsOfOthers) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    add(acme(test), "first");
    auto const first = take(subscription, 1).front();
    Database(test).write([&](Transaction& tx) -> Result<void> {
        auto added = tx.execute(
            "INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at)"
            " {{sqlite WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)}}"
            " SELECT 'evt_' || n, 'org_other', 'note.added', $2, 'req_1', $3"
            " FROM {{sqlite numbers}}{{postgresql generate_series(1, $1) AS numbers (n)}}",
            {std::int64_t{130'000}, JsonText{"{}"}, test.clock->now()});
        if (!added) return std::move(added).error();
        return {};
    });
    add(acme(test), "last");
    EXPECT_THAT(texts(take(test.subscribe({.after = first.id}), 1)), ElementsAre("last"));
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("last"));
}

TEST(LiveEvents, AreThoseAskedFor) {
    EventsBackend const test;
    auto const all = test.subscribe({.events = {"*"}});
    auto const users = test.subscribe({.events = {"user.*"}});
    auto const notes = test.subscribe({.events = {"user.removed", "note.added"}});
    add(acme(test), "a");
    acme(test).users().create({.email = "ada@example.com"}).value();
    add(acme(test), "b");
    EXPECT_THAT(texts(take(all, 3)), ElementsAre("a", "user.created", "b"));
    EXPECT_THAT(texts(take(users, 1)), ElementsAre("user.created"));
    EXPECT_FALSE(users.try_next().value());
    EXPECT_THAT(texts(take(notes, 2)), ElementsAre("a", "b"));

    auto const refused = acme(test).events().subscribe({.events = {"user.*", "usr.*", "user.creatd", ""}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    ASSERT_THAT(refused.error().violations, SizeIs(3));
    EXPECT_EQ(refused.error().violations[0].field, "/events/1");
}

TEST(LiveEvents, AreThoseOfTheOrganization) {
    EventsBackend const test;
    add(test.backend.as_system("other"), "theirs");
    auto const subscription = test.subscribe();
    auto const others = test.backend.as_system("other").events().subscribe({}).value();
    add(test.backend.as_system("other"), "their secret");
    add(acme(test), "ours");
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("ours"));
    auto const theirs = take(others, 1);
    EXPECT_THAT(texts(theirs), ElementsAre("their secret"));
    EXPECT_FALSE(subscription.try_next().value());
    // Not even by the id of one of theirs.
    auto const stolen = acme(test).events().subscribe({.after = theirs[0].id});
    ASSERT_FALSE(stolen);
    EXPECT_EQ(stolen.error().code, Errc::not_found);
    EXPECT_EQ(stolen.error().reason, "event_not_found");
    auto const unknown = test.backend.as_system("nobody").events().subscribe({});
    EXPECT_EQ(unknown.error().reason, "organization_not_found");
}

TEST(LiveEvents, RefuseAPlaceThatIsNotKept) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    add(acme(test), "a");
    auto const old = take(subscription, 1).front();
    for (auto const* id : {"evt_", "nonsense", "usr_01h455vb4pex5vsknk084sn02q"}) {
        EXPECT_EQ(acme(test).events().subscribe({.after = id}).error().code, Errc::invalid_argument) << id;
    }
    auto const unknown = make_id("evt", test.clock->now(), *system_random());
    EXPECT_EQ(acme(test).events().subscribe({.after = unknown}).error().reason, "event_not_found");
    test.clock->advance(24h * 7 + 1s);
    auto const refused = acme(test).events().subscribe({.after = old.id});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::out_of_range);
    EXPECT_EQ(refused.error().reason, "event_too_old");
}

TEST(LiveEvents, ComeAlthoughOldOnesAreForgotten) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    for (int i = 0; i < 3; ++i) {
        test.clock->advance(24h * 8);
        auto const text = std::to_string(i);
        add(acme(test), text);
        EXPECT_THAT(texts(take(subscription, 1)), ElementsAre(text));
    }
}

TEST(LiveEvents, TellWhenThereIsSomething) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    auto const rings = std::make_shared<std::atomic<int>>(0);
    auto const rung = std::make_shared<std::promise<void>>();
    EXPECT_FALSE(subscription.try_next().value());
    subscription.on_ready([rings, rung] {
        if (++*rings == 1) rung->set_value();
    });
    EXPECT_EQ(*rings, 0);
    add(acme(test), "a");
    ASSERT_EQ(rung->get_future().wait_for(kLong), std::future_status::ready);
    add(acme(test), "b");
    EXPECT_THAT(texts(take(subscription, 2)), ElementsAre("a", "b"));
    EXPECT_LE(*rings, 2);
    subscription.on_ready({});

    EXPECT_FALSE(subscription.try_next().value());
    bool ended = false;
    subscription.on_ready([&ended] { ended = true; });
    subscription.close();
    EXPECT_TRUE(ended);
    EXPECT_EQ(subscription.next(kLong).error().reason, "closed");
}

TEST(LiveEvents, EndWaitingWhenAskedTo) {
    EventsBackend const test;
    auto const subscription = test.subscribe();
    EXPECT_FALSE(subscription.next(1ms).value());
    EXPECT_FALSE(subscription.next(-1h).value());

    std::stop_source stop;
    auto const stopped = acme(test).with({.stop = stop.get_token()}).events().subscribe({}).value();
    auto waiting = std::async(std::launch::async, [&] { return stopped.next(kLong).value().has_value(); });
    stop.request_stop();
    EXPECT_FALSE(waiting.get());

    auto closing = std::async(std::launch::async, [&] { return subscription.next(kLong).error().reason; });
    test.backend.close();
    EXPECT_EQ(closing.get(), "closed");
    EXPECT_EQ(subscription.try_next().error().code, Errc::unavailable);
    EXPECT_EQ(acme(test).events().subscribe({}).error().reason, "closed");
}

TEST(LiveEvents, OutliveTheHandlesTheyCameFrom) {
    std::optional<Subscription> subscription;
    {
        EventsBackend const test;
        subscription = test.subscribe();
        add(acme(test), "a");
    }
    // The test's own handles are gone, and with them the database's file, but not the backend.
    auto const next = subscription->next(1ms);
    EXPECT_TRUE(next || next.error().code == Errc::unavailable);
}

TEST(LiveEvents, EndWithTheRightToReadThem) {
    EventsBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const api = test.as(ada);
    auto const subscription = api.events().subscribe({}).value();
    add(api, "a");
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("a"));
    // An event that was committed before the end of the session is not delivered after it.
    add(api, "b");
    api.auth().logout().value();
    test.clock->advance(1s);
    auto const ended = subscription.next(kLong);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::unauthenticated);
    EXPECT_EQ(ended.error().reason, "session_ended");
    EXPECT_EQ(subscription.try_next().error().reason, "session_ended") << "for good";
}

TEST(LiveEvents, EndWithinASecondAlthoughNothingHappens) {
    EventsBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const subscription = test.as(ada).events().subscribe({}).value();
    EXPECT_FALSE(subscription.try_next().value());
    auto waiting = std::async(std::launch::async, [&] { return subscription.next(kLong); });
    test.as(ada).auth().logout().value();
    auto const begin = std::chrono::steady_clock::now();
    EXPECT_EQ(waiting.get().error().reason, "session_ended");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(LiveEvents, EndWithTheToken) {
    EventsBackend const test;
    auto const subscription = test.as(test.sign_up("ada@example.com")).events().subscribe({}).value();
    test.clock->advance(24h);
    EXPECT_EQ(subscription.next(kLong).error().reason, "token_expired");
}

/// A member whom the owner may change, and the owner.
struct Member {
    explicit Member(TestBackend const& test)
        : owner(test.as(test.sign_up("owner@example.com"))),
          user(owner.users()
                   .create({.email = "member@example.com", .role = Role::member, .password = Secret("correct horse")})
                   .value()),
          api(test.as(test.backend.as_anonymous()
                          .auth()
                          .login({.email = "member@example.com", .password = "correct horse"})
                          .value())) {}

    Api owner;
    User user;
    Api api;
};

TEST(LiveEvents, EndForAMemberWhoIsRemoved) {
    EventsBackend const test;
    Member const member(test);
    auto const subscription = member.api.events().subscribe({}).value();
    add(member.owner, "a");
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("a"));
    member.owner.users().remove({.id = member.user.id}).value();
    auto const ended = subscription.next(kLong);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::unauthenticated);
}

TEST(LiveEvents, AskForAPermission) {
    EventsBackend const test([](Config& config) {
        add_notes(config);
        config.operations.grant("guest", "notes:read");
    });
    auto const organization = take(test.subscribe({.after = std::nullopt}), 0);
    Caller caller{.kind = CallerKind::account,
                  .account_id = "acc_1",
                  .user_id = "usr_1",
                  .organization_id = "org_1",
                  .role = "guest"};
    auto const refused = test.backend.as(caller).events().subscribe({});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::permission_denied);
    EXPECT_EQ(test.backend.as_anonymous().events().subscribe({}).error().reason, "sign_in_required");
}

TEST(LiveEvents, LeaveOutWhatAKeyMayNotSee) {
    EventsBackend const test;
    auto const owner = test.as(test.sign_up("owner@example.com"));
    auto const key = owner.api_keys().create({.name = "reader", .scopes = {"events:read"}}).value();
    auto const program = test.backend.authenticate(key.secret).value();
    auto const subscription = program.events().subscribe({}).value();
    owner.users().create({.email = "ada@example.com"}).value();
    owner.api_keys().create({.name = "other", .scopes = {"events:read"}}).value();
    add(owner, "a");
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("a"));
    for (auto const* event : {"user.created", "api_key.created", "api_key.rotated", "api_key.removed"}) {
        auto const refused = program.events().subscribe({.events = {event}});
        ASSERT_FALSE(refused) << event;
        EXPECT_EQ(refused.error().code, Errc::permission_denied) << event;
    }
    EXPECT_TRUE(program.events().subscribe({.events = {"user.*"}}));

    owner.api_keys().remove({.id = key.id}).value();
    test.clock->advance(1s);
    EXPECT_EQ(subscription.next(kLong).error().reason, "api_key_invalid");
}

TEST(LiveEvents, AreLimitedPerCaller) {
    EventsBackend const test([](Config& config) {
        add_notes(config);
        config.limits.streams_per_caller = 2;
        config.limits.streams = 3;
    });
    auto const ada = test.as(test.sign_up("ada@example.com"));
    auto const grace = test.as(test.sign_up("grace@example.com"));
    std::optional<Subscription> one = ada.events().subscribe({}).value();
    auto const two = ada.events().subscribe({}).value();
    auto const refused = ada.events().subscribe({});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::resource_exhausted);
    EXPECT_EQ(refused.error().reason, "too_many_streams");
    auto const hers = grace.events().subscribe({}).value();
    EXPECT_EQ(grace.events().subscribe({}).error().reason, "too_many_streams") << "the process has enough";
    auto const system = test.subscribe();
    one.reset();
    EXPECT_FALSE(grace.events().subscribe({}));
    EXPECT_THAT(test.backend.metrics(), ::testing::HasSubstr("nexpo_event_subscriptions 3"));
}

TEST(LiveEvents, AreNoAnswerOfAnOrdinaryCall) {
    EventsBackend const test;
    EXPECT_EQ(acme(test).invoke("events.subscribe", Json(Json::Object{})).error().reason, "stream_operation");
    auto const called = acme(test).call<Event>("events.subscribe", SubscribeEvents{});
    EXPECT_EQ(called.error().reason, "stream_operation");
}

TEST(LiveEvents, CanBeReadWithoutAThread) {
    EventsBackend const test([](Config& config) {
        add_notes(config);
        config.threads.events = false;
    });
    auto const subscription = test.subscribe();
    EXPECT_FALSE(subscription.try_next().value());
    add(acme(test), "a");
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("a"));
    EXPECT_FALSE(subscription.next(1ms).value());
}

TEST(LiveEvents, CrossFromOneProcessToAnother) {
    EventsBackend const test;
    auto const other = Backend::open(test.config(add_notes)).value();
    auto const subscription = other.as_system("acme").events().subscribe({}).value();
    add(acme(test), "a");
    EXPECT_THAT(texts(take(subscription, 1)), ElementsAre("a"));

    // A session that ends here ends its subscription there.
    auto const ada = test.sign_up("ada@example.com");
    auto const hers = other.authenticate(Secret(ada.access_token)).value().events().subscribe({}).value();
    test.as(ada).auth().logout().value();
    test.clock->advance(1s);
    EXPECT_EQ(hers.next(kLong).error().reason, "session_ended");
}

/// Writers and readers at once, and readers that are cut off and go on.
TEST(LiveEventsConcurrency, EverySubscriptionGetsAllInOneOrder) {
    EventsBackend const test;
    auto const other = Backend::open(test.config(add_notes)).value();
    constexpr std::size_t kWriters = 6;
    constexpr std::size_t kEach = 60;
    auto const from = test.subscribe();
    add(acme(test), "start");
    auto const start = take(from, 1).front().id;

    std::vector<std::future<std::vector<std::string>>> readers;
    for (int number = 0; number < 4; ++number) {
        readers.push_back(std::async(std::launch::async, [&, number] {
            auto const& backend = number % 2 == 0 ? test.backend : other;
            std::vector<std::string> ids;
            auto after = start;
            std::size_t const steps = number < 2 ? kWriters * kEach : static_cast<std::size_t>(7 * number);
            while (ids.size() < kWriters * kEach) {
                auto const subscription = backend.as_system("acme").events().subscribe({.after = after}).value();
                for (auto const& event : take(subscription, std::min(steps, kWriters * kEach - ids.size()))) {
                    ids.push_back(event.id);
                    after = event.id;
                }
            }
            return ids;
        }));
    }
    std::vector<std::thread> writers;
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            auto const& backend = writer % 2 == 0 ? test.backend : other;
            for (std::size_t i = 0; i < kEach; ++i) {
                add(backend.as_system("acme"), std::to_string(writer) + "/" + std::to_string(i));
            }
        });
    }
    for (auto& writer : writers) writer.join();
    auto const first = readers[0].get();
    EXPECT_EQ(std::set(first.begin(), first.end()).size(), kWriters * kEach);
    for (std::size_t i = 1; i < readers.size(); ++i) EXPECT_EQ(readers[i].get(), first) << i;
}

}  // namespace
}  // namespace nexpo
