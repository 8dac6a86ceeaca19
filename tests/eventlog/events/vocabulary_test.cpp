#include "eventlog/events/vocabulary.h"

#include <gtest/gtest.h>

#include <set>

namespace slipway {
namespace {

template <class Enum>
class Words : public testing::Test {};

using Enums = testing::Types<Disambiguation, Resolution, DependencyFailurePolicy, MisfireAction,
                             HoldReason, ReleaseReason, CancelReason, Role, ClaimReason,
                             DispatchReason, ExportKind, AttemptCause, Verdict, Provider,
                             TargetKind, CredentialKind, ActorKind, ScheduleStatus, EndReason>;
TYPED_TEST_SUITE(Words, Enums);

// value_of and is_known go up from 0: a value behind a gap would be lost.
TYPED_TEST(Words, BeginAtZeroWithoutAGapAndDiffer) {
    std::set<std::string_view> names;
    int known = 0;
    for (int number = 0; number < 256; ++number) {
        const auto value = static_cast<TypeParam>(number);
        if (!is_known<TypeParam>(static_cast<std::uint8_t>(number))) continue;
        EXPECT_EQ(number, known++);
        EXPECT_TRUE(names.insert(name_of(value)).second) << name_of(value);
        EXPECT_EQ(value_of<TypeParam>(name_of(value)), value);
    }
    EXPECT_GT(known, 0);
    EXPECT_EQ(value_of<TypeParam>(""), std::nullopt);
    EXPECT_EQ(value_of<TypeParam>("no such word"), std::nullopt);
}

TEST(ScheduleStatus, AreAsManyAsHaveAName) {
    EXPECT_EQ(name_of(static_cast<ScheduleStatus>(kScheduleStatuses - 1)), "skipped");
    EXPECT_EQ(name_of(static_cast<ScheduleStatus>(kScheduleStatuses)), "");
}

}  // namespace
}  // namespace slipway
