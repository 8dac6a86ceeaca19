// An Env whose n-th call fails, and which can cut the power: what was not synced is then gone.
//
// Files are real ones. A file that was never synced vanishes with the power, one that was is cut to
// what it had when it was; names that a rename made are as durable as the file.

#pragma once

#include "eventlog/log/durable_env.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace slipway {

class FaultyEnv : public Disk {
  public:
    // The calls that may fail count from 1 from now on. Call `number` fails, and all after it if
    // the fault `stays`, as those of a full or dying disk do. 0: none fails.
    void fail(std::uint64_t number, bool stays);
    // Whether the call that is to fail was reached.
    bool has_failed() const;

    // How many bytes of each write are there all the same when it fails.
    void write_short(bool half) { half_ = half; }

    void cut_power();

    leveldb::Status NewSequentialFile(const std::string& name,
                                      leveldb::SequentialFile** file) override;
    leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** file) override;
    leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
    leveldb::Status RemoveFile(const std::string& name) override;
    leveldb::Status GetChildren(const std::string& directory,
                                std::vector<std::string>* names) override;
    leveldb::Status LockFile(const std::string& name, leveldb::FileLock** lock) override;

    // For the files: whether this call fails.
    bool fails();
    void written(const std::string& name, std::uint64_t bytes);
    void synced(const std::string& name);
    bool is_half() const { return half_; }

  private:
    struct Size {
        std::uint64_t written = 0;
        std::uint64_t synced = 0;
        bool was_synced = false;
    };

    mutable std::mutex mutex_;
    std::uint64_t calls_ = 0;
    std::uint64_t failing_ = 0;
    bool stays_ = false;
    bool failed_ = false;
    bool half_ = false;
    std::map<std::string, Size> sizes_;
};

}  // namespace slipway
