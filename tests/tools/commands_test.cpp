#include "tools/client/commands.h"

#include "server/api/resources/routes.h"
#include "tools/client/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace slipway {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// "POST /v1/apps/{}": whatever the places in a path are called.
std::string shape(std::string_view method, std::string_view path) {
    std::string out = std::string{method} + " ";
    for (const char c : path.substr(0, path.find('?'))) {
        if (c == '}' || out.back() != '{') out += c;
    }
    return out;
}

TEST(Commands, AskEachRouteOfTheApi) {
    std::set<std::string> asked;
    for (const ClientCommand& command : client_commands())
        asked.insert(shape(command.method(), command.path()));
    // What another command does, too.
    asked.insert("DELETE /v1/scheduled_deployments/{}");
    for (const Route& route : routes()) {
        // Files and pages are for other programs.
        const bool is_answer = route.media == "application/json" ||
                               route.media == "application/x-ndjson" ||
                               route.media == "text/event-stream";
        if (!is_answer) continue;
        EXPECT_THAT(asked, Contains(shape(name_of(route.method), route.path)))
            << "add an entry to tools/client/commands.cpp";
    }
}

TEST(Commands, AskNoOtherRoute) {
    std::set<std::string> known;
    for (const Route& route : routes()) known.insert(shape(name_of(route.method), route.path));
    for (const ClientCommand& command : client_commands()) {
        if (command.asks.empty()) continue;
        EXPECT_THAT(known, Contains(shape(command.method(), command.path())));
    }
}

TEST(Commands, HaveEachNameOnce) {
    std::set<std::string> names;
    for (const ClientCommand& command : client_commands()) {
        const std::string name{command.words};
        EXPECT_TRUE(names.insert(name).second) << name;
        std::set<std::string_view> arguments;
        for (const Argument& argument : connection_arguments()) arguments.insert(argument.name);
        for (const Argument& argument : global_arguments()) arguments.insert(argument.name);
        for (const Argument& argument : command.arguments) {
            EXPECT_TRUE(arguments.insert(argument.name).second) << name << " " << argument.name;
        }
    }
}

TEST(Commands, FillEachPlaceOfTheirPath) {
    for (const ClientCommand& command : client_commands()) {
        const auto path = command.path();
        for (auto at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
            const auto place = path.substr(at, path.find('}', at) + 1 - at);
            EXPECT_TRUE(std::ranges::any_of(command.arguments, [&](const Argument& argument) {
                return argument.to == place && !command.may_omit(argument);
            })) << path;
        }
    }
}

TEST(Completion, OffersGroupsCommandsAndOptions) {
    EXPECT_THAT(candidates({"sch"}), ElementsAre("schedules"));
    EXPECT_THAT(candidates({""}), Contains("health"));
    EXPECT_THAT(candidates({"schedules", "re"}), ElementsAre("reschedule", "release"));
    EXPECT_THAT(candidates({"schedules", "create", "--dep"}), Contains("--depends-on"));
    EXPECT_THAT(candidates({"schedules", "create", "--dep"}), Not(Contains("--detail")));
    EXPECT_THAT(candidates({"apps", "list", "--js"}), ElementsAre("--json"));
}

TEST(Completion, OffersTheValuesThatAreAccepted) {
    EXPECT_THAT(candidates({"schedules", "create", "api", "--misfire", ""}),
                ElementsAre("hold", "skip", "run"));
    EXPECT_THAT(candidates({"teams", "set-role", "team_1", "user_1", "o"}), ElementsAre("owner"));
    EXPECT_THAT(candidates({"deployments", "complete", "dep_1", ""}),
                ElementsAre("succeeded", "failed"));
}

TEST(Completion, GoesOnBehindOptions) {
    EXPECT_THAT(candidates({"--url", "apps", "apps", "arch"}), ElementsAre("archive"));
    EXPECT_THAT(candidates({"--json", "apps", "arch"}), ElementsAre("archive"));
}

TEST(Completion, OffersConnectionOptionsBeforeACommandOnly) {
    EXPECT_THAT(candidates({"--u"}), ElementsAre("--url"));
    EXPECT_THAT(candidates({"apps", "--u"}), IsEmpty());
    EXPECT_THAT(candidates({"apps", "list", "--u"}), IsEmpty());
}

TEST(Completion, LeavesFilesToTheShell) {
    EXPECT_THAT(candidates({"apps", "create", "--file", ""}), IsEmpty());
    EXPECT_THAT(candidates({"nonsense", ""}), IsEmpty());
}

}  // namespace
}  // namespace slipway
