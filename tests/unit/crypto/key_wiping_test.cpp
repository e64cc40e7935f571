// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it looks at every block of memory that is freed.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/sealer.hpp"

namespace {

/// While there is a text: how many of the blocks that are freed hold it.
std::string_view wanted;
int found = 0;

void free_block(void* place) noexcept {
    if (place != nullptr && !wanted.empty()) {
        std::string_view const block(static_cast<char const*>(place), malloc_usable_size(place));
        if (block.find(wanted) != block.npos) ++found;
    }
    std::free(place);
}

}  // namespace

void* operator new(std::size_t size) {
    if (void* const place = std::malloc(size)) return place;
    throw std::bad_alloc();
}

void operator delete(void* place) noexcept {
    free_block(place);
}

void operator delete(void* place, std::size_t) noexcept {
    free_block(place);
}

namespace nexpo::crypto {
namespace {

/// How many blocks are freed with the piece in them while the text is read as a key.
int left_behind(std::string_view text, std::string_view piece) {
    found = 0;
    wanted = piece;
    static_cast<void>(key_from_text(text));
    static_cast<void>(keys_from_text(text));
    wanted = {};
    return found;
}

TEST(KeyWiping, FindsWhatIsLeft) {
    std::string const piece = "a text that is nowhere else";
    found = 0;
    wanted = piece;
    {
        std::string const left = piece + '!';
        EXPECT_NE(left, piece);
    }
    wanted = {};
    EXPECT_GT(found, 0);
}

TEST(KeyWiping, LeavesNothingOfAKey) {
    std::string const bytes("0123456789abcdefghijk\xff\xef\xfe\xfb\xff\xfe\xfemnop");
    ASSERT_EQ(bytes.size(), 32u);
    auto const url = base::base64url_encode(bytes);
    auto const standard = base::base64_encode(bytes);
    auto const hex = base::hex_encode(std::as_bytes(std::span(bytes)));
    ASSERT_NE(standard.find_first_of("+/"), standard.npos);
    for (auto const& text :
         {url, url + "=", standard, standard.substr(0, 43), hex,
          // none of which is a key
          url.substr(0, 42), url.substr(0, 42) + '!', standard.substr(0, 42) + '_', standard.substr(0, 42) + '!',
          standard.substr(0, 40), hex.substr(0, 63) + 'g', url + "A"}) {
        EXPECT_EQ(left_behind(text, text.substr(4, 12)), 0) << text << " as text";
        EXPECT_EQ(left_behind(text, bytes.substr(3, 9)), 0) << text << " as bytes";
    }
}

}  // namespace
}  // namespace nexpo::crypto
