#include "server/api/page_read.h"

#include "tests/support/manual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

// Rows of so many bytes, of which every `wanted_every`th is wanted. To look at one takes a
// millisecond.
class Numbers final : public PageRead {
  public:
    Numbers(const Request& request, ManualClock& clock, std::size_t limit)
        : PageRead(request, limit), clock_(clock) {}

    int rows = 100;
    int wanted_every = 1;
    int enough = 1'000;
    std::size_t bytes = 1;
    int steps = 1;      // in which a row is written
    int gone_row = -1;  // leaves before its last step
    std::vector<int> looked_at_in_turn;

  protected:
    void resume() override { looked_at_in_turn.push_back(0); }
    Result<Found> find(const Turn&) override { return next_ == rows ? Found::end : Found::row; }
    Result<bool> take(JsonWriter& json) override {
        ++looked_at_in_turn.back();
        clock_.time += 1ms;
        if (next_++ % wanted_every != 0) return false;
        json.value(std::string(bytes, 'x'));
        steps_left_ = steps;
        return true;
    }
    Result<Writing> write_on() override {
        if (--steps_left_ == 0) return next_ - 1 == gone_row ? Writing::gone : Writing::done;
        clock_.time += 1ms;
        return Writing::goes_on;
    }
    std::string cursor() const override { return std::to_string(next_); }
    bool is_enough() const override { return next_ >= enough; }

  private:
    ManualClock& clock_;
    int next_ = 0;
    int steps_left_ = 0;
};

struct PageReadTest : testing::Test {
    // The body, in as many turns of five milliseconds as that takes.
    std::string body_of(Numbers& page) {
        std::optional<Reply> reply;
        while (!reply) reply = page.go_on(Turn{clock, 5ms});
        return reply->body;
    }

    Request request;
    ManualClock clock;
};

TEST_F(PageReadTest, LetsGoOfTheThreadWhenItsTurnIsOver) {
    Numbers page{request, clock, 200};
    page.rows = 12;
    body_of(page);
    EXPECT_THAT(page.looked_at_in_turn, ElementsAre(5, 5, 2));
}

TEST_F(PageReadTest, LooksAtOneRowAtLeastInATurn) {
    Numbers page{request, clock, 200};
    const Turn over{clock, 0ms};
    EXPECT_FALSE(page.go_on(over));
    EXPECT_THAT(page.looked_at_in_turn, ElementsAre(1));
}

TEST_F(PageReadTest, WritesALargeRowInSeveralTurns) {
    Numbers page{request, clock, 200};
    page.rows = 2;
    page.steps = 4;
    std::optional<Reply> reply;
    int turns = 0;
    for (; !reply; ++turns) reply = page.go_on(Turn{clock, 1ms});
    EXPECT_EQ(reply->body, "{\"result\":[\"x\",\"x\"],\"next_cursor\":null}\n");
    EXPECT_EQ(turns, 7);
}

TEST_F(PageReadTest, LeavesOutARowThatIsGoneBeforeItIsWritten) {
    for (const int gone : {0, 1, 2}) {
        Numbers one{request, clock, 200};
        one.rows = 3;
        one.steps = 2;
        one.gone_row = gone;
        EXPECT_EQ(body_of(one), "{\"result\":[\"x\",\"x\"],\"next_cursor\":null}\n");
    }
}

TEST_F(PageReadTest, EndsWhereTheListEnds) {
    Numbers page{request, clock, 3};
    page.rows = 3;
    EXPECT_EQ(body_of(page), "{\"result\":[\"x\",\"x\",\"x\"],\"next_cursor\":null}\n");
}

TEST_F(PageReadTest, SaysWhereToGoOnBehindItsLastRow) {
    Numbers page{request, clock, 2};
    EXPECT_EQ(body_of(page), "{\"result\":[\"x\",\"x\"],\"next_cursor\":\"2\"}\n");
}

TEST_F(PageReadTest, EndsEarlyIfItsRowsAreLarge) {
    Numbers page{request, clock, 200};
    page.bytes = kPageBytesMax / 4 + 1;
    const std::string body = body_of(page);
    EXPECT_LT(body.size(), kPageBytesMax + page.bytes);
    EXPECT_TRUE(body.ends_with("],\"next_cursor\":\"4\"}\n"));
}

TEST_F(PageReadTest, EndsEarlyIfItsFilterFitsLittle) {
    Numbers page{request, clock, 200};
    page.wanted_every = 10;
    page.enough = 20;
    EXPECT_EQ(body_of(page), "{\"result\":[\"x\",\"x\"],\"next_cursor\":\"20\"}\n");
}

TEST_F(PageReadTest, OfAWholeListHasNoEndButItsOwn) {
    Numbers page{request, clock, PageRead::kWhole};
    page.rows = 8;
    page.bytes = kPageBytesMax / 4;
    EXPECT_TRUE(body_of(page).ends_with("\"],\"next_cursor\":null}\n"));
    EXPECT_THAT(page.looked_at_in_turn, ElementsAre(5, 3));
}

}  // namespace
}  // namespace slipway
