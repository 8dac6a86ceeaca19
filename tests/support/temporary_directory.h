// A new directory, gone with the object.

#pragma once

#include "eventlog/base/check.h"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace slipway {

class TemporaryDirectory {
  public:
    // In memory, where the system has such a place: for a test that makes thousands of files.
    static TemporaryDirectory in_memory() {
        const std::filesystem::path place = "/dev/shm";
        std::error_code error;
        const bool there = std::filesystem::is_directory(place, error);
        return TemporaryDirectory{there ? place : std::filesystem::temp_directory_path()};
    }

    explicit TemporaryDirectory(
        const std::filesystem::path& place = std::filesystem::temp_directory_path()) {
        std::string name = place / "slipway-test-XXXXXX";
        CHECK(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace slipway
