// SPDX-License-Identifier: Apache-2.0
#include "nexpo/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <new>
#include <sstream>
#include <string>
#include <type_traits>

#include "base/wipe.hpp"

namespace nexpo {
namespace {

constexpr char const* kShort = "hunter2hunter2";  // fits into std::string's own buffer
constexpr char const* kLong = "correct horse battery staple, and then some more of it";

/// A place for a secret whose bytes can be looked at.
struct Place {
    alignas(Secret) std::array<char, sizeof(Secret)> bytes{};

    template <class... A>
    Secret& make(A&&... arguments) {
        return *new (bytes.data()) Secret(std::forward<A>(arguments)...);
    }
    bool contains(std::string_view text) const {
        return std::string_view(bytes.data(), bytes.size()).find(text) != std::string_view::npos;
    }
};

template <class T>
concept Printable = requires(std::ostream& out, T const& value) { out << value; };

static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);

TEST(Secret, LeavesNoShortTextWhereItWasMovedFrom) {
    Place place;
    Secret& source = place.make(kShort);
    EXPECT_TRUE(place.contains("hunter2"));
    Secret const target(std::move(source));
    EXPECT_EQ(target.reveal(), kShort);
    EXPECT_TRUE(source.empty());
    EXPECT_FALSE(place.contains("unter2"));
    source.~Secret();
}

TEST(Secret, LeavesNoShortTextWhereItWasMoveAssignedFrom) {
    Place place;
    Secret& source = place.make(kShort);
    Secret target(kLong);
    target = std::move(source);
    EXPECT_EQ(target.reveal(), kShort);
    EXPECT_FALSE(place.contains("unter2"));
    source.~Secret();
}

TEST(Secret, LeavesNoShortTextWhereItWasDestroyedOrOverwritten) {
    Place place;
    place.make(kShort).~Secret();
    EXPECT_FALSE(place.contains("unter2"));
    Secret& secret = place.make(kShort);
    secret = Secret("x");
    EXPECT_FALSE(place.contains("unter2"));
    secret.~Secret();
}

TEST(Secret, CopiesAndComparesByText) {
    for (char const* text : {kShort, kLong, ""}) {
        Secret const first(text);
        Secret second = first;
        EXPECT_EQ(second, first);
        EXPECT_EQ(second.reveal(), text);
        Secret const& alias = second;
        second = alias;
        EXPECT_EQ(second, first);
        EXPECT_NE(second, Secret(std::string(text) + "x"));
    }
    EXPECT_NE(Secret("abcd"), Secret("abce"));
    EXPECT_NE(Secret("abcd"), Secret("xbcd"));
    EXPECT_EQ(Secret(), Secret(""));
}

TEST(Wipe, ClearsTheWholeBuffer) {
    std::string text(100, 'x');
    char const* const buffer = text.data();
    text.assign("short");
    base::wipe(text);
    EXPECT_TRUE(text.empty());
    for (std::size_t i = 0; i < 100; ++i) ASSERT_EQ(buffer[i], '\0') << i;
}

}  // namespace
}  // namespace nexpo
