// A disk in memory, whose every chance is that of a seed. It has what a real one has between a
// program and the plate: bytes that were written and not synced, and names that were given and
// whose directory was not synced. Cutting the power makes of them what a power cut makes of them:
//
//   bytes   those that were not synced stay, are lost, are cut off, or some of their sectors are
//           there and others, also earlier ones, are zeros
//   names   each that was made, moved or removed since its directory was synced was so or was not
//
// What LevelDB does in the background waits until run_background(): one thread, and the same order
// each time. Call it before each write: LevelDB would wait for it to have another buffer to fill.

#pragma once

#include "eventlog/log/durable_env.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

class SimulatedDisk : public Disk {
  public:
    // A sector is there as a whole or not at all.
    static constexpr std::size_t kSectorBytes = 512;

    enum class Fault {
        error,      // this call fails
        full,       // this call fails, and each that needs room, until the power is cut
        power_off,  // this call fails and all after it, and nothing changes any more
    };

    struct File {
        std::string bytes;
        std::size_t synced = 0;
        bool is_doubtful = false;  // a sync failed: what was not synced then never will be
    };
    using Names = std::map<std::string, std::shared_ptr<File>>;

    explicit SimulatedDisk(std::mt19937_64& random) : random_(random) {}
    SimulatedDisk(const SimulatedDisk&) = delete;
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;
    ~SimulatedDisk() override;

    // The call `number` from now on, from 1, fails so.
    void fail(Fault fault, std::uint64_t number);
    // Nothing is written or read any more.
    void power_off() { is_off_ = true; }
    // Whether a call failed since the last fail() or cut_power().
    bool has_failed() const { return has_failed_; }
    // No more faults; what was not synced stays so.
    void heal();
    // The process ended with the power, or before it. There are no more faults.
    void cut_power();
    // Cuts off what is left of bytes whose sectors the power took out of order. False if there are
    // none, or nothing is left to do.
    bool cut_reordered();
    // Who opened the files has found nothing wrong with them.
    void forget_reordered() { reordered_.clear(); }

    void run_background();

    // What is on the disk, also what is not synced.
    Names image() const;
    void restore(const Names& image);
    // Flips a bit of some file that is not empty. Returns the file's name.
    std::string flip_a_bit();

    leveldb::Status NewSequentialFile(const std::string& name,
                                      leveldb::SequentialFile** file) override;
    leveldb::Status NewRandomAccessFile(const std::string& name,
                                        leveldb::RandomAccessFile** file) override;
    leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** file) override;
    leveldb::Status NewAppendableFile(const std::string& name,
                                      leveldb::WritableFile** file) override;
    bool FileExists(const std::string& name) override { return names_.contains(name); }
    leveldb::Status GetChildren(const std::string& directory,
                                std::vector<std::string>* names) override;
    leveldb::Status RemoveFile(const std::string& name) override;
    leveldb::Status CreateDir(const std::string&) override { return leveldb::Status::OK(); }
    leveldb::Status RemoveDir(const std::string&) override { return leveldb::Status::OK(); }
    leveldb::Status GetFileSize(const std::string& name, std::uint64_t* bytes) override;
    leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
    leveldb::Status LockFile(const std::string& name, leveldb::FileLock** lock) override;
    leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
    leveldb::Status sync_names(const std::string& directory) override;
    void Schedule(void (*function)(void*), void* argument) override;
    std::uint64_t NowMicros() override { return 0; }
    // LevelDB slows down those who write faster than it works.
    void SleepForMicroseconds(int) override { run_background(); }

    // For the files: what this call does.
    struct Outcome {
        leveldb::Status status;
        bool in_part = false;  // a part of what should be written is there
    };
    Outcome call(const std::string& name, bool needs_room);
    std::size_t below(std::size_t bound) { return random_() % bound; }

  private:
    // One of the names that changed since its directory was synced; no file: it was removed.
    struct Change {
        std::string name;
        std::shared_ptr<File> file;
    };

    void change(std::vector<Change> together);
    void lose_bytes(const std::shared_ptr<File>& file);

    std::mt19937_64& random_;
    Names names_;
    Names durable_names_;
    std::vector<std::vector<Change>> changes_;  // each is made as a whole
    std::deque<std::pair<void (*)(void*), void*>> background_;
    Fault fault_ = Fault::error;
    std::uint64_t failing_in_ = 0;  // calls; 0: none fails
    bool is_full_ = false;
    bool is_off_ = false;
    bool has_failed_ = false;
    std::vector<std::pair<std::shared_ptr<File>, std::size_t>> reordered_;  // from there on
};

}  // namespace slipway
