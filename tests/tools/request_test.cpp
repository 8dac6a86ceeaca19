#include "tools/client/request.h"

#include "tools/client/machine.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace slipway {
namespace {

constexpr auto kApp = "app_01h455vb4pex5vsknk084sn02q";
constexpr auto kOther = "app_01h455vb4pex5vsknk084sn02r";
constexpr auto kScheduleId = "sched_01h455vb4pex5vsknk084sn02q";

const ClientCommand& command(std::string_view group, std::string_view name) {
    const auto& all = client_commands();
    const auto found = std::ranges::find_if(
        all, [&](const ClientCommand& one) { return one.group() == group && one.name() == name; });
    CHECK(found != all.end());
    return *found;
}

// Half past ten on a Saturday in New York, to whoever is there.
Lookups lookups(std::string zone = "America/New_York") {
    return {
        *instant_of("2026-11-21T15:30:00Z"),
        std::move(zone),
        ZoneGuess{"Asia/Tokyo", "TZ says so"},
        machine_offset_at,
        [](const std::string& name) -> std::variant<std::string, Failure> {
            if (name == "api") return kApp;
            return Failure{kNotFound, "there is no " + name};
        },
        [](const std::string&) -> std::variant<std::string, Failure> { return "Europe/Berlin"; },
        [](const std::string& path) -> Result<std::string> { return path; }};
}

std::string asked(std::string_view group, std::string_view name, const Values& values,
                  const Lookups& with = lookups()) {
    const auto built = build_question(command(group, name), values, with);
    if (const auto* const failure = std::get_if<Failure>(&built)) {
        return std::to_string(failure->exit_code) + " " + failure->message;
    }
    const Question& question = std::get<Built>(built).question;
    std::string text = question.method + " " + question.target;
    for (const auto& [header, value] : question.headers) text += " " + header + ": " + value;
    return text + (question.body.empty() ? "" : " " + question.body);
}

std::string scheduled(const Values& values, const Lookups& with = lookups()) {
    const std::string text = asked("schedules", "create", values, with);
    const std::string_view start = "POST /v1/scheduled_deployments ";
    return text.starts_with(start) ? text.substr(start.size()) : text;
}

TEST(Request, FillsPathQueryBodyAndHeader) {
    EXPECT_EQ(asked("apps", "list", {{"name", {"a b&c"}}, {"archived", {"true"}}}),
              "GET /v1/apps?name=a%20b%26c&archived=true");
    EXPECT_EQ(asked("apps", "archive", {{"APP", {"api"}}, {"cancel-schedules", {"true"}}}),
              "DELETE /v1/apps/" + std::string{kApp} + "?cancel_schedules=true");
    EXPECT_EQ(asked("apps", "clone", {{"APP", {kOther}}, {"environment", {"debug"}}}),
              "POST /v1/apps?source=" + std::string{kOther} + R"( {"environment":"debug"})");
    EXPECT_EQ(
        asked("schedules", "hold", {{"ID", {"a/b"}}, {"reason", {"why"}}, {"if-version", {"3"}}}),
        R"(POST /v1/scheduled_deployments/a%2Fb/hold If-Match: "3" {"reason":"why"})");
    EXPECT_EQ(asked("dispatch", "arm", {}), R"(PUT /v1/admin/dispatch {"state":"armed"})");
}

TEST(Request, LaysOptionsOverAFile) {
    const Values values{
        {"file", {R"({"name": "a", "target": {"url": "u"}, "labels": {"x": "1"}})"}},
        {"name", {"b"}},
        {"label", {"y=2", "z=a=b"}},
        {"timeout-seconds", {"5"}}};
    EXPECT_EQ(asked("apps", "create", values),
              R"(POST /v1/apps {"target":{"kind":"webhook","url":"u","timeout_seconds":5},)"
              R"("name":"b","labels":{"x":"1","y":"2","z":"a=b"}})");
}

TEST(Request, KeepsTheNullsOfAPatch) {
    EXPECT_EQ(
        asked("apps", "revise",
              {{"APP", {kApp}}, {"file", {R"({"description": null})"}}, {"remove-label", {"x/y"}}}),
        "PATCH /v1/apps/" + std::string{kApp} + R"( {"description":null,"labels":{"x/y":null}})");
}

TEST(Request, NamesDependenciesWithTheirLeads) {
    const std::string one = R"("dependency":{"app":")" + std::string{kApp} + R"("})";
    EXPECT_EQ(scheduled({{"APP", {kOther}}, {"depends-on", {"api"}}}, lookups("")),
              R"({"app":")" + std::string{kOther} + R"(",)" + one + "}");
    EXPECT_EQ(scheduled({{"depends-on", {"api:30", kOther}}}, lookups("")),
              R"({"dependency":[{"app":")" + std::string{kApp} +
                  R"(","lead_minutes":30},{"app":")" + kOther + R"("}]})");
}

