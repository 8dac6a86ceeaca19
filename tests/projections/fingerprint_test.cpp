#include "projections/fingerprint.h"

#include "projections/state.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

std::string fingerprint_of(const Apps& apps) {
    Fingerprint fingerprint;
    apps.add_to(fingerprint);
    return fingerprint.text();
}

// Two states that differ in it show people other things.
TEST(Fingerprint, TellsWhichVersionOfAnAppSucceededLast) {
    State state;
    for (const auto& recorded : world()) state.apply(recorded);
    Apps apps = state.apps();
    ASSERT_EQ(fingerprint_of(apps), fingerprint_of(state.apps()));
    apps.deployed({apps.index_of(kApi), Version{1}});
    EXPECT_NE(fingerprint_of(apps), fingerprint_of(state.apps()));
}

}  // namespace
}  // namespace slipway
