// The Env through which LevelDB reaches the disk, with what its own lacks:
// - After a failed append, flush or sync it fails every later write. LevelDB 1.23 goes on, and
//   loses what it acknowledges from then on.
// - After one it removes nothing either: where CURRENT was renamed and only the sync of its
//   directory failed, LevelDB would remove the MANIFEST that CURRENT names.
// - A table is read with pread: through mmap, a truncated one ends the process with SIGBUS.
// - A short read is read on, and not taken for the end of the file.
// - The directory is synced once a file was created or renamed in it.
// - A sync fails if the file is no longer under its name, or a watched place is gone: what was
//   written there would not be found by the next start.

#pragma once

#include "eventlog/log/place_watch.h"

#include <leveldb/env.h>

#include <atomic>
#include <memory>
#include <string>

namespace slipway {

// What a DurableEnv stands on: the system's disk. A test puts another in its place.
class Disk : public leveldb::EnvWrapper {
  public:
    Disk() : leveldb::EnvWrapper(leveldb::Env::Default()) {}

    leveldb::Status NewRandomAccessFile(const std::string& name,
                                        leveldb::RandomAccessFile** file) override;

    // Makes the entries of a directory durable. Not OK if the system says no.
    virtual leveldb::Status sync_names(const std::string& directory);
};

class DurableEnv : public leveldb::EnvWrapper {
  public:
    // With `places`, which outlive it and its files, nothing is durable, made or removed unless
    // they are all where they were.
    explicit DurableEnv(Disk& disk, const PlaceWatch* places = nullptr)
        : leveldb::EnvWrapper(&disk), disk_(disk), places_(places) {}

    // A write failed; none is tried any more.
    bool is_sealed() const { return *sealed_; }

    leveldb::Status NewSequentialFile(const std::string& name,
                                      leveldb::SequentialFile** file) override;
    leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** file) override;
    leveldb::Status NewAppendableFile(const std::string& name,
                                      leveldb::WritableFile** file) override;
    leveldb::Status RemoveFile(const std::string& name) override;
    leveldb::Status RenameFile(const std::string& from, const std::string& to) override;

  private:
    leveldb::Status sealing(leveldb::Status status);
    leveldb::Status sync_names_beside(const std::string& name);
    // Seals if a place is gone.
    leveldb::Status may_change(const std::string& name);

    Disk& disk_;
    const PlaceWatch* places_;
    // Shared with the files, which may be closed after the store.
    std::shared_ptr<std::atomic<bool>> sealed_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace slipway
