// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "parity/door.hpp"
#include "support/test_backend.hpp"

namespace nexpo::parity {

namespace {

Json load_scenario() {
    std::ifstream const file(NEXPO_TEST_DATA "/scenario.json");
    std::stringstream text;
    text << file.rdbuf();
    return Json::parse(text.str()).value();
}

std::string text_member(Json const& json, std::string_view name) {
    auto const* member = json.find(name);
    return member == nullptr || member->if_string() == nullptr ? std::string() : *member->if_string();
}

/// Plays the scenario through one door of a backend of its own.
class Player {
 public:
    explicit Player(std::size_t door) : doors_(open_doors(test_.backend)), door_(*doors_[door]) {
        for (auto& info : test_.backend.operations()) operations_.emplace(info.name, info);
    }

    /// One line per step, in which ids and tokens are replaced by names, because every run makes its own.
    std::vector<std::string> play(Json const& scenario) {
        std::vector<std::string> lines;
        for (auto const& step : *scenario.if_array()) lines.push_back(play_step(step));
        return lines;
    }

    std::string_view door_name() const { return door_.name(); }

 private:
    std::string play_step(Json const& step) {
        auto const name = text_member(step, "name");
        auto const& operation = operations_.at(text_member(step, "operation"));
        auto const expected = text_member(step, "fails");
        if (!door_.offers(operation)) {
            EXPECT_EQ(expected, "operation_unreachable") << door_.name() << ": " << name;
            return name + ": unreachable";
        }
        test_.clock->advance(std::chrono::microseconds(1));  // ids sort by time
        auto const as = text_member(step, "as");
        auto const token = as.empty() ? std::string() : token_of(kept_.at(as));
        auto const answer = door_.call(operation, token, fill_in(*step.find("input")));
        EXPECT_EQ(answer ? std::string() : answer.error().reason, expected) << door_.name() << ": " << name;
        if (answer && !text_member(step, "keep").empty()) kept_[text_member(step, "keep")] = *answer;
        return name + ": " + anonymous(answer ? answer->dump() : text_of(answer.error()));
    }

    /// The access token of a sign-in, or the secret of an API key.
    static std::string token_of(Json const& kept) {
        auto const access_token = text_member(kept, "access_token");
        return access_token.empty() ? text_member(kept, "secret") : access_token;
    }

    /// `ada.access_token` is what the step that kept `ada` answered.
    Json const& find_kept(std::string_view path) const {
        auto dot = path.find('.');
        auto const* value = &kept_.at(std::string(path.substr(0, dot)));
        while (dot != path.npos) {
            path.remove_prefix(dot + 1);
            dot = path.find('.');
            value = value->find(path.substr(0, dot));
        }
        return *value;
    }

    /// `${path}` stands for what was kept.
    Json fill_in(Json const& input) const {
        Json filled(Json::Object{});
        for (auto const& [name, value] : *input.if_object()) {
            auto const* text = value.if_string();
            if (text != nullptr && text->starts_with("${")) {
                filled.set(name, find_kept(std::string_view(*text).substr(2, text->size() - 3)));
            } else {
                filled.set(name, value);
            }
        }
        return filled;
    }

    static std::string text_of(Error const& error) {
        std::string text(to_string(error.code));
        text += ' ' + error.reason;
        std::map<std::string, std::string> violations;  // the order of fields is a door's own
        for (auto const& violation : error.violations) violations[violation.field] = violation.rule;
        for (auto const& [field, rule] : violations) text += ' ' + field + '=' + rule;
        return text;
    }

    std::string anonymous(std::string const& text) {
        static std::regex const made_up(
            R"re([a-z]{3}_[0-9a-z]{26}(_[0-9]+_[\w-]+)?|eyJ[\w.-]+|nxp_\w+|wh(?:sec|pk)_[\w+/=]+|"next":"[^"]+"|"(x|y|kid|hint)":"[^"]+")re");
        // Noted behind the call, sooner or later.
        static std::regex const last_use(R"re("last_used_at":(null|"[^"]+"))re");
        return numbered(std::regex_replace(text, last_use, R"("last_used_at":…)"), made_up);
    }

