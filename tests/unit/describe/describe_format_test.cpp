// SPDX-License-Identifier: Apache-2.0
#include "describe/format.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo {
namespace {

void expect_good(Format format, std::initializer_list<std::string> texts) {
    for (auto const& text : texts) EXPECT_EQ(describe::broken_format(format, text), nullptr) << text;
}

void expect_bad(Format format, std::initializer_list<std::string> texts) {
    for (auto const& text : texts) EXPECT_NE(describe::broken_format(format, text), nullptr) << text;
}

TEST(TextFormat, NoneTakesEverything) {
    expect_good(Format::none, {"", "\xff", "anything"});
}

TEST(TextFormat, EmailIsWhatBrowsersAccept) {
    std::string const label(63, 'a');
    expect_good(Format::email, {"a@b", "ada@example.com", "a.b+c@sub.example.co", "!#$%&'*+/=?^_`{|}~-@x", "a..b@x",
                                ".a@x", "1@2", "a@1-2.x", std::string(64, 'a') + "@x", "a@" + label + "." + label});
    expect_bad(Format::email, {"",
                               "a",
                               "@",
                               "a@",
                               "@b",
                               "a@b@c",
                               "a b@c",
                               "a@b c",
                               "a@-b",
                               "a@b-",
                               "a@b..c",
                               "a@.b",
                               "a@b.",
                               "a@b_c",
                               "\"a\"@b",
                               "a@[127.0.0.1]",
                               "a\xc3\xa4@b",
                               "a@b\xc3\xa4",
                               "a@b\n",
                               " a@b",
                               "a,b@c",
                               "a(b)@c",
                               std::string("a@b\0", 4),
                               std::string(65, 'a') + "@x",
                               "a@" + label + "a",
                               "a@" + label + "." + label + "." + label + "." + label});
}

TEST(TextFormat, UriIsAbsoluteWithAHost) {
    expect_good(Format::uri, {"https://example.com", "http://a", "HTTP://A/b?c=d&e#f", "a+b-c.1://x",
                              "https://u:p@h:1/", "https://[::1]:8080/x", "https://h/%C3%A4", "https://h?q",
                              "https://h#f", "https://1.2.3.4", "myapp://callback"});
    expect_bad(Format::uri, {"",
                             "example.com",
                             "/path",
                             "://x",
                             "https:",
                             "https://",
                             "https:///x",
                             "https://?q",
                             "https://#f",
                             "https:/x",
                             "1a://x",
                             "h ttp://x",
                             "https://a b",
                             "https://a\"b",
                             "https://a<b",
                             "https://a\\b",
                             "https://a`b",
                             "https://a{b}",
                             "https://a|b",
                             "https://a^b",
                             "https://\xc3\xa4",
                             "https://a\n",
                             "https://:80",
                             "https://:80/x",
                             "https://u@",
                             "https://u@/x",
                             "https://u@:80",
                             "https://h/%",
                             "https://h/%4",
                             "https://h/%zz",
                             "javascript:alert(1)",
                             "mailto:a@b",
                             "https://h/" + std::string(2048, 'a'),
                             std::string("https://h\0", 10)});
}

TEST(TextFormat, SlugIsLowerCaseWithInnerHyphens) {
    expect_good(Format::slug, {"a", "acme", "acme-corp", "a1", "a-1", "a--b", std::string(63, 'a')});
    expect_bad(Format::slug, {"", "A", "1a", "-a", "a-", "a_b", "a b", "a.b", "\xc3\xa4", "a\n", std::string(64, 'a')});
}

TEST(TextFormat, PhoneIsE164) {
    expect_good(Format::phone, {"+1234567", "+4930123456", "+123456789012345"});
    expect_bad(Format::phone, {"", "+", "4930123456", "+123456", "+1234567890123456", "+0123456789", "+49 30 123456",
                               "+49-30123456", "+49a0123456", "++4930123456", "+4930123456\n"});
}

TEST(TextFormat, CurrencyHasThreeCapitals) {
    expect_good(Format::currency, {"EUR", "JPY", "XXX"});
    expect_bad(Format::currency, {"", "EU", "EURO", "eur", "EuR", "E1R", "E R", "\xc3\x84R"});
}

TEST(TextFormat, LineHasNoControlCharacters) {
    expect_good(Format::line, {"", " ", "Ada Lovelace", "\xc3\xa4\xc2\xa0\xe2\x80\xa7", "\xf0\x9f\x98\x80"});
    expect_bad(Format::line, {"a\nb", "\n", "a\tb", "\x1b[31m", "a\r", "\x7f", "a\xc2\x85z", "\xc2\x9f",
                              "a\xe2\x80\xa8z", "\xe2\x80\xa9"});
}

}  // namespace
}  // namespace nexpo
