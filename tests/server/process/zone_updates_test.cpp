#include "server/process/jobs/zone_updates.h"

#include "server/process/jobs/zone_watch.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

namespace slipway {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

// A directory of one zone, as a package leaves it.
class ZoneUpdatesTest : public testing::Test {
  protected:
    // The zone Here has the rules of another.
    void install(const std::string& version, const std::string& rules_of) {
        write("tzdata.zi", "# version " + version + "\nZ Here 0\n");
        fs::copy_file(fs::path{ZONEINFO} / rules_of, directory_.path() / "Here",
                      fs::copy_options::overwrite_existing);
    }
    void write(const std::string& name, const std::string& bytes) {
        std::ofstream{directory_.path() / name, std::ios::binary} << bytes;
    }
    // The version of what the next look gives.
    std::string look() {
        const auto found = updates_.look();
        if (!found) return found.error().message;
        return *found ? std::string{(*found)->version()} : "nothing new";
    }

    const TemporaryDirectory directory_;
    ZoneUpdates updates_ = since_first_installed();

  private:
    ZoneUpdates since_first_installed() {
        install("2027a", "Europe/Berlin");
        return {directory_.path(), (*ZoneDatabase::load(directory_.path()))->digest()};
    }
};

TEST_F(ZoneUpdatesTest, FindNothingInWhatIsKnown) {
    EXPECT_EQ(look(), "nothing new");
    EXPECT_FALSE(updates_.is_settling());
}

TEST_F(ZoneUpdatesTest, GiveAnotherVersionOnceTwoLooksFoundTheSame) {
    install("2027b", "Asia/Tokyo");
    EXPECT_EQ(look(), "nothing new");
    EXPECT_TRUE(updates_.is_settling());
    EXPECT_EQ(look(), "2027b");
    EXPECT_FALSE(updates_.is_settling());
    EXPECT_EQ(look(), "nothing new");
}

TEST_F(ZoneUpdatesTest, GiveOtherRulesOfTheSameVersion) {
    install("2027a", "Asia/Tokyo");
    EXPECT_EQ(look(), "nothing new");
    EXPECT_EQ(look(), "2027a");
    EXPECT_EQ(look(), "nothing new");
    write("tzdata.zi", "# version 2027a\nZ Here 0\nL Here There\n");
    EXPECT_EQ(look(), "nothing new");
    EXPECT_EQ(look(), "2027a");
}

TEST_F(ZoneUpdatesTest, WaitWhileFilesAreBeingReplaced) {
    write("tzdata.zi", "# version 2027b\nZ Here 0\n");
    EXPECT_EQ(look(), "nothing new");
    install("2027b", "Asia/Tokyo");
    EXPECT_EQ(look(), "nothing new");
    EXPECT_EQ(look(), "2027b");
}

TEST_F(ZoneUpdatesTest, GiveAnOlderVersionToo) {
    install("2026f", "Asia/Tokyo");
    look();
    EXPECT_EQ(look(), "2026f");
}

TEST_F(ZoneUpdatesTest, NameTheFileThatIsBrokenAndGoOnWhenItIsWhole) {
    install("2027b", "Asia/Tokyo");
    look();
    write("Here", "TZif2 and nothing");
    EXPECT_THAT(look(), HasSubstr("Here: the header has 17 bytes"));
    fs::remove(directory_.path() / "tzdata.zi");
    EXPECT_THAT(look(), HasSubstr("tzdata.zi: No such file"));
    install("2027b", "Asia/Tokyo");
    EXPECT_EQ(look(), "nothing new");
    EXPECT_EQ(look(), "2027b");
}

TEST_F(ZoneUpdatesTest, ForgetWhatWentAwayAgain) {
    install("2027b", "Asia/Tokyo");
    look();
    install("2027a", "Europe/Berlin");
    EXPECT_EQ(look(), "nothing new");
    EXPECT_FALSE(updates_.is_settling());
}

TEST_F(ZoneUpdatesTest, AreWatched) {
    install("2027b", "Asia/Tokyo");
    std::promise<std::string> found;
    bool told = false;
    ZoneWatch watch{std::move(updates_), std::chrono::milliseconds{1},
                    [&](Result<std::unique_ptr<ZoneDatabase>> seen) {
                        if (!seen || !*seen || std::exchange(told, true)) return;
                        found.set_value(std::string{(*seen)->version()});
                    }};
    EXPECT_EQ(found.get_future().get(), "2027b");
    watch.stop();
    watch.stop();
}

}  // namespace
}  // namespace slipway
