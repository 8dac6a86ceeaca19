#include "eventlog/log/place_watch.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <iterator>

namespace slipway {
namespace {

namespace fs = std::filesystem;

struct PlaceWatchTest : testing::Test {
    void write(const fs::path& path, const std::string& text) { std::ofstream{path} << text; }
    std::string read(const fs::path& path) {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    const TemporaryDirectory directory;
    const fs::path place = directory.path() / "place";
    const fs::path fresh = directory.path() / "fresh";
    PlaceWatch watch;
};

// While it lives the process can open nothing.
struct NoDescriptors {
    NoDescriptors() {
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
        const rlimit none{0, before.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;
    ~NoDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0); }

    rlimit before{};
};

TEST_F(PlaceWatchTest, WatchesWhatItPutThere) {
    write(place, "old");
    write(fresh, "new");
    ASSERT_TRUE(watch.add(place));
    ASSERT_TRUE(watch.replace(fresh, place));
    EXPECT_TRUE(watch.check());
    EXPECT_EQ(read(place), "new");
    write(fresh, "another's");
    fs::rename(fresh, place);
    EXPECT_FALSE(watch.check());
}

TEST_F(PlaceWatchTest, ReplacesNothingThatItCouldNotWatch) {
    write(place, "old");
    write(fresh, "new");
    ASSERT_TRUE(watch.add(place));
    {
        const NoDescriptors none;
        EXPECT_FALSE(watch.replace(fresh, place));
    }
    EXPECT_TRUE(watch.check());
    EXPECT_EQ(read(place), "old");
    EXPECT_FALSE(watch.replace(directory.path() / "nothing", place));
    EXPECT_TRUE(watch.check());
    EXPECT_TRUE(watch.replace(fresh, place));
    EXPECT_TRUE(watch.check());
}

}  // namespace
}  // namespace slipway
