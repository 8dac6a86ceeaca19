#include "eventlog/events/event_json.h"

#include "eventlog/base/json_writer.h"
#include "eventlog/events/codec.h"
#include "tests/eventlog/events/golden_events.h"
#include "tests/eventlog/events/random_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace slipway {
namespace {

constexpr int kJsonRounds = 100;

std::string json_of(const RecordedEvent& recorded, const Digest* digest = nullptr) {
    std::string text;
    JsonWriter json{text};
    write_json(json, recorded, digest);
    return text;
}

RecordedEvent golden(std::string_view type) {
    for (const auto& recorded : golden_events()) {
        if (type_name(recorded.event) == type) return recorded;
    }
    ADD_FAILURE() << "no golden event of type " << type;
    return {};
}

// What event_of_json says about the JSON of the golden `type` with `from` changed into `to`.
std::string refusal(std::string_view type, const std::string& from, const std::string& to) {
    std::string line = json_of(golden(type));
    const auto at = line.find(from);
    EXPECT_NE(at, std::string::npos) << from << " is not in " << line;
    line.replace(at, from.size(), to);
    const auto read = event_of_json(line);
    return read ? "was read" : read.error().message;
}

TEST(EventJson, GivesBackEveryFieldOfEveryType) {
    for (std::size_t type = 0; type < std::variant_size_v<EventVariant>; ++type) {
        RandomEvents random{type};
        for (int round = 0; round < kJsonRounds; ++round) {
            const RecordedEvent recorded = random.next(type);
            const std::string line = json_of(recorded);
            const auto read = event_of_json(line);
            ASSERT_TRUE(read) << read.error().message << "\n" << line;
            ASSERT_EQ(*read, recorded);
            ASSERT_EQ(line.find('\n'), std::string::npos);
        }
    }
}

TEST(EventJson, HasTheFormOfTheApi) {
    const Digest digest = sha256("digest");
    EXPECT_EQ(json_of(golden("AttemptFailed"), &digest),
              R"({"position":27,"recorded_at":"2027-02-10T08:00:00.123Z","type":"AttemptFailed",)"
              R"("stream":"dep_01j2gv5gyme00r000000000001","stream_version":12,)"
              R"("team":"team_01j2gv5gyme01r000000000003","actor":{"kind":"user",)"
              R"("user":"user_01j2gv5gyme028000000000004",)"
              R"("token":"tok_7"},)"
              R"("request_id":"request-1","idempotency_key_digest":)"
              R"("2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683",)"
              R"("data":{"deployment":"dep_01j2gv5gyme00r000000000001","number":1,)"
              R"("cause":"timed_out","http_status":503,)"
              R"("detail":"no answer","retry_at":"2027-02-10T08:00:00.123Z"},"digest":)"
              R"("0bf474896363505e5ea5e5d6ace8ebfb13a760a409b1fb467d428fc716f9f284"})");
}

TEST(EventJson, ShowsWhatIsNotThereAsNull) {
    const RecordedEvent recorded{Position{1}, Envelope{},
                                 DeploymentHeld{.schedule = {}, .dependency = std::nullopt}};
    EXPECT_EQ(json_of(recorded),
              R"({"position":1,"recorded_at":"1970-01-01T00:00:00Z","type":"DeploymentHeld",)"
              R"("stream":"sched_00000000000000000000000000","stream_version":0,"team":null,)"
              R"("actor":{"kind":"server","user":null,"token":""},"request_id":"",)"
              R"("data":{"schedule":null,"reason":"by_user","note":"","dependency":null}})");
}

TEST(EventJson, NamesTheServersStreamServer) {
    EXPECT_EQ(stream_text(DispatchArmed{}), "server");
    EXPECT_EQ(stream_text(InstallationClaimed{}), "server");
}

TEST(EventJson, NamesEveryTypeOnce) {
    const auto names = event_type_names();
    EXPECT_EQ(names.size(), std::variant_size_v<EventVariant>);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
    EXPECT_EQ(names.front(), "InstallationClaimed");
    EXPECT_EQ(names.back(), "TeamReadByAdmin");
}

TEST(EventJson, IsReadWithADigestOrWithoutAKeyDigest) {
    RecordedEvent recorded = golden("DeploymentDue");
    recorded.envelope.idempotency_key_digest.clear();
    const Digest digest = sha256("digest");
    const auto read = event_of_json(json_of(recorded, &digest));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, recorded);
}

