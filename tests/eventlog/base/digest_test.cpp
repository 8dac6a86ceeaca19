#include "eventlog/base/digest.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

// RFC 3720, B.4.
TEST(Crc32c, GivesThePublishedValues) {
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
    EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
    EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, IsTheSameHoweverTheBytesAreCut) {
    std::string bytes;
    for (int i = 0; i < 67; ++i) bytes += static_cast<char>(i * 37);
    const std::string_view whole = bytes;
    for (std::size_t i = 0; i <= whole.size(); ++i) {
        EXPECT_EQ(crc32c(whole.substr(0, i), whole.substr(i)), crc32c(whole)) << i;
    }
}

}  // namespace
}  // namespace slipway
