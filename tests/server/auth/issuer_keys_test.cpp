#include "server/auth/issuer_keys.h"

#include "tests/server/auth/signing_key.h"
#include "tests/server/targets/scripted_http_client.h"
#include "tests/support/manual_clock.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

const std::string kIssuer = "https://issuer.example/realm";
const std::string kDiscovery =
    R"({"issuer":"https://issuer.example/realm","jwks_uri":"https://keys.example/jwks"})";

HttpResponse answer_of(const std::string& body, int status = 200, HttpHeaders headers = {}) {
    return {status, std::move(headers), body};
}

HttpResponse keys_answer(int keys = 1, HttpHeaders headers = {}) {
    std::string all;
    for (int i = 0; i < keys; ++i) {
        all += (i == 0 ? "" : ",") + SigningKey::ec().jwk(R"(,"kid":")" + std::to_string(i) + "\"");
    }
    return answer_of(R"({"keys":[)" + all + "]}", 200, std::move(headers));
}

const HttpError kNoAnswer{HttpFailure::connect_failed, false, "no route"};

struct Scene {
    explicit Scene(IssuerKeys::Settings settings = {kIssuer, "https://keys.example/jwks", false})
        : keys(client, clock, std::move(settings),
               [this](KeySet set) { used.push_back(set.size()); }) {}

    Instant tick() { return keys.tick(clock.now()); }
    // Answers the newest request.
    void answer(std::variant<HttpResponse, HttpError> with) {
        client.answer(client.requests.size(), std::move(with));
    }
    // Ticks as the loop does, each second, and returns how many requests that made.
    std::size_t requests_in(Seconds time) {
        const auto before = client.requests.size();
        for (Seconds passed{0}; passed < time; passed += Seconds{1}) {
            clock.time += Seconds{1};
            tick();
        }
        return client.requests.size() - before;
    }

    ScriptedHttpClient client;
    ManualClock clock;
    std::vector<std::size_t> used;  // the sizes of the sets, in order
    IssuerKeys keys;
};

TEST(IssuerKeys, DiscoversWhereTheKeysAre) {
    Scene scene{{kIssuer, "", false}};
    scene.tick();
    ASSERT_EQ(scene.client.requests.size(), 1U);
    EXPECT_EQ(scene.client.requests[0].method, "GET");
    EXPECT_EQ(scene.client.requests[0].url,
              "https://issuer.example/realm/.well-known/openid-configuration");
    EXPECT_EQ(scene.client.requests[0].response_bytes_max, kKeysAnswerBytesMax);
    scene.answer(answer_of(kDiscovery));
    ASSERT_EQ(scene.client.requests.size(), 2U);
    EXPECT_EQ(scene.client.requests[1].url, "https://keys.example/jwks");
    EXPECT_EQ(scene.client.requests[1].response_bytes_max, kKeysAnswerBytesMax);
    EXPECT_EQ(scene.used.size(), 0U);
    scene.answer(keys_answer(2));
    EXPECT_EQ(scene.used, (std::vector<std::size_t>{2}));
    EXPECT_EQ(scene.client.open(), 0U);
}

TEST(IssuerKeys, LeavesOneSlashAtTheEndOfTheIssuerOut) {
    Scene scene{{"https://issuer.example/", "", false}};
    scene.tick();
    EXPECT_EQ(scene.client.requests[0].url,
              "https://issuer.example/.well-known/openid-configuration");
}