TEST(Request, SendsTheWallClockAndItsZone) {
    EXPECT_EQ(scheduled({{"at", {"2027-02-10 03:00"}}}),
              R"({"at":"2027-02-10T03:00:00","timezone":"America/New_York"})");
    EXPECT_EQ(scheduled({{"at", {"tomorrow 03:00"}}}),
              R"({"at":"2026-11-22T03:00:00","timezone":"America/New_York"})");
    EXPECT_EQ(scheduled({{"at", {"2027-02-10T03:00[Europe/Berlin]"}}}),
              R"({"at":"2027-02-10T03:00[Europe/Berlin]"})");
    EXPECT_EQ(scheduled({{"at", {"2027-02-10T03:00-05:00[America/New_York]"}}}),
              R"({"at":"2027-02-10T03:00-05:00[America/New_York]"})");
    EXPECT_EQ(scheduled({{"at", {"tomorrow 03:00[Europe/Berlin]"}}}),
              R"({"at":"2026-11-22T03:00:00","timezone":"Europe/Berlin"})");
    EXPECT_EQ(scheduled({{"at", {"2027-02-10T03:00Z"}}}),
              R"({"at":"2027-02-09T22:00:00","timezone":"America/New_York"})");
    EXPECT_EQ(scheduled({{"at", {"2027-02-10T03:00:00Z"}}}),
              R"({"at":"2027-02-09T22:00:00","timezone":"America/New_York"})");
    EXPECT_EQ(scheduled({{"in", {"1h30m"}}}),
              R"({"at":"2026-11-21T12:00:00","timezone":"America/New_York"})");
}

TEST(Request, SaysWhichOfTwoClocksIsMeant) {
    Lookups before_the_second = lookups();
    before_the_second.now = *instant_of("2027-11-07T05:30:00Z");
    EXPECT_EQ(scheduled({{"in", {"30m"}}}, before_the_second),
              R"({"at":"2027-11-07T01:00:00","timezone":"America/New_York",)"
              R"("disambiguation":"later"})");
    EXPECT_EQ(scheduled({{"in", {"15m"}}}, before_the_second),
              R"({"at":"2027-11-07T01:45:00","timezone":"America/New_York"})");
}

TEST(Request, TellsOfAZoneThatWasGuessed) {
    const auto built =
        build_question(command("schedules", "preview"), {{"at", {"tomorrow 03:00"}}}, lookups(""));
    const auto* const told = std::get_if<Built>(&built);
    ASSERT_NE(told, nullptr);
    EXPECT_EQ(told->notice, "the time zone is Asia/Tokyo, since TZ says so; --tz names another");
    // It is the 22nd there already.
    EXPECT_EQ(told->question.body, R"({"at":"2026-11-23T03:00:00","timezone":"Asia/Tokyo"})");
}

TEST(Request, LeavesASchedulesZoneAsItIs) {
    const std::string path = "PATCH /v1/scheduled_deployments/" + std::string{kScheduleId} + " ";
    const auto moved = [&](const Values& values, const std::string& zone) {
        Values all = values;
        all["ID"] = {kScheduleId};
        return asked("schedules", "reschedule", all, lookups(zone)).substr(path.size());
    };
    EXPECT_EQ(moved({{"at", {"2027-02-10 03:00"}}}, ""), R"({"at":"2027-02-10T03:00:00"})");
    EXPECT_EQ(moved({{"at", {"tomorrow 03:00"}}}, ""),
              R"({"at":"2026-11-22T03:00:00","timezone":"Europe/Berlin"})");
    EXPECT_EQ(moved({{"in", {"1h"}}}, ""),
              R"({"at":"2026-11-21T17:30:00","timezone":"Europe/Berlin"})");
    EXPECT_EQ(moved({{"at", {"2027-02-10T03:00:00Z"}}}, ""),
              R"({"at":"2027-02-10T04:00:00","timezone":"Europe/Berlin"})");
    EXPECT_EQ(moved({}, "Asia/Tokyo"), R"({"timezone":"Asia/Tokyo"})");
}

TEST(Request, ReadsTheBoundsOfAWindow) {
    EXPECT_EQ(asked("events", "list", {{"from", {"2027-02-10"}}, {"to", {"today 3:00"}}}),
              "GET /v1/events?from=2027-02-10T05%3A00%3A00Z&to=2026-11-21T08%3A00%3A00Z");
    EXPECT_EQ(asked("events", "list", {{"from", {"2027-02-10T05:00:00+02:00"}}}),
              "GET /v1/events?from=2027-02-10T03%3A00%3A00Z");
}

TEST(Request, RefusesWhatCannotBeMeant) {
    const auto refused = [](const Values& values, const Lookups& with = lookups()) {
        const auto text = scheduled(values, with);
        return text.substr(0, text.find(';'));
    };
    EXPECT_EQ(refused({{"at", {"soon"}}}), R"(1 --at: is "soon")");
    EXPECT_EQ(refused({{"in", {"soon"}}}), R"(1 --in: is "soon")");
    EXPECT_EQ(refused({{"at", {"3:00"}}, {"in", {"2h"}}}), "1 --at stands beside --in");
    EXPECT_EQ(refused({{"in", {"2h"}}}, lookups("Mars/Phobos")),
              R"(1 --tz: is "Mars/Phobos", which this machine's zone database does not have)");
    EXPECT_EQ(refused({{"label", {"x"}}}), R"(1 --label: is "x")");
    EXPECT_EQ(refused({{"depends-on", {"api:soon"}}}), R"(1 --depends-on: is "api:soon")");
    EXPECT_EQ(refused({{"APP", {"web"}}}), "3 there is no web");
    EXPECT_EQ(refused({{"APP", {""}}}), R"(1 APP: is "")");
    EXPECT_EQ(refused({{"file", {"[1]"}}}), R"(1 --file: is "[1]")");
    EXPECT_EQ(refused({{"max-attempts", {"many"}}}), R"(1 --max-attempts: is "many")");
}

TEST(Request, NeedsTheZoneOfAMachineThatDoesNotTell) {
    Lookups nowhere = lookups("");
    nowhere.own_zone.reset();
    EXPECT_TRUE(scheduled({{"at", {"2027-02-10 03:00"}}}, nowhere).starts_with("1 --tz: "));
}

}  // namespace
}  // namespace slipway
