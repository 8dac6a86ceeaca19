// What every store promises, held by each of them.

#include "eventlog/log/store.h"

#include "eventlog/log/leveldb_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct MemoryStores {
    std::unique_ptr<Store> open() { return std::make_unique<MemoryStore>(); }
};

struct LevelDbStores {
    std::unique_ptr<Store> open() {
        const auto at = directory.path() / "events";
        if (!std::filesystem::exists(at)) CHECK(LevelDbStore::create(at));
        auto store = LevelDbStore::open(at);
        EXPECT_TRUE(store) << store.error().message;
        return std::move(*store);
    }

    TemporaryDirectory directory;
};

template <class Stores>
class StoreContract : public testing::Test {
  protected:
    Pairs found(const std::string& from, const std::string& to, Order order = Order::ascending,
                std::size_t most = 1'000) const {
        Pairs pairs;
        const auto scanned =
            store->scan(from, to, order, [&](std::string_view key, std::string_view value) {
                pairs.emplace_back(key, value);
                return pairs.size() < most;
            });
        EXPECT_TRUE(scanned) << scanned.error().message;
        return pairs;
    }

    Stores stores;
    std::unique_ptr<Store> store = stores.open();
};

using Every = testing::Types<MemoryStores, LevelDbStores>;
TYPED_TEST_SUITE(StoreContract, Every);

TYPED_TEST(StoreContract, GivesBackWhatWasCommitted) {
    const std::string binary{"\0\xff\n", 3};
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"a", "1"}, {"b", binary}, {"c", ""}}}));
    EXPECT_EQ(*this->store->get("a"), "1");
    EXPECT_EQ(*this->store->get("b"), binary);
    EXPECT_EQ(*this->store->get("c"), "");
}

TYPED_TEST(StoreContract, SaysThatAKeyIsNotThere) {
    const auto got = this->store->get("nothing");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::not_found);
}

TYPED_TEST(StoreContract, KeepsTheLastValueOfAKey) {
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"a", "1"}}}));
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"a", "2"}}}));
    EXPECT_EQ(*this->store->get("a"), "2");
    EXPECT_EQ(this->found("a", "b"), (Pairs{{"a", "2"}}));
}

TYPED_TEST(StoreContract, ScansARangeInTheOrderOfBytes) {
    ASSERT_TRUE(this->store->commit(
        {std::nullopt, {{"b", "2"}, {"\xff", "5"}, {"a", "1"}, {"ba", "3"}, {"c", "4"}}}));
    EXPECT_EQ(this->found("a", "c"), (Pairs{{"a", "1"}, {"b", "2"}, {"ba", "3"}}));
    EXPECT_EQ(this->found("aa", "\xff\xff"),
              (Pairs{{"b", "2"}, {"ba", "3"}, {"c", "4"}, {"\xff", "5"}}));
}

TYPED_TEST(StoreContract, ScansTheNewestFirst) {
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"a", "1"}, {"b", "2"}, {"c", "3"}}}));
    EXPECT_EQ(this->found("a", "c", Order::newest_first), (Pairs{{"b", "2"}, {"a", "1"}}));
    EXPECT_EQ(this->found("a", "z", Order::newest_first),
              (Pairs{{"c", "3"}, {"b", "2"}, {"a", "1"}}));
}

TYPED_TEST(StoreContract, StopsAScanThatHasSeenEnough) {
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"a", "1"}, {"b", "2"}, {"c", "3"}}}));
    EXPECT_EQ(this->found("a", "z", Order::ascending, 2), (Pairs{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(this->found("a", "z", Order::newest_first, 1), (Pairs{{"c", "3"}}));
}

TYPED_TEST(StoreContract, FindsNothingInAnEmptyRange) {
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"b", "1"}}}));
    EXPECT_EQ(this->found("b", "b"), Pairs{});
    EXPECT_EQ(this->found("c", "a"), Pairs{});
    EXPECT_EQ(this->found("c", "a", Order::newest_first), Pairs{});
}

TYPED_TEST(StoreContract, TakesABatchThatFollowsTheTail) {
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"m/tail", "1"}}}));
    ASSERT_TRUE(this->store->commit({"1", {{"m/tail", "2"}, {"a", "x"}}}));
    EXPECT_EQ(*this->store->get("m/tail"), "2");
}

TYPED_TEST(StoreContract, RefusesABatchThatFollowsAnotherTail) {
    ASSERT_TRUE(this->store->commit({std::nullopt, {{"m/tail", "1"}}}));
    ASSERT_TRUE(this->store->commit({"1", {{"m/tail", "2"}}}));
    const auto fenced = this->store->commit({"1", {{"m/tail", "3"}, {"a", "x"}}});
    ASSERT_FALSE(fenced);
    EXPECT_EQ(fenced.error().code, ErrorCode::fenced);
    EXPECT_EQ(*this->store->get("m/tail"), "2");
    EXPECT_FALSE(this->store->get("a"));
}

TEST(LevelDbStore, KeepsWhatWasCommittedOverAReopening) {
    LevelDbStores stores;
    const std::string large(3 * 1024 * 1024, 'x');
    ASSERT_TRUE(stores.open()->commit({std::nullopt, {{"a", "1"}, {"b", large}}}));
    const auto store = stores.open();
    EXPECT_EQ(*store->get("a"), "1");
    EXPECT_EQ(*store->get("b"), large);
}

TEST(LevelDbStore, SaysHowMuchItHoldsAndWhere) {
    LevelDbStores stores;
    auto store = stores.open();
    const auto before = store->figures();
    ASSERT_TRUE(store->commit({std::nullopt, {{"a", std::string(100'000, 'a')}}}));
    EXPECT_GE(store->figures().memory_bytes, before.memory_bytes + 100'000);
    EXPECT_EQ(store->figures().tables, before.tables);
    // What was in the memory goes into a table when it is opened again.
    store.reset();
    store = stores.open();
    EXPECT_EQ(store->figures().tables, before.tables + 1);
    EXPECT_GT(store->figures().disk_bytes, before.disk_bytes);
}

TEST(LevelDbStore, IsNotOpenedWhereNothingIs) {
    const TemporaryDirectory directory;
    const auto store = LevelDbStore::open(directory.path() / "events");
    ASSERT_FALSE(store);
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "events" / "CURRENT"));
}

}  // namespace
}  // namespace slipway
