#include "tools/client/show.h"

#include "tools/client/machine.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

Reader in_berlin() {
    return {"Europe/Berlin", false, machine_offset_at, {{"app_1", "api"}}, {}};
}

constexpr auto kScheduleJson =
    R"({"id": "s1", "app": "app_1", "year": 2027, "month": 2, "due_at": "2027-02-10T08:00:00Z",
        "timezone": "America/New_York", "original_timezone": "America/New_York",
        "utc_offset_seconds": -18000, "created_at": "2026-11-21T10:00:00Z", "note": "",
        "labels": {}, "parent": null, "retry": {"max_attempts": 3},
        "warnings": ["late", "early"]})";

TEST(Table, ShowsAScheduleOnItsOwnClock) {
    const std::string columns = "ID=/id DUE=/due_at APP=/app TRIES=/retry/max_attempts NOTE=/note";
    const std::string body = "{\"result\": [" + std::string{kScheduleJson} + "]}";
    EXPECT_EQ(
        table(columns, body, in_berlin()),
        "ID  DUE                                                              APP  TRIES  NOTE\n"
        "s1  2027-02-10 03:00-05:00 America/New_York  (2027-02-10T08:00:00Z)  api  3\n");
    Reader typed = in_berlin();
    typed.zone_was_typed = true;
    EXPECT_NE(
        table(columns, body, typed).find("2027-02-10 09:00+01:00 Europe/Berlin  (2027-02-10T08"),
        std::string::npos);
}

TEST(Listing, LeavesOutWhatSaysNothing) {
    EXPECT_EQ(listing("{\"result\": " + std::string{kScheduleJson} + "}", in_berlin()),
              "id          s1\n"
              "app         api  (app_1)\n"
              "due_at      2027-02-10 03:00-05:00 America/New_York  (2027-02-10T08:00:00Z)\n"
              "timezone    America/New_York\n"
              "created_at  2026-11-21 11:00+01:00 Europe/Berlin  (2026-11-21T10:00:00Z)\n"
              "retry\n"
              "  max_attempts  3\n"
              "warnings\n"
              "  - late\n"
              "  - early\n");
}

TEST(Listing, LetsNoTextSteerTheTerminal) {
    const std::string body = R"({"result": {"note": "a\u001b[2Jb\nc\u009bd", "\u0007k": "ä"}})";
    EXPECT_EQ(listing(body, in_berlin()), "note       a\\u{001B}[2Jb c\\u{009B}d\n\\u{0007}k  ä\n");
    const std::string steered = R"({"result": [{"name": "a\u202eb\u200bc"}]})";
    EXPECT_EQ(table("NAME=/name", steered, in_berlin()), "NAME\na\\u{202E}b\\u{200B}c\n");
}

TEST(Listing, SaysWhatAWarningMeans) {
    const std::string body =
        R"({"result": {"warnings": ["same_app_same_time"], "same_time_as": ["s2"]}})";
    EXPECT_EQ(
        listing(body, in_berlin()),
        "warnings\n"
        "  - same_app_same_time: the same app is deployed at the same instant by the schedules "
        "below\n"
        "same_time_as\n"
        "  - s2\n");
}

TEST(Listing, OfWhatIsNoAnswerIsEmpty) {
    for (const auto* const body : {"", "no JSON", "[]", "{}", R"({"result": {}})"}) {
        EXPECT_EQ(listing(body, in_berlin()), "") << body;
        EXPECT_EQ(table("ID=/id", body, in_berlin()), "ID\n") << body;
        EXPECT_EQ(status_line(body), "") << body;
        EXPECT_EQ(ending_of(body), Ending::none) << body;
    }
}

TEST(Watching, EndsWithWhatNobodyKnowsTheEndOf) {
    const auto with = [](const std::string& status) {
        return R"({"result": {"status": ")" + status + R"("}})";
    };
    EXPECT_EQ(ending_of(with("running")), Ending::none);
    EXPECT_EQ(ending_of(with("succeeded")), Ending::good);
    for (const auto* const status : {"failed", "aborted", "cancelled", "unknown"}) {
        EXPECT_EQ(ending_of(with(status)), Ending::bad) << status;
    }
}

TEST(Listing, BearsAnswersOfAnotherForm) {
    for (const auto* const body :
         {R"({"result": 5})", R"({"result": [1, "x", null]})", R"({"result": "text"})",
          R"({"result": {"app": 5, "due_at": 7, "utc_offset_seconds": "x", "attempts": [1]}})",
          R"({"result": {"status": 3, "attempts": {"a": 1}}})"}) {
        listing(body, in_berlin());
        table("ID=/id A=/a/b", body, in_berlin());
        status_line(body);
        ending_of(body);
    }
}

TEST(StatusLine, SaysWhyAndHowTheLastAttemptWent) {
    EXPECT_EQ(status_line(R"({"result": {"status": "held", "status_reason": "by_user",
                              "status_note": "freeze", "attempts": []}})"),
              "held: by_user: freeze");
    EXPECT_EQ(status_line(R"({"result": {"status": "running", "attempts": [{"number": 2,
                "outcome": "failed", "cause": "answered", "http_status": 500, "detail": ""}]}})"),
              "running; attempt 2 failed, answered, HTTP 500");
}