// A dump that 0.1.0 wrote is restored to the same bytes, or the digests of its records do not fit.
TEST(EventJson, IsReadWithoutAFieldThatWasAppendedLater) {
    const std::pair<std::string_view, std::string_view> appended[] = {
        {"DeploymentDue", R"(,"start_deadline":null)"},
        {"DueTimeReresolved", R"(,"timezone":"")"},
        {"ZoneRulesChanged", R"(,"digest":"")"}};
    for (const auto& [type, field] : appended) {
        const RecordedEvent recorded = golden(type);
        std::string line = json_of(recorded);
        ASSERT_NE(line.find(field), std::string::npos) << line;
        line.erase(line.find(field), field.size());
        const auto read = event_of_json(line);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, recorded);
        EXPECT_EQ(lines_of_hex(encode(read->envelope, read->event)),
                  lines_of_hex(golden_bytes(std::string{type} + ".v1.hex")));
    }
}

TEST(EventJson, RefusesWhatIsMissing) {
    EXPECT_EQ(refusal("DeploymentHeld", R"("note":"look first",)", ""),
              "event: /data/note: is missing");
    EXPECT_EQ(refusal("DeploymentScheduled", R"("timezone":"America/New_York",)", ""),
              "event: /data/time/timezone: is missing");
    EXPECT_EQ(refusal("DeploymentHeld", R"("request_id":"request-1",)", ""),
              "event: /request_id: is missing");
}

TEST(EventJson, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(refusal("DeploymentHeld", R"("note":)", R"("colour":"red","note":)"),
              "event: /data/colour: is not a field that is known here");
    EXPECT_EQ(refusal("DeploymentHeld", R"("position":)", R"("colour":"red","position":)"),
              "event: /colour: is not a field that is known here");
    EXPECT_EQ(refusal("DeploymentHeld", R"("type":"DeploymentHeld")", R"("type":"AppPainted")"),
              "event: /type: is AppPainted, which is no type of event");
    EXPECT_EQ(refusal("DeploymentHeld", R"("reason":"dependency_failed")", R"("reason":"rain")"),
              "event: /data/reason: is rain, which is not a word that is known here");
}

TEST(EventJson, RefusesAValueOfAnotherKind) {
    EXPECT_EQ(refusal("DeploymentHeld", R"("note":"look first")", R"("note":{"a":[1]})"),
              "event: /data/note: is an object; a string is accepted");
    EXPECT_EQ(refusal("AttemptStarted", R"("number":1)", R"("number":1.0)"),
              "event: /data/number: is 1.0; a whole number is accepted");
    EXPECT_EQ(refusal("AttemptStarted", R"("number":1)", R"("number":4294967296)"),
              "event: /data/number: is 4294967296; a whole number is accepted");
    EXPECT_EQ(refusal("AttemptStarted", R"("number":1)", R"("number":-1)"),
              "event: /data/number: is -1; a whole number is accepted");
    EXPECT_EQ(refusal("DeploymentRescheduled", R"("lead_shortened":true)", R"("lead_shortened":1)"),
              "event: /data/lead_shortened: is 1; true or false is accepted");
    EXPECT_EQ(refusal("DeploymentRescheduled", R"("wall_clock":"2027-02-10T03:00:00")",
                      R"("wall_clock":"2027-02-30T03:00:00")"),
              "event: /data/time/wall_clock: is 2027-02-30T03:00:00; a wall clock such as "
              "2027-02-10T03:00:00 is accepted");
    EXPECT_EQ(refusal("DeploymentDue", R"("due_at":"2027-02-10T08:00:00.123Z")",
                      R"("due_at":"tomorrow")"),
              "event: /data/due_at: is tomorrow; an instant such as 2027-02-10T08:00:00Z is "
              "accepted");
    EXPECT_EQ(refusal("AppArchived", R"("app":"app_)", R"("app":"dep_)").substr(0, 25),
              "event: /data/app: is dep_");
}

TEST(EventJson, RefusesAStreamThatIsNotTheEvents) {
    EXPECT_EQ(refusal("DispatchArmed", R"("stream":"server")", R"("stream":"team_1")"),
              "event: /stream: is team_1, and the event is about server");
}

TEST(EventJson, RefusesAKeyDigestOfAnotherLength) {
    EXPECT_EQ(refusal("DispatchArmed", R"("idempotency_key_digest":"2c70)",
                      R"("idempotency_key_digest":")")
                  .substr(0, 40),
              "event: /idempotency_key_digest: is e12b7");
}

TEST(EventJson, SurvivesTextThatIsCutAnywhere) {
    for (const auto& recorded : golden_events()) {
        const std::string line = json_of(recorded);
        for (std::size_t size = 0; size < line.size(); ++size) {
            ASSERT_FALSE(event_of_json(std::string_view{line}.substr(0, size)));
        }
    }
    EXPECT_FALSE(event_of_json(std::string(100'000, '[')));
    EXPECT_FALSE(
        event_of_json("{\"type\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"));
}

}  // namespace
}  // namespace slipway