TEST(IssuerKeys, AreNotTakenFromADiscoveryThatIsNotTheIssuers) {
    const std::string keys = R"(,"jwks_uri":"https://keys.example/jwks"})";
    for (const std::string& body :
         {R"({"issuer":"https://issuer.example/realm/")" + keys,
          R"({"issuer":"https://evil.example")" + keys, R"({"issuer":null)" + keys,
          R"({"x":1)" + keys, std::string{R"({"issuer":"https://issuer.example/realm"})"},
          std::string{R"({"issuer":"https://issuer.example/realm","jwks_uri":7})"},
          std::string{R"({"issuer":"https://issuer.example/realm","jwks_uri":"http://k/j"})"},
          std::string{R"({"issuer":"https://issuer.example/realm","jwks_uri":"file:///j"})"},
          std::string{"<html>"}, std::string{}}) {
        Scene scene{{kIssuer, "", false}};
        scene.tick();
        scene.answer(answer_of(body));
        EXPECT_EQ(scene.client.requests.size(), 1U) << body;
        EXPECT_EQ(scene.requests_in(kKeysRetryPause - Seconds{1}), 0U) << body;
        EXPECT_EQ(scene.requests_in(Seconds{1}), 1U) << body;
    }
}

TEST(IssuerKeys, MayBeWithoutTlsOnlyIfThatIsSet) {
    EXPECT_TRUE(IssuerKeys::check({kIssuer, "", false}));
    EXPECT_TRUE(IssuerKeys::check({"http://127.0.0.1:1", "http://127.0.0.1:1/keys", true}));
    EXPECT_FALSE(IssuerKeys::check({"http://127.0.0.1:1", "", false}));
    EXPECT_FALSE(IssuerKeys::check({kIssuer, "http://127.0.0.1:1/keys", false}));
    for (const std::string issuer : {"", "issuer.example", "ftp://issuer.example", "file:///keys",
                                     "https://issuer.example?x", "https://issuer.example#x"}) {
        EXPECT_FALSE(IssuerKeys::check({issuer, "", true})) << issuer;
    }
    Scene scene{{"http://127.0.0.1:1", "", true}};
    scene.tick();
    scene.answer(answer_of(R"({"issuer":"http://127.0.0.1:1","jwks_uri":"http://127.0.0.1:1/k"})"));
    EXPECT_EQ(scene.client.requests[1].url, "http://127.0.0.1:1/k");
}

TEST(IssuerKeys, AreFetchedAgainWhenTheyGetOld) {
    Scene scene;
    scene.tick();
    scene.answer(keys_answer(1, {{"cache-control", "public, max-age=600"}}));
    EXPECT_EQ(scene.requests_in(Seconds{599}), 0U);
    EXPECT_EQ(scene.requests_in(Seconds{1}), 1U);
    scene.answer(keys_answer(3));
    EXPECT_EQ(scene.used, (std::vector<std::size_t>{1, 3}));
    EXPECT_EQ(scene.tick(), scene.clock.now() + kKeysAgeDefault);
}

TEST(IssuerKeys, StayFreshAsCacheControlSaysWithinLimits) {
    const auto age = [](const std::string& text) { return keys_age_of(&text); };
    EXPECT_EQ(keys_age_of(nullptr), kKeysAgeDefault);
    EXPECT_EQ(age(""), kKeysAgeDefault);
    EXPECT_EQ(age("max-age=600"), Seconds{600});
    EXPECT_EQ(age("public,max-age=600 , must-revalidate"), Seconds{600});
    EXPECT_EQ(age("Public, Max-Age=600"), Seconds{600});
    EXPECT_EQ(age("s-maxage=600"), kKeysAgeDefault);
    for (const std::string text : {"max-age=0", "max-age=299", "no-store", "no-cache, max-age=9000",
                                   "max-age=9000,NO-STORE"}) {
        EXPECT_EQ(age(text), kKeysAgeMin) << text;
    }
    for (const std::string text :
         {"max-age=86400", "max-age=86401", "max-age=4294967296", "max-age=99999999999999999999"}) {
        EXPECT_EQ(age(text), kKeysAgeMax) << text;
    }
    for (const std::string text : {"max-age=", "max-age=-1", "max-age=x", "max-age=600x", ",,,"}) {
        EXPECT_EQ(age(text), kKeysAgeDefault) << text;
    }
}

TEST(IssuerKeys, ThatAreMissedAreFetchedAtABoundedRate) {
    Scene scene;
    scene.tick();
    scene.answer(keys_answer());
    // Soon after a fetch: not at once, and however often it is asked for, once.
    for (int i = 0; i < 1'000; ++i) scene.keys.miss();
    EXPECT_EQ(scene.requests_in(kKeysFetchPause - Seconds{1}), 0U);
    EXPECT_EQ(scene.requests_in(Seconds{1}), 1U);
    scene.answer(keys_answer(2));
    EXPECT_EQ(scene.used, (std::vector<std::size_t>{1, 2}));
    // Long after: at once.
    EXPECT_EQ(scene.requests_in(Seconds{60}), 0U);
    scene.keys.miss();
    EXPECT_EQ(scene.tick(), scene.clock.now() + kKeysFetchPause);
    EXPECT_EQ(scene.client.requests.size(), 3U);
    scene.answer(keys_answer(2));
    // For an hour, in every second: a fetch in each pause.
    std::size_t fetches = 0;
    for (int i = 0; i < 3'600; ++i) {
        scene.keys.miss();
        if (scene.requests_in(Seconds{1}) == 0) continue;
        ++fetches;
        scene.answer(i % 2 == 0 ? std::variant<HttpResponse, HttpError>{keys_answer()} : kNoAnswer);
    }
    EXPECT_EQ(fetches, 360U);
}

TEST(IssuerKeys, AreAskedForOnceAtATime) {
    Scene scene;
    scene.tick();
    scene.keys.miss();
    EXPECT_EQ(scene.requests_in(Seconds{100}), 0U) << "the first has no answer yet";
    scene.answer(keys_answer());
    EXPECT_EQ(scene.used.size(), 1U);
}

TEST(IssuerKeys, StayInUseWhileAFetchFails) {
    for (const std::variant<HttpResponse, HttpError>& failure :
         std::vector<std::variant<HttpResponse, HttpError>>{
             kNoAnswer, HttpError{HttpFailure::response_too_large, true, "too large"},
             answer_of("", 500), answer_of("", 304),
             answer_of("", 302, {{"location", "https://evil.example/keys"}}),
             answer_of(R"({"keys":[]})", 404), answer_of("not keys"),
             answer_of(R"({"keys":[1]})")}) {
        Scene scene;
        scene.tick();
        scene.answer(keys_answer());
        scene.requests_in(kKeysAgeDefault);
        ASSERT_EQ(scene.client.requests.size(), 2U);
        scene.answer(failure);
        EXPECT_EQ(scene.used.size(), 1U) << "nothing was put in their place";
        EXPECT_EQ(scene.requests_in(kKeysRetryPause - Seconds{1}), 0U);
        EXPECT_EQ(scene.requests_in(Seconds{1}), 1U);
        scene.answer(keys_answer(2));
        EXPECT_EQ(scene.used, (std::vector<std::size_t>{1, 2}));
    }
}

TEST(IssuerKeys, ThatTheIssuerWithdrewGo) {
    Scene scene;
    scene.tick();
    scene.answer(keys_answer());
    scene.keys.miss();
    scene.requests_in(kKeysFetchPause);
    scene.answer(answer_of(R"({"keys":[]})"));
    EXPECT_EQ(scene.used, (std::vector<std::size_t>{1, 0}));
}

TEST(IssuerKeys, SurviveAClockThatIsSet) {
    Scene scene;
    scene.tick();
    scene.answer(keys_answer());
    scene.clock.time -= std::chrono::hours{24 * 365};
    EXPECT_EQ(scene.tick(), scene.clock.now() + kKeysAgeMax);
    scene.keys.miss();
    EXPECT_EQ(scene.requests_in(kKeysFetchPause), 1U);
}

TEST(IssuerKeys, GiveUpTheirRequestWhenTheyEnd) {
    ScriptedHttpClient client;
    const ManualClock clock;
    {
        IssuerKeys keys{client, clock, {kIssuer, "", false}, [](KeySet) {}};
        keys.tick(clock.now());
    }
    EXPECT_EQ(client.open(), 0U);
}

}  // namespace
}  // namespace slipway
