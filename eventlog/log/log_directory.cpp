#include "eventlog/log/log_directory.h"

#include "eventlog/base/durable_file.h"
#include "eventlog/base/trace.h"
#include "eventlog/log/anchor.h"
#include "eventlog/log/disk_room.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/log_files.h"
#include "eventlog/log/log_id_file.h"
#include "eventlog/log/log_proof.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace slipway {

namespace fs = std::filesystem;

namespace {

// Copies of a log that is being written may not fit together; a later one does.
constexpr int kCopyTriesMax = 5;

Error io_error(const fs::path& path, const std::error_code& why) {
    return Error{ErrorCode::io, "log: " + path.string() + ": " + why.message()};
}

bool is_about_room(const Error& error) {
    for (const int number : {ENOSPC, EDQUOT}) {
        if (error.message.find(std::strerror(number)) != std::string::npos) return true;
    }
    return false;
}

std::string in_mib(std::uintmax_t bytes) {
    constexpr std::uintmax_t kMib = 1024 * 1024;
    return std::to_string((bytes + kMib - 1) / kMib) + " MiB";
}

// The error that a log is not opened with because its disk is full, which says nothing of the log.
Error full_disk(const fs::path& directory) {
    const auto space = free_bytes_at(directory);
    const std::string free = space ? std::to_string(*space) : "fewer";
    const auto needed = bytes_to_open(directory);
    return Error{
        ErrorCode::disk_low,
        "log: the disk of " + directory.string() + " is full: a start needs up to " +
            std::to_string(needed) + " bytes (" + in_mib(needed) + ") of free space, and " + free +
            " are free; make room and start again: nothing is damaged, and nothing was changed"};
}

Result<void> must_be_there(const fs::path& directory) {
    const auto there = is_there(events_directory(directory));
    if (!there) return there.error();
    if (*there) return {};
    return Error{ErrorCode::not_found, "log: there is none at " + directory.string()};
}

class LogDirectory : public LogPlace {
  public:
    LogDirectory(fs::path directory, int lock)
        : directory_(std::move(directory)), copy_(directory_.string() + ".proof"), lock_(lock) {}
    ~LogDirectory() override {
        remove_copy();
        ::close(lock_);
    }

    Result<void> watch(const std::vector<fs::path>& paths) {
        for (const auto& path : paths) {
            if (auto watched = places().add(path); !watched) return watched;
        }
        return {};
    }

    Result<Tail> anchor() const override {
        auto anchor = read_anchor(anchor_file(directory_));
        return anchor ? anchor : damaged_log(anchor.error().message);
    }
    Result<void> keep_anchor(const Tail& tail) override {
        return write_anchor(anchor_file(directory_), tail);
    }

    std::optional<Uuid> kept_log_id() const override {
        const auto kept = read_log_id(log_id_file(directory_));
        return kept ? std::optional{*kept} : std::nullopt;
    }
    // Logs of before have no such file. It is a second place only, so that a disk that refuses it
    // does not keep the log from being opened.
    void keep_log_id(Uuid log_id) override {
        if (kept_log_id() == log_id) return;
        if (const auto written = write_log_id(log_id_file(directory_), log_id); !written) {
            trace(TraceLevel::error, written.error().message);
        }
    }

    Result<std::unique_ptr<Store>> copy() override {
        // This process has the lock, so a copy of this name was left by a start that was cut off.
        remove_copy();
        if (auto copied = link_log(directory_, copy_); !copied) {
            return is_about_room(copied.error()) ? full_disk(directory_) : copied.error();
        }
        auto store = LevelDbStore::open(events_directory(copy_));
        if (store) return std::unique_ptr<Store>{std::move(*store)};
        if (is_about_room(store.error())) return full_disk(directory_);
        return damaged_log(store.error().message);
    }

    Result<std::unique_ptr<Store>> open() override {
        remove_copy();
        auto store = LevelDbStore::open(events_directory(directory_), nullptr,
                                        LevelDbStore::kWriteBufferBytes, &places());
        if (!store) return is_about_room(store.error()) ? full_disk(directory_) : store.error();
        const auto files = places_of_open_database(directory_);
        if (!files) return files.error();
        if (auto watched = watch(*files); !watched) return watched.error();
        return std::unique_ptr<Store>{std::move(*store)};
    }

    Result<std::uintmax_t> free_bytes() const override {
        auto space = free_bytes_at(directory_);
        if (space) return space;
        return Error{ErrorCode::indeterminate,
                     "log: " + directory_.string() + ": free space: " + space.error().message};
    }

  private:
    void remove_copy() const {
        std::error_code ignored;
        fs::remove_all(copy_, ignored);
    }

    const fs::path directory_;
    const fs::path copy_;  // beside the log, while it is proven
    const int lock_;
};

// A copy in a directory of its own, which goes with it.
class CopiedLog {
  public:
    explicit CopiedLog(fs::path directory) : directory_(std::move(directory)) {}
    CopiedLog(const CopiedLog&) = delete;
    CopiedLog& operator=(const CopiedLog&) = delete;
    ~CopiedLog() {
        store_.reset();
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }

