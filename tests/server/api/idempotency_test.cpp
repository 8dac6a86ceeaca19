#include "server/api/idempotency.h"

#include "tests/server/engine/engine_world.h"

#include <gtest/gtest.h>

namespace slipway {

namespace {

using namespace std::chrono_literals;

// The wall clock can be set; the steady one goes on with time.
struct SettableClock : Clock {
    Instant now() const override { return kNoon + elapsed + set_by; }
    std::chrono::nanoseconds monotonic() const override { return 1h + elapsed; }
    void pass(Millis time) { elapsed += time; }

    Millis elapsed{0};
    Millis set_by{0};
};

class IdempotencyTest : public testing::Test {
  protected:
    static Request request(std::string_view body, std::string_view target = "/v1/apps") {
        Request made;
        made.method = Method::post;
        made.idempotency_key = "key";
        made.body = body;
        EXPECT_TRUE(parse_target(target, made));
        return made;
    }
    // Answers, or changes something and answers 201 with how often that was done.
    Reply ask(const Request& asked, std::string boot = "boot-1") {
        auto& process = processes_[boot];
        if (!process) {
            process =
                std::make_unique<Idempotency>(*world_.engine, clock_, std::string(32, 'k'), boot);
        }
        const auto act = [&]() -> Idempotency::Answer {
            world_.deploy();
            Reply made;
            made.status = 201;
            made.body = std::to_string(++changes_);
            return {std::move(made), world_.state().position()};
        };
        Reply reply = process->once(asked, Idempotency::keyed(asked, "alice", kOps), act);
        world_.flush();
        return reply;
    }
    // A process that starts on the same log.
    void restart() { processes_.clear(); }
    void expect_same(std::string_view first, std::string_view other) {
        EXPECT_EQ(Idempotency::keyed(request(first), "alice", kOps).request,
                  Idempotency::keyed(request(other), "alice", kOps).request)
            << first << " and " << other;
    }
    void expect_other(std::string_view first, std::string_view other) {
        EXPECT_NE(Idempotency::keyed(request(first), "alice", kOps).request,
                  Idempotency::keyed(request(other), "alice", kOps).request)
            << first << " and " << other;
    }

    EngineWorld world_;
    SettableClock clock_;
    std::map<std::string, std::unique_ptr<Idempotency>> processes_;
    int changes_ = 0;
};

TEST_F(IdempotencyTest, one_json_value_is_one_request_however_it_is_written) {
    expect_same(R"({"a":1,"b":{"c":[1,2],"d":null}})",
                " {\n\"b\" : {\"d\":null, \"c\":[1, 2]},\t\"a\":1}\r\n");
    expect_same(R"({"a":"é/€😀"})", R"({"\u0061":"\u00e9\/\u20AC\ud83d\ude00"})");
    expect_same(R"({"a":1})", R"({"a":1.0})");
    expect_same(R"({"a":100})", R"({"a":1e2})");
    expect_same(R"({"a":0})", R"({"a":-0.0})");
    expect_same(R"({"a":1.5})", R"({"a":15E-1})");
    expect_same(R"({"a":9223372036854775807})", R"({ "a":9223372036854775807})");
    expect_same("", "{}");
}

TEST_F(IdempotencyTest, another_json_value_is_another_request) {
    expect_other(R"({"a":1})", R"({"a":2})");
    expect_other(R"({"a":1})", R"({"a":"1"})");
    expect_other(R"({"a":1})", R"({"a":true})");
    expect_other(R"({"a":null})", R"({})");
    expect_other(R"({"a":[1,2]})", R"({"a":[2,1]})");
    expect_other(R"({"a":9223372036854775807})", R"({"a":9223372036854775806})");
    expect_other(R"({"a":18446744073709551615})", R"({"a":18446744073709551614})");
    expect_other(R"({"a":"x"})", R"({"a":"x "})");
    expect_other(R"({"a":{"b":1},"c":2})", R"({"a":{"b":1,"c":2}})");
}

TEST_F(IdempotencyTest, the_order_and_spelling_of_parameters_mean_nothing) {
    const auto digest = [](std::string_view target) {
        return Idempotency::keyed(request("{}", target), "alice", kOps).request;
    };
    EXPECT_EQ(digest("/v1/apps?a=1&b=2"), digest("/v1/apps?b=%32&a=1&"));
    EXPECT_NE(digest("/v1/apps?a=1&b=2"), digest("/v1/apps?a=2&b=1"));
    EXPECT_NE(digest("/v1/apps?a=1"), digest("/v1/apps"));
    EXPECT_NE(digest("/v1/apps?a=b%26c"), digest("/v1/apps?a=b&c"));
}

TEST_F(IdempotencyTest, a_retry_that_is_written_differently_gets_the_first_answer) {
    EXPECT_EQ(ask(request(R"({"a":1,"b":2})")).body, "1");
    const Reply again = ask(request(R"({ "b": 2.0, "a": 1 })"));
    EXPECT_EQ(again.body, "1");
    EXPECT_EQ(again.headers.back().first, "Idempotency-Replayed");
    EXPECT_EQ(ask(request(R"({"a":1,"b":3})")).status, 422);
    EXPECT_EQ(changes_, 1);
}

TEST_F(IdempotencyTest, a_clock_that_is_set_makes_no_key_new) {
    for (const Millis jump : {Millis{25h}, Millis{-25h}, Millis{24h * 400}, Millis{24h * -400}}) {
        ask(request("{}"));
        clock_.set_by += jump;
        EXPECT_EQ(ask(request("{}")).body, "1") << jump.count();
        restart();
        EXPECT_EQ(ask(request("{}")).body, "1") << jump.count();
        clock_.set_by = Millis{0};
    }
    EXPECT_EQ(changes_, 1);
}

TEST_F(IdempotencyTest, a_key_is_new_after_a_day_whatever_the_clock_shows) {
    ask(request("{}"));
    clock_.pass(24h - 1ms);
    EXPECT_EQ(ask(request("{}")).body, "1");
    clock_.set_by = -24h;
    clock_.pass(1ms);
    EXPECT_EQ(ask(request("{}")).body, "2");
}

// The old answer is noted on a later day of the wall clock than the new one.
TEST_F(IdempotencyTest, a_key_that_is_used_anew_is_kept_though_the_clock_was_set_back) {
    ask(request("{}"));
    clock_.pass(25h);
    clock_.set_by -= 24h * 3;
    EXPECT_EQ(ask(request("{}")).body, "2");
    EXPECT_EQ(ask(request("{}")).body, "2");
    restart();
    EXPECT_EQ(ask(request("{}")).body, "2");
    EXPECT_EQ(changes_, 2);
}

TEST_F(IdempotencyTest, after_a_reboot_the_wall_clock_says_how_old_a_key_is) {
    ask(request("{}"));
    clock_.pass(23h);
    EXPECT_EQ(ask(request("{}"), "boot-2").body, "1");
    clock_.pass(1h);
    EXPECT_EQ(ask(request("{}"), "boot-3").body, "2");
}

}  // namespace

}  // namespace slipway
