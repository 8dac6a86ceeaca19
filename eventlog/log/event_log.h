// An EventLog is one totally ordered sequence of records, each belonging to a stream: what
// happened, in order, durable. It knows no domain; payloads are opaque.
//
// One thread appends, one flushes, any may read.

#pragma once

#include "eventlog/base/clock.h"
#include "eventlog/base/result.h"
#include "eventlog/log/disk_room.h"
#include "eventlog/log/group_commit.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/notes.h"
#include "eventlog/log/place_watch.h"
#include "eventlog/log/record.h"
#include "eventlog/log/store.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace slipway {

// How far the anchor may be behind while the log grows. It bounds what could be cut off unseen.
inline constexpr std::uint64_t kAnchorEventsMax = 1'000;
inline constexpr std::chrono::seconds kAnchorAgeMax{60};

// A record that owns its bytes.
struct StoredRecord {
    Position position;
    std::string payload;
    Digest digest;
};

class EventLog {
  public:
    struct Options {
        std::uintmax_t disk_reserve_bytes = kDiskReserveLeast;  // see disk_room.h
        // Called once the log is locked and its copy proven, before it is opened: until then
        // nothing of it has changed. An error refuses the opening.
        std::function<Result<void>(EventLog&)> before_open;
    };

    // Returns false to see no more. An error ends the scan too, which returns it.
    using Visitor = std::function<Result<bool>(const Record&)>;
    using Listener = std::function<void(Position, const Result<void>&)>;

    // Says up to where the log is known already, and needs no proof and no replay: at a record
    // whose digest the caller knows, or 0. It sees the log as it was found, of which nothing is
    // proven.
    using Known = std::function<Result<Position>(const EventLog&)>;

    // Makes an empty log at `directory`. Errors: invalid (something is there), io.
    static Result<void> create(const std::filesystem::path& directory, Uuid log_id);

    // Proves a copy of the log at `directory` and shows `replay` each record of it, then opens the
    // log. A refusal has changed nothing, and says which position is wrong and what to do. `clock`
    // tells how old the anchor is; the log keeps no time of its own. Both begin after what is
    // `known`.
    //
    // Errors: not_found (no log there), unavailable (another process has it), corruption, io, and
    // what `replay` and `known` say.
    static Result<std::unique_ptr<EventLog>> open(const std::filesystem::path& directory,
                                                  const Clock& clock, const Options& options,
                                                  const Visitor& replay, const Known& known = {});

    // As open(), but of the copy only: to look at a log without touching it, also one that a server
    // is writing. Ends at what was durable when it was copied.
    static Result<std::unique_ptr<EventLog>> open_copy(const std::filesystem::path& directory);

    // A log over `store`, which is empty or holds a log, without an anchor: for tests.
    static Result<std::unique_ptr<EventLog>> over(std::unique_ptr<Store> store, Uuid log_id);

    // The same, and what is there must first prove itself as in open(): for tests.
    static Result<std::unique_ptr<EventLog>> proven_over(std::unique_ptr<Store> store,
                                                         const Tail& anchor, const Visitor& replay);

    ~EventLog();

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
    GroupCommit::Together hold_together() { return commits_->hold_together(); }
    // Values that are kept beside the records.
    Notes& notes() { return *notes_; }
    const Notes& notes() const { return *notes_; }

    // The last position that was handed out.
    Position tail() const { return commits_->queued(); }

    // ---- The flushing thread

    // `listener` is called there after each group, and once if a commit fails, or if wait() finds
    // that the log is no longer where it was opened.
    void on_durable(Listener listener) { listener_ = std::move(listener); }
    void flush();
    // Waits until there may be something to flush, or the time is over. Looks at the disk, ten
    // times a second at most.
    void wait(std::chrono::milliseconds timeout);
    // Lets the flushing thread commit what is queued. From any thread.
    void wake() { commits_->wake(); }

    // Flushes all and writes the anchor. Call last, when nobody else does anything.
    Result<void> close();

    // ---- Any thread

    Position durable() const { return commits_->durable().position; }
    Tail durable_end() const { return commits_->durable(); }
    Uuid log_id() const { return log_id_; }
    // A commit failed, or the log's files are gone from their place: it takes nothing any more.
    bool is_sealed() const { return failed_.load(); }
    // What must stay where it is: the log's own directory and files. Others can be added. While one
    // of them is not what was added, nothing is committed.
    PlaceWatch& places() { return places_; }
    // Nothing new is taken until there is room again.
    bool is_disk_low() const { return disk_room_.load() != DiskRoom::good; }
    GroupCommit::Waiting waiting() const { return commits_->waiting(); }
    StoreFigures store_figures() const { return store_->figures(); }

    // Errors: not_found, corruption, io.
    Result<StoredRecord> read(Position position) const;
    // As of the end of the record there; at 0, of the log's beginning.
    Result<Digest> digest_at(Position position) const;

    // Shows `visit` each record in [from, to], which must be durable, in order; the chain is
    // checked. Errors: those of `visit`; corruption, which names the position; io.
    Result<void> scan(Position from, Position to, const Visitor& visit) const;

    // Positions of a stream from version `from` on, or from it back: from the last one that there
    // is, if it has not got so far.
    Result<std::vector<Position>> stream_positions(Uuid stream, Version from, std::size_t limit,
                                                   Order order) const;
    // Positions of a team's events after `after`.
    Result<std::vector<Position>> team_positions(Uuid team, Position after,
                                                 std::size_t limit) const;

    // How many keys each index has, for comparing with the events. Slow. Errors: corruption, io.
    struct IndexCounts {
        std::uint64_t streams = 0;
        std::uint64_t teams = 0;
    };
    Result<IndexCounts> count_indexes() const;

  private:
    EventLog() = default;

    Result<void> read_head();
    // `error` of read_head, or of the first of the records up to `end` that is damaged.
    Error with_first_damaged(const Error& error, Position end);
    Result<void> prove(const Visitor& replay, const Tail& anchor, const Known& known);
    // The first position in [from, to] whose record is not there as it was written, where
    // `previous` is the digest before `from`. `from` itself if each record is whole, and only what
    // LevelDB has around it is damaged.
    Position first_damaged(Position from, Position to, Digest previous) const;
    Result<void> look_at_disk();
    Result<void> watch(const std::vector<std::filesystem::path>& places);
    Result<void> in_place() const;
    void fail(const Error& error);
    void keep_anchor(const Tail& tail);

    std::filesystem::path directory_;  // empty: no anchor, no lock
    std::filesystem::path copy_;       // to be removed at the end
    Options options_;
    int lock_ = -1;
    Uuid log_id_;
    Tail opened_at_;
    PlaceWatch places_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<GroupCommit> commits_;
    std::unique_ptr<Notes> notes_;
    Listener listener_;
    Position anchored_;
    const Clock* clock_ = nullptr;  // where there is a directory_
    Instant anchored_at_;
    Instant disk_seen_at_;
    std::atomic<DiskRoom> disk_room_{DiskRoom::good};
    std::atomic<bool> failed_{false};
};

}  // namespace slipway