    // Copies what is at `log` now. Errors: corruption, io.
    Result<LogLabel> copy(const fs::path& log) {
        if (auto copied = copy_log(log, directory_); !copied) return copied.error();
        const auto anchor = read_anchor(anchor_file(directory_));
        auto store = LevelDbStore::open(events_directory(directory_));
        if (!anchor || !store) {
            return damaged_log(anchor ? store.error().message : anchor.error().message);
        }
        store_ = std::move(*store);
        const auto kept = read_log_id(log_id_file(directory_));
        auto label = read_label_or_damage(*store_, kept ? std::optional{*kept} : std::nullopt,
                                          anchor->position);
        if (label && label->tail.position < anchor->position) {
            return damaged_log("it ends at " + std::to_string(label->tail.position.value) +
                               ", and was durable up to " + std::to_string(anchor->position.value));
        }
        return label;
    }
    const Store& store() const { return *store_; }

  private:
    const fs::path directory_;
    std::unique_ptr<Store> store_;
};

class CopyReader : public LogReader {
  public:
    CopyReader(std::unique_ptr<CopiedLog> copy, const LogLabel& label)
        : LogReader(copy->store(), label), copy_(std::move(copy)) {}

  private:
    std::unique_ptr<CopiedLog> copy_;
};

Result<void> write_empty_log(const fs::path& directory, Uuid log_id) {
    if (auto made = LevelDbStore::create(events_directory(directory)); !made) return made;
    {
        auto store = LevelDbStore::open(events_directory(directory));
        if (!store) return store.error();
        if (auto written = (*store)->commit(first_batch(log_id)); !written) return written;
    }
    const Tail tail{Position{}, genesis_digest(log_id)};
    if (auto written = write_anchor(anchor_file(directory), tail); !written) return written;
    return write_log_id(log_id_file(directory), log_id);
}

}  // namespace

Result<void> create_log(const fs::path& directory, Uuid log_id) {
    std::error_code error;
    const bool is_free = !fs::exists(directory, error) || fs::is_empty(directory, error);
    if (error) return io_error(directory, error);
    if (!is_free) {
        return Error{ErrorCode::invalid, "log: " + directory.string() + " is not empty"};
    }
    // Made under another name and renamed: half of a log is never found under the right one.
    const fs::path fresh = directory.string() + ".new";
    // A power cut may have taken back its name, and all that was written since is in it.
    if (const auto kept = read_anchor(anchor_file(fresh)); kept && kept->position.value > 0) {
        return Error{ErrorCode::invalid, "log: " + directory.string() + " is not there, and " +
                                             fresh.string() + " holds one up to position " +
                                             std::to_string(kept->position.value) +
                                             " at least: rename it"};
    }
    fs::remove_all(fresh, error);
    fs::create_directories(fresh, error);
    if (error) return io_error(fresh, error);
    if (auto written = write_empty_log(fresh, log_id); !written) return written;
    fs::remove(directory, error);
    fs::rename(fresh, directory, error);
    if (error) return io_error(directory, error);
    const fs::path parent = fs::absolute(directory, error).parent_path();
    if (error) return io_error(directory, error);
    return sync_directory(parent);
}

Result<std::unique_ptr<LogPlace>> lock_place(const fs::path& directory) {
    if (auto there = must_be_there(directory); !there) return there.error();
    const auto lock = lock_log(directory);
    if (!lock) return lock.error();
    auto place = std::make_unique<LogDirectory>(directory, *lock);
    if (auto watched = place->watch(places_of_log(directory)); !watched) return watched.error();
    return std::unique_ptr<LogPlace>{std::move(place)};
}

Result<std::unique_ptr<EventLog>> open_log(const fs::path& directory, const Clock& clock,
                                           const EventLog::Options& options,
                                           const LogReader::Visitor& visit) {
    auto place = lock_place(directory);
    if (!place) return place.error();
    auto proof = LogProof::of(std::move(*place));
    if (!proof) return proof.error();
    if (auto proven = proof->replay(Position{}, visit); !proven) return proven.error();
    return proof->open(clock, options);
}

Result<std::unique_ptr<LogReader>> open_log_copy(const fs::path& directory) {
    if (auto there = must_be_there(directory); !there) return there.error();
    std::optional<Error> last;
    for (int i = 0; i < kCopyTriesMax; ++i) {
        auto into = new_copy_directory(directory);
        if (!into) return into.error();
        auto copy = std::make_unique<CopiedLog>(*into);
        const auto label = copy->copy(directory);
        if (label) return std::unique_ptr<LogReader>{new CopyReader{std::move(copy), *label}};
        last = label.error();
    }
    return *last;
}

}  // namespace slipway
