// A small file that is replaced is the old one or the new one, whatever the disk does.

#include "eventlog/base/durable_file.h"

#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>

namespace slipway {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// No file of this process grows past `bytes`, as on a disk that is full.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        CHECK(getrlimit(RLIMIT_FSIZE, &before_) == 0);
        const rlimit now{bytes, before_.rlim_max};
        CHECK(setrlimit(RLIMIT_FSIZE, &now) == 0);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

  private:
    rlimit before_{};
};

class DurableFile : public testing::Test {
  protected:
    std::string content() const {
        std::ifstream in{file, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    std::size_t names() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator{directory.path()}, fs::directory_iterator{}));
    }

    TemporaryDirectory directory;
    const fs::path file = directory.path() / "small";
};

TEST_F(DurableFile, IsReplacedAndReadableByItsOwnerOnly) {
    ASSERT_TRUE(replace_file(file, "one"));
    ASSERT_TRUE(replace_file(file, "another"));
    EXPECT_EQ(content(), "another");
    EXPECT_EQ(names(), 1U);
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(DurableFile, StaysWhatItWasIfTheDiskIsFull) {
    ASSERT_TRUE(replace_file(file, "one"));
    for (const rlim_t room : {0U, 3U, 6U}) {
        const FullDisk full{room};
        const auto replaced = replace_file(file, "another");
        ASSERT_FALSE(replaced) << room;
        EXPECT_EQ(replaced.error().code, ErrorCode::io);
        EXPECT_THAT(replaced.error().message, HasSubstr("small.new: write"));
    }
    EXPECT_EQ(content(), "one");
    EXPECT_EQ(names(), 1U);
}

TEST_F(DurableFile, ReplacesWhatAWriterThatWasCutOffLeft) {
    std::ofstream{file.string() + ".new"} << "half";
    ASSERT_TRUE(replace_file(file, "whole"));
    EXPECT_EQ(content(), "whole");
    EXPECT_EQ(names(), 1U);
}

TEST_F(DurableFile, IsNotMadeOverAnother) {
    ASSERT_TRUE(write_new_file(file, "one"));
    EXPECT_FALSE(write_new_file(file, "another"));
    EXPECT_EQ(content(), "one");
}

TEST_F(DurableFile, ThatCannotHaveItsNameLeavesNothing) {
    fs::create_directories(file / "full");
    const auto replaced = replace_file(file, "one");
    ASSERT_FALSE(replaced);
    EXPECT_THAT(replaced.error().message, HasSubstr("small: rename"));
    EXPECT_EQ(names(), 1U);
    EXPECT_FALSE(sync_directory(directory.path() / "nowhere"));
}

}  // namespace
}  // namespace slipway