TEST(ProblemText, NamesEachFieldByItsOption) {
    const ClientCommand command{"apps create",
                                "POST /v1/apps",
                                "",
                                {{"target-url", "/target/url", Kind::text, ""},
                                 {"label", "/labels", Kind::label, ""},
                                 {"APP", "/app", Kind::app, ""}}};
    EXPECT_EQ(problem_text(422, R"({"code": "invalid_field", "detail": "4 fields are not valid",
                "errors": [{"pointer": "/target/url", "detail": "is missing"},
                           {"pointer": "/labels/x", "detail": "is long"},
                           {"pointer": "/app", "detail": "is gone"},
                           {"pointer": "/else", "detail": "is odd"}]})",
                           command),
              "422 invalid_field: 4 fields are not valid\n"
              "  --target-url (/target/url): is missing\n"
              "  --label (/labels/x): is long\n"
              "  APP (/app): is gone\n"
              "  /else: is odd");
    EXPECT_EQ(problem_text(502, "<html>bad gateway", command), "502: <html>bad gateway");
}

TEST(ProblemText, ListsWhatCouldBeSentAndWhatIsInTheWay) {
    const ClientCommand command{"apps archive", "DELETE /v1/apps/{APP}", ""};
    EXPECT_EQ(problem_text(422, R"({"code": "ambiguous_local_time", "detail": "/at: twice",
                "errors": [{"pointer": "/at", "detail": "twice"}], "timezones": ["Europe/Berlin"],
                "candidates": [{"at": "2027-11-07T01:30:00", "due_at": "2027-11-07T05:30:00Z",
                                "utc_offset_seconds": -14400}]})",
                           command),
              "422 ambiguous_local_time: /at: twice\n"
              "  /at: twice\n"
              "  possible: 2027-11-07T01:30:00-04:00  (2027-11-07T05:30:00Z)\n"
              "  possible: --tz Europe/Berlin");
    EXPECT_EQ(problem_text(409, R"({"code": "app_has_pending_schedules", "detail": "2 are pending",
                "errors": [], "schedules_in_all": 2,
                "schedules": [{"id": "sched_1", "status": "held\u001b", "due_at": "soon"}]})",
                           command),
              "409 app_has_pending_schedules: 2 are pending\n"
              "  sched_1  held\\u{001B}  soon\n"
              "  … 2 in all");
}

TEST(EventLine, SaysWhenWhatOfWhichAndByWhom) {
    const std::string event =
        R"({"position": 7, "recorded_at": "2026-11-21T10:00:00Z", "type": "AppArchived",
            "stream": "app_1\u001b", "actor": {"kind": "user", "user": "user_1", "token": "t"}})";
    EXPECT_EQ(event_line(event, in_berlin()),
              "7  2026-11-21 11:00+01:00 Europe/Berlin  (2026-11-21T10:00:00Z)  AppArchived  "
              "app_1\\u{001B}  user user_1");
    const std::string server =
        R"({"position": 8, "type": "x", "stream": "server", "actor": {"kind": "timer"}})";
    EXPECT_EQ(event_line(server, in_berlin()), "8    x  server  timer");
    EXPECT_EQ(event_line("no JSON", in_berlin()), "null");
}

}  // namespace
}  // namespace slipway
