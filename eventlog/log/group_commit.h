// Group commit: what many want durable becomes so with one sync. Queue, take what fits, one batch,
// one sync, one result for all. It does not wait for company: with an idle queue a group of one
// goes at once.
//
// One thread enqueues, one flushes. It has no thread of its own: production calls flush() from the
// commit thread, tests call it by hand. After a failed commit nobody knows what is on the disk:
// every later unit gets the same error until the process has restarted and read what is there.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/store.h"
#include "eventlog/log/urgency.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct NewRecord {
    Uuid stream;
    Version version;  // place in its stream, from 1
    Uuid team;        // nil: in no team's feed
    std::string payload;
};

// A value that becomes durable with a unit's records, and is in no digest (notes.h).
struct Note {
    std::string key;
    std::string value;
};

// The payload bytes that one batch takes, unless a single unit is larger. The time to write this
// much is of the order of the sync that it shares.
inline constexpr std::size_t kGroupBytesMax = 1024 * 1024;

// Payload bytes that may wait; what is closing or due may wait on top of it.
inline constexpr std::size_t kQueueBytesMax = 32 * 1024 * 1024;
inline constexpr std::size_t kQueueReserveBytes = 16 * 1024 * 1024;

class GroupCommit {
  public:
    // `tail` is the end of what `store` holds.
    GroupCommit(Store& store, const Tail& tail);

    // Queues `records` as one unit: all or none of it becomes durable. Returns the position of its
    // last.
    //
    // Errors: unavailable (too much waits), indeterminate or fenced (sealed).
    // Requires: !records.empty().
    Result<Position> enqueue(std::vector<NewRecord> records, Urgency urgency);

    // While one lives, no group is taken: what is queued and attached meanwhile becomes durable
    // together. Keep it for microseconds.
    class Together {
        friend class GroupCommit;
        explicit Together(std::mutex& mutex) : lock_(mutex) {}
        std::unique_lock<std::mutex> lock_;
    };
    Together hold_together() { return Together{together_}; }
    // Puts `note` to the unit that ends at `unit`, and removes the keys `outdated` along with it.
    // Requires: the unit was queued while `together` lived.
    void attach(const Together& together, Position unit, Note note,
                std::vector<std::string> outdated);

    // Commits one group, if anything waits. Returns the end of what is durable now.
    Result<Tail> flush();

    // Commits nothing from here on: each later unit gets `error`, unless a commit failed before.
    void seal(const Error& error);

    // Waits until somebody calls wake(), or the time is over. Whoever enqueues calls it once it has
    // no more to add for now: what came in together is then synced together, and not the first
    // alone.
    void wait(std::chrono::milliseconds timeout);
    void wake();
    bool has_work() const;

    // What is queued and in no group yet. From any thread.
    struct Waiting {
        std::size_t units = 0;
        std::size_t bytes = 0;
    };
    Waiting waiting() const;

    Position queued() const { return next_before_; }
    Tail durable() const;

  private:
    struct Unit {
        Position end;  // of its last record
        std::vector<NewRecord> records;
        std::vector<Note> notes;
        std::vector<std::string> removals;
        std::size_t bytes = 0;
    };

    std::vector<Unit> take_group();
    WriteBatch batch_of(std::vector<Unit>& group, Tail& tail) const;

    Store& store_;
    Position next_before_;  // the last that was handed out; the enqueuing thread's

    std::mutex together_;  // taken before mutex_
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Unit> queue_;
    std::size_t queued_bytes_ = 0;
    bool woken_ = false;
    std::optional<Error> sealed_;
    Tail durable_;
};

}  // namespace slipway
