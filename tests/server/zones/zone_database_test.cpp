#include "server/zones/zone_database.h"

#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace slipway {
namespace {

using testing::HasSubstr;

// A directory of zone files.
class ZoneDirectory {
  public:
    ZoneDirectory& with(const std::string& name, const std::string& bytes) {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream{path_ / name, std::ios::binary} << bytes;
        return *this;
    }
    ZoneDirectory& with_copy_of(const std::string& name) {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::filesystem::copy(std::filesystem::path{ZONEINFO} / name, path_ / name);
        return *this;
    }
    Result<std::unique_ptr<ZoneDatabase>> load() const { return ZoneDatabase::load(path_); }

  private:
    const TemporaryDirectory made_;
    const std::filesystem::path& path_ = made_.path();
};

std::string error_of(const ZoneDirectory& directory) {
    const auto database = directory.load();
    return database ? "" : database.error().message;
}

TEST(ZoneDatabase, OfThisSystemHasItsNamesInAnyCase) {
    const auto database = ZoneDatabase::load(ZONEINFO);
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_GT((*database)->size(), 500U);
    EXPECT_EQ((*database)->version().substr(0, 2), "20");
    const auto zone = (*database)->find("aMERICA/nEW_yORK");
    ASSERT_TRUE(zone);
    EXPECT_EQ(zone->given, "America/New_York");
    EXPECT_EQ(zone->canonical, "America/New_York");
    EXPECT_EQ((*database)->find("utc")->given, "UTC");
}

TEST(ZoneDatabase, OfThisSystemHasNoNamesThatAreNoZones) {
    const auto database = ZoneDatabase::load(ZONEINFO);
    ASSERT_TRUE(database) << database.error().message;
    const std::string very_long(1000, 'a');
    for (const char* const name :
         {"", "localtime", "posixrules", "right/UTC", "posix/UTC", "tzdata.zi", "Europe",
          "../../etc/passwd", "+05:00", "America/New_York ", very_long.c_str()}) {
        EXPECT_FALSE((*database)->find(name)) << name;
    }
}

TEST(ZoneDatabase, AliasesShareTheRulesOfWhatTheyLinkTo) {
    ZoneDirectory directory;
    directory
        .with("tzdata.zi", "# version 2026f\nL Two One\nL Europe/Berlin Two\nZ Europe/Berlin 0:5\n")
        .with_copy_of("Europe/Berlin");
    const auto database = directory.load();
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_EQ((*database)->version(), "2026f");
    const auto berlin = (*database)->find("Europe/Berlin");
    const auto one = (*database)->find("ONE");
    ASSERT_TRUE(berlin && one);
    EXPECT_EQ(one->given, "One");
    EXPECT_EQ(one->canonical, "Europe/Berlin");
    EXPECT_EQ(one->rules, berlin->rules);
}

TEST(ZoneDatabase, AlwaysHasUtcAndLeavesOutZonesWithoutAFile) {
    ZoneDirectory directory;
    directory
        .with("tzdata.zi", "# version 2026f\nZ Europe/Berlin 0:5\nZ Old/Gone 0\nL Old/Gone Gone\n")
        .with_copy_of("Europe/Berlin");
    const auto database = directory.load();
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_EQ((*database)->size(), 2U);
    EXPECT_FALSE((*database)->find("Gone"));
    EXPECT_EQ((*database)->find("UTC")->rules->offset_at(Instant{}), Seconds{0});
}

TEST(ZoneDatabase, RefusesAnIndexThatIsNone) {
    EXPECT_THAT(error_of(ZoneDirectory{}), HasSubstr("tzdata.zi: No such file"));
    EXPECT_THAT(error_of(ZoneDirectory{}.with("tzdata.zi", "")),
                HasSubstr("tzdata.zi: it is empty"));
    EXPECT_THAT(error_of(ZoneDirectory{}.with("tzdata.zi", "Z Europe/Berlin\n")),
                HasSubstr("line 1 has no version"));
    EXPECT_THAT(error_of(ZoneDirectory{}.with("tzdata.zi", "# version 2026f\nZ Nowhere 0\n")),
                HasSubstr("none of the zones"));
    for (const auto* const name : {"../x", "/etc/passwd", "a//b", "a/", "", "a\tb"}) {
        EXPECT_THAT(error_of(ZoneDirectory{}.with(
                        "tzdata.zi", "# version 2026f\nZ " + std::string{name} + " 0\n")),
                    HasSubstr("tzdata.zi: line 2"));
    }
}

TEST(ZoneDatabase, RefusesLinksInACircle) {
    ZoneDirectory directory;
    directory.with("tzdata.zi", "# version 2026f\nZ Europe/Berlin 0:5\nL A B\nL B A\n")
        .with_copy_of("Europe/Berlin");
    EXPECT_THAT(error_of(directory), HasSubstr("links to itself"));
}

TEST(ZoneDatabase, NamesTheFileThatIsDamaged) {
    ZoneDirectory directory;
    directory.with("tzdata.zi", "# version 2026f\nZ Europe/Berlin 0:5\n")
        .with("Europe/Berlin", "TZif2 and nothing");
    const auto database = directory.load();
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, ErrorCode::corruption);
    EXPECT_THAT(database.error().message,
                HasSubstr("Europe/Berlin: the header has 17 bytes, expected 44"));
}

}  // namespace
}  // namespace slipway
