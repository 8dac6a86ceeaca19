// The snapshotter writes snapshots, beside everything else and on a thread of its own, and shows
// with each that a replay gives the live state:
//
//   replay ─► write ─► read back ─► replay on, and compare with the live state ─► keep
//
// The live state is taken a piece at a time, each where the log is by then: it waits for none of
// this longer than a piece takes. The first of a process replays the whole log, and so proves it;
// a later one goes on from the last snapshot.
//
// All calls belong to the io thread.

#pragma once

#include "eventlog/base/background_job.h"
#include "eventlog/base/clock.h"
#include "eventlog/log/event_log.h"
#include "projections/state_parts.h"
#include "server/engine/engine.h"
#include "server/process/jobs/snapshot_directory.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace slipway {

// Replayed at a start in a fraction of a second.
inline constexpr std::uint64_t kSnapshotEvents = 100'000;

// A snapshot rests for this many times as long as the one before it took.
inline constexpr int kSnapshotRest = 9;

class Snapshotter {
  public:
    struct Options {
        std::uint64_t every = kSnapshotEvents;  // events from one to the next; at least 1
        std::filesystem::path place;            // its file system is looked at for free space
        std::uintmax_t disk_reserve_bytes = kDiskReserveLeast;
        std::chrono::milliseconds pause{5};  // between two pieces of the live state
    };

    enum class Verdict : std::uint8_t { kept, given_up, damaged, differs };
    struct Outcome {
        Verdict verdict = Verdict::kept;
        Position position;  // of the snapshot
        std::string why;    // it was not kept
    };
    using Post = std::function<void(std::function<void()>)>;
    using Done = std::function<void(const Outcome&)>;

    // `post` hands a piece of work to the io thread; `done` is called there.
    Snapshotter(Engine& engine, const Clock& clock, SnapshotDirectory directory, Options options,
                Post post, Done done);

    // The state was read from the snapshot there; 0: from none. With one, the first is made at
    // once.
    void started_from(Position snapshot);
    // Makes one if it is time.
    void durable_up_to(Position position);

    // Where the last one is that was kept, or was started from; 0: none.
    Position newest() const { return newest_; }

    // Leaves what it is at. Idempotent.
    void stop() { job_.stop(); }

  private:
    class Making;
    struct Taken;

    void make();
    void ended(const Outcome& outcome);

    Engine& engine_;
    const EventLog& log_;
    const Clock& clock_;
    SnapshotDirectory directory_;
    Options options_;
    Post post_;
    Done done_;
    Position newest_;
    bool is_first_ = true;
    bool is_making_ = false;
    bool is_over_ = false;  // a replay differed: no snapshot is to be trusted
    std::chrono::nanoseconds began_{0};
    std::chrono::nanoseconds rests_until_{0};
    BackgroundJob job_{"snapshot"};
};

}  // namespace slipway
