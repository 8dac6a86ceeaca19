#include "server/targets/courier.h"

#include "server/targets/retry_after.h"
#include "tests/server/targets/scripted_http_client.h"
#include "tests/support/manual_clock.h"

#include <gtest/gtest.h>

#include <map>

namespace slipway {
namespace {

// Signs with the first key and the time, in the clear.
class PlainExecutor : public Executor {
  public:
    const Description& description() const override {
        static const Description description;
        return description;
    }
    std::string origin(const TargetSettings&) const override { return {}; }
    std::string summary(const TargetSettings&) const override { return {}; }
    Ask begin(const Work&) const override { return {}; }
    Step read(const Work&, std::uint8_t, const Answer&) const override { return Succeeded{}; }
    void sign(HttpRequest& request, const Keys& keys, Instant now) const override {
        if (keys.signing_secrets.empty()) return;
        request.headers.emplace_back("signed", keys.signing_secrets.front() + to_text(now));
    }
};

Ask ask() {
    Ask ask;
    ask.request.method = "POST";
    ask.request.url = "https://one.example/hook";
    ask.request.body = "body";
    ask.request.timeout = Seconds{25};
    return ask;
}

struct Scene {
    void carry(std::uint64_t token, Keys keys = {}) {
        courier.carry(Position{token}, executor, ask(), std::move(keys),
                      [this, token](Answer answer) {
                          EXPECT_TRUE(answers.emplace(token, std::move(answer)).second) << "twice";
                      });
    }
    const Answer& answer_to(std::variant<HttpResponse, HttpError> reply, Keys keys = {}) {
        const std::uint64_t token = 1'000 + client.requests.size();
        carry(token, std::move(keys));
        client.answer(client.requests.size(), std::move(reply));
        return answers.at(token);
    }

