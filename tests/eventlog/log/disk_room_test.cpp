#include "eventlog/log/disk_room.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr std::uintmax_t kReserve = 1'000;

bool is_taken(std::uintmax_t free_bytes, Urgency urgency) {
    return admits(disk_room(free_bytes, kReserve), urgency);
}

TEST(DiskRoom, IsForAllThatIsAppendedWhileTheReserveIsFree) {
    EXPECT_TRUE(is_taken(1'000, Urgency::normal));
    EXPECT_FALSE(is_taken(999, Urgency::normal));
}

TEST(DiskRoom, IsForWhatIsDueWhileHalfOfItIs) {
    EXPECT_TRUE(is_taken(500, Urgency::due));
    EXPECT_FALSE(is_taken(499, Urgency::due));
}

TEST(DiskRoom, IsForWhatIsClosingAlways) {
    EXPECT_TRUE(is_taken(0, Urgency::closing));
}

TEST(DiskRoom, IsForWhatCanBeMadeAgainOnTopOfTheReserveOnly) {
    EXPECT_TRUE(has_room_for_backup(1'011, kReserve, 10));
    EXPECT_FALSE(has_room_for_backup(1'010, kReserve, 10));
    EXPECT_TRUE(has_room_for_snapshot(2'011, kReserve, 10));
    EXPECT_FALSE(has_room_for_snapshot(2'010, kReserve, 10));
}

}  // namespace
}  // namespace slipway