    std::string numbered(std::string const& text, std::regex const& made_up) {
        std::string result;
        auto at = text.cbegin();
        for (std::sregex_iterator match(text.begin(), text.end(), made_up), end; match != end; ++match) {
            result.append(at, (*match)[0].first);
            auto const [known, is_new] = names_.emplace(match->str(), names_.size());
            result += '<' + std::to_string(known->second) + '>';
            at = (*match)[0].second;
        }
        return result.append(at, text.cend());
    }

    testing::TestBackend test_;
    std::vector<std::unique_ptr<Door>> doors_;
    Door& door_;
    std::map<std::string, OperationInfo> operations_;
    std::map<std::string, Json> kept_;
    std::map<std::string, std::size_t> names_;
};

TEST(Parity, EveryDoorAnswersTheScenarioAlike) {
    auto const scenario = load_scenario();
    Player first(0);
    auto const expected = first.play(scenario);
    for (std::size_t door = 1; door < open_doors(testing::TestBackend().backend).size(); ++door) {
        Player other(door);
        auto const lines = other.play(scenario);
        ASSERT_EQ(lines.size(), expected.size());
        for (std::size_t i = 0; i < lines.size(); ++i) {
            EXPECT_EQ(lines[i], expected[i]) << first.door_name() << " and " << other.door_name() << " differ";
        }
    }
}

/// Which doors do not offer an operation, and why: holes.json.
class Holes {
 public:
    Holes() {
        std::ifstream const file(NEXPO_TEST_DATA "/holes.json");
        std::stringstream text;
        text << file.rdbuf();
        auto const holes = Json::parse(text.str()).value();
        for (auto const& hole : *holes.if_array()) {
            EXPECT_FALSE(text_member(hole, "reason").empty()) << text_member(hole, "operation");
            for (auto const& door : *hole.find("doors")->if_array()) {
                reasons_[{text_member(hole, "operation"), *door.if_string()}] = text_member(hole, "reason");
            }
        }
    }

    /// Whether there is a reason; asked at most once for each.
    bool take(std::string const& operation, std::string_view door) {
        return reasons_.erase({operation, std::string(door)}) > 0;
    }
    /// Reasons for what is no hole any more.
    auto const& rest() const { return reasons_; }

 private:
    std::map<std::pair<std::string, std::string>, std::string> reasons_;
};

TEST(Parity, EveryHoleInADoorHasAReason) {
    testing::TestBackend const test;
    Holes holes;
    for (auto const& door : open_doors(test.backend)) {
        for (auto const& operation : test.backend.operations()) {
            if (door->offers(operation)) continue;
            EXPECT_TRUE(holes.take(operation.name, door->name()))
                << door->name() << " does not offer " << operation.name << ", and holes.json does not say why";
        }
    }
    auto const built = open_doors(test.backend);
    for (auto const& [hole, reason] : holes.rest()) {
        bool const is_built = std::ranges::any_of(built, [&](auto const& door) { return door->name() == hole.second; });
        EXPECT_FALSE(is_built) << hole.second << " offers " << hole.first << ", or it is none: " << reason;
    }
}

TEST(Parity, TheScenarioCallsEveryOperation) {
    auto const scenario = load_scenario();
    testing::TestBackend const test;
    for (auto const& operation : test.backend.operations()) {
        if (operation.kind == OperationKind::stream) continue;  // its answers are compared in tests/integration
        auto const& steps = *scenario.if_array();
        EXPECT_TRUE(std::any_of(steps.begin(), steps.end(), [&](Json const& step) {
            return text_member(step, "operation") == operation.name;
        })) << operation.name;
    }
}

}  // namespace

}  // namespace nexpo::parity
