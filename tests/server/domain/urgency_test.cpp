#include "server/domain/urgency.h"

#include <gtest/gtest.h>

namespace slipway {

namespace {

TEST(UrgencyOf, WhatStopsSomethingOrEndsItMayUseTheReserve) {
    const Command stops[] = {HoldDispatch{},   RevokeUserTokens{},   ShredCredential{},
                             HoldDeployment{}, CancelDeployment{},   AbortDeployment{},
                             RecordOutcome{},  CompleteDeployment{}, ReconcileInterrupted{}};
    for (const Command& command : stops) {
        EXPECT_EQ(urgency_of(command), Urgency::closing) << "command " << command.index();
    }
}

TEST(UrgencyOf, WhatTheClockAsksForMayUseHalfOfIt) {
    const Command due[] = {Wake{}, StartAttempt{}, ChangeZoneRules{}, ReresolveDueTime{}};
    for (const Command& command : due) {
        EXPECT_EQ(urgency_of(command), Urgency::due) << "command " << command.index();
    }
}

TEST(UrgencyOf, NewWorkMayUseNoneOfIt) {
    const Command new_work[] = {ScheduleDeployment{}, RequestDeployment{}, RunNow{},
                                ReleaseDeployment{},  ArmDispatch{},       CreateApp{}};
    for (const Command& command : new_work) {
        EXPECT_EQ(urgency_of(command), Urgency::normal) << "command " << command.index();
    }
}

}  // namespace

}  // namespace slipway
