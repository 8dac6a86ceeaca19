// An EventLog is one totally ordered sequence of records, each belonging to a stream: what
// happened, in order, durable. It knows no domain; payloads are opaque. A log is proven before it
// is opened (log_proof.h), out of the place where it is kept (log_directory.h).
//
// One thread appends, one flushes, any may read.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/result.h"
#include "eventlog/log/disk_room.h"
#include "eventlog/log/group_commit.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/log_label.h"
#include "eventlog/log/log_place.h"
#include "eventlog/log/log_reader.h"
#include "eventlog/log/notes.h"
#include "eventlog/log/store.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace slipway {

// How far the anchor may be behind while the log grows. It bounds what could be cut off unseen.
inline constexpr std::uint64_t kAnchorEventsMax = 1'000;
inline constexpr std::chrono::seconds kAnchorAgeMax{60};

class EventLog : public LogReader {
  public:
    struct Options {
        std::uintmax_t disk_reserve_bytes = kDiskReserveLeast;  // see disk_room.h
    };

    using Listener = std::function<void(Position, const Result<void>&)>;

    // A log that was proven, and is open in its place.
    struct Proven {
        std::unique_ptr<LogPlace> place;
        std::unique_ptr<Store> store;
        LogLabel label;
        Position anchored;
    };
    // Errors: corruption, io.
    static Result<std::unique_ptr<EventLog>> in_place(Proven proven, const Clock& clock,
                                                      const Options& options);

    // A log over `store`, which is empty or holds a log. It is kept nowhere else: no anchor, no
    // lock, no look at a disk.
    static Result<std::unique_ptr<EventLog>> over(std::unique_ptr<Store> store, Uuid log_id);

    // ---- The appending thread

    // Queues `records` as one unit: all or none of it becomes durable. Returns the position of its
    // last.
    //
    // Errors:
    //   unavailable            too much waits, or the disk is nearly full; nothing was queued
    //   indeterminate, fenced  a commit failed; the log takes nothing any more
    Result<Position> append(std::vector<NewRecord> records, Urgency urgency = Urgency::normal);

    // While what this returns lives, nothing becomes durable: what is appended and noted meanwhile
    // does so together.
    GroupCommit::Together hold_together() { return commits_.hold_together(); }
    // Values that are kept beside the records.
    Notes& notes() { return notes_; }
    const Notes& notes() const { return notes_; }

    // The last position that was handed out.
    Position tail() const { return commits_.queued(); }

    // ---- The flushing thread

    // `listener` is called there after each group, and once if a commit fails, or if wait() finds
    // that the log is no longer where it was opened.
    void on_durable(Listener listener) { listener_ = std::move(listener); }
    void flush();
    // Waits until there may be something to flush, or the time is over. Looks at the disk, ten
    // times a second at most.
    void wait(std::chrono::milliseconds timeout);
    // Lets the flushing thread commit what is queued. From any thread.
    void wake() { commits_.wake(); }

    // Flushes all and writes the anchor. Call last, when nobody else does anything.
    Result<void> close();

    // ---- Any thread

    Tail durable_end() const override { return commits_.durable(); }
    // A commit failed, or the log's files are gone from their place: it takes nothing any more.
    bool is_sealed() const { return failed_.load(); }
    // What must stay where it is: the log's own directory and files. Others can be added. While one
    // of them is not what was added, nothing is committed. Requires: the log is in a place.
    PlaceWatch& places();
    // Nothing new is taken until there is room again.
    bool is_disk_low() const { return disk_room_.load() != DiskRoom::good; }
    GroupCommit::Waiting waiting() const { return commits_.waiting(); }

  private:
    EventLog(Proven proven, const Clock* clock, const Options& options);

    Result<void> look_at_disk();
    Result<void> check_place() const;
    void fail(const Error& error);
    void keep_anchor(const Tail& tail);

    // From the last to go to the first. No place: it is kept nowhere but in its store.
    const std::unique_ptr<LogPlace> place_;
    const std::unique_ptr<Store> store_;
    GroupCommit commits_;
    Notes notes_;
    const Clock* const clock_;  // where there is a place
    const Options options_;
    Listener listener_;
    Position anchored_;
    Instant anchored_at_;
    Instant disk_seen_at_;
    std::atomic<DiskRoom> disk_room_{DiskRoom::good};
    std::atomic<bool> failed_{false};
};

}  // namespace slipway