    ScriptedHttpClient client;
    ManualClock clock;
    PlainExecutor executor;
    Courier courier{client, clock};
    std::map<std::uint64_t, Answer> answers;
};

HttpResponse response(int status, HttpHeaders headers = {}, std::string body = {}) {
    return {status, std::move(headers), std::move(body)};
}

TEST(Courier, SendsAnAskAsItIsSignedAndWithItsCredential) {
    Scene scene;
    scene.carry(1, {{"key "}, Authorization{"X-Api-Key", "a long secret", "a long secret"}});
    const HttpRequest& sent = scene.client.requests.at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "https://one.example/hook");
    EXPECT_EQ(sent.body, "body");
    EXPECT_EQ(sent.timeout, Seconds{25});
    const HttpHeaders expected = {{"User-Agent", "slipway/0.1"},
                                  {"signed", "key " + to_text(scene.clock.now())},
                                  {"X-Api-Key", "a long secret"}};
    EXPECT_EQ(sent.headers, expected);
}

TEST(Courier, LetsTheHeadOfAnAnswerDecide) {
    Scene scene;
    scene.carry(1);
    EXPECT_EQ(scene.client.requests.at(0).body_timeout, Seconds{1});
    EXPECT_EQ(scene.client.requests.at(0).response_bytes_max, kAnswerBytesMax);
}

TEST(Courier, ReadsRetryAfterOfAResponse) {
    Scene scene;
    EXPECT_EQ(scene.answer_to(response(503, {{"retry-after", "120"}})).retry_after, Seconds{120});
    EXPECT_EQ(scene.answer_to(response(503)).retry_after, std::nullopt);
    EXPECT_EQ(scene.answer_to(response(503, {{"retry-after", "soon"}})).retry_after, std::nullopt);
    const HttpHeaders date{{"retry-after", "Wed, 10 Feb 2027 08:01:00 GMT"}};
    EXPECT_EQ(scene.answer_to(response(503, date)).retry_after, Seconds{60});
}

TEST(Courier, HandsAnErrorOnAsAnAnswer) {
    Scene scene;
    const Answer& answer = scene.answer_to(HttpError{HttpFailure::timed_out, true, "why"});
    EXPECT_EQ(answer.http_status(), 0);
    EXPECT_TRUE(answer.sent());
    EXPECT_FALSE(scene.answer_to(HttpError{HttpFailure::connect_failed, false, ""}).sent());
    EXPECT_EQ(scene.answer_to(response(204)).http_status(), 204);
    EXPECT_TRUE(scene.answer_to(response(204)).sent());
}

TEST(Courier, AnswersNothingOfWhatWasCancelled) {
    Scene scene;
    scene.carry(1);
    scene.carry(2);
    scene.courier.cancel(Position{1});
    scene.courier.cancel(Position{1});
    scene.courier.cancel(Position{99});
    EXPECT_EQ(scene.client.cancelled, (std::vector<std::uint64_t>{1}));
    scene.client.answer(2, response(200));
    EXPECT_FALSE(scene.answers.contains(1));
    EXPECT_TRUE(scene.answers.contains(2));
    EXPECT_EQ(scene.courier.under_way(), 0U);
}

TEST(Courier, LetsAnAnswerSendAndCancel) {
    Scene scene;
    scene.courier.carry(Position{1}, scene.executor, ask(), {}, [&](const Answer&) {
        scene.courier.cancel(Position{2});
        scene.carry(3);
    });
    scene.carry(2);
    scene.client.answer(1, response(200));
    scene.client.answer(3, response(200));
    EXPECT_FALSE(scene.answers.contains(2));
    EXPECT_TRUE(scene.answers.contains(3));
}

TEST(Courier, EndsWithItsRequestsGivenUp) {
    ScriptedHttpClient client;
    ManualClock clock;
    const PlainExecutor executor;
    {
        Courier courier{client, clock};
        courier.carry(Position{1}, executor, ask(), {},
                      [](const Answer&) { ADD_FAILURE() << "given up"; });
    }
    EXPECT_EQ(client.open(), 0U);
}

// ---- What is kept of an answer

std::string kept(const Authorization& shown, std::string_view text) {
    Scene scene;
    return scene.answer_to(response(401), {{}, shown}).kept(text, kDetailBytesMax);
}

TEST(Answer, KeepsWhatTheTargetSaysShortAndPrintable) {
    Scene scene;
    const Answer& answer = scene.answer_to(response(500));
    EXPECT_EQ(answer.kept("no\r\n\x1b[31mroom\xff", kDetailBytesMax), "no [31mroom?");
    EXPECT_EQ(answer.kept(std::string(9'000, 'x'), kDetailBytesMax),
              std::string(kDetailBytesMax, 'x'));
    EXPECT_EQ(answer.kept("", kDetailBytesMax), "");
}

TEST(Answer, KeepsNothingThatTellsTheCredential) {
    const Authorization words{"X-Api-Key", "correct horse battery staple",
                              "correct horse battery staple"};
    EXPECT_EQ(kept(words, "no such key"), "no such key");
    EXPECT_EQ(kept(words, ""), "");
    for (const auto* const said :
         {"your key correct horse battery staple is wrong", "correct horse\n  battery staple",
          "CORRECT-HORSE", "correct%20horse%20battery%20staple",
          "a stap\xE2\x80\x8Ble, a batt\"ery", "correct horse", "/runs?key=horse+battery"}) {
        EXPECT_EQ(kept(words, said), kWithheld) << said;
    }
    // Not even a part of it, where what is kept ends.
    const std::string late = std::string(kDetailBytesMax - 8, '.') + " correct horse";
    EXPECT_EQ(kept(words, late), kWithheld);
    const Authorization basic{"Authorization", "Basic Y2k6aHVudGVyMjJ4", "hunter22x"};
    for (const auto* const said : {"who is hunter22x?", "Y2k6aHVudGVyMjJ4", "basic y2k6ahvud"}) {
        EXPECT_EQ(kept(basic, said), kWithheld) << said;
    }
    const Authorization marks{"X-Api-Key", "!?!?-!?!?", "!?!?-!?!?"};
    EXPECT_EQ(kept(marks, "no: !?!?-!?!?"), kWithheld);
    EXPECT_EQ(kept(marks, "really?!"), "really?!");
}

}  // namespace
}  // namespace slipway
