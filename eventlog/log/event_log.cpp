#include "eventlog/log/event_log.h"

#include "eventlog/base/check.h"
#include "eventlog/base/trace.h"

#include <string>
#include <utility>

namespace slipway {

namespace {

// The reserve must outlast what is written from one look to the next.
constexpr std::chrono::milliseconds kDiskLookInterval{100};

// A clock that was set back tells nothing, and then it is time to look.
bool has_passed(std::chrono::milliseconds interval, Instant since, Instant now) {
    return now < since || now - since >= interval;
}

}  // namespace

// ---- Opening

EventLog::EventLog(Proven proven, const Clock* clock, const Options& options)
    : LogReader(*proven.store, proven.label),
      place_(std::move(proven.place)),
      store_(std::move(proven.store)),
      commits_(*store_, proven.label.tail),
      notes_(*store_, commits_),
      clock_(clock),
      options_(options),
      anchored_(proven.anchored) {
    if (clock_ != nullptr) anchored_at_ = clock_->now();
}

Result<std::unique_ptr<EventLog>> EventLog::in_place(Proven proven, const Clock& clock,
                                                     const Options& options) {
    CHECK(proven.place != nullptr);
    std::unique_ptr<EventLog> log{new EventLog{std::move(proven), &clock, options}};
    if (auto read = log->notes_.read(); !read) return read.error();
    return log;
}

Result<std::unique_ptr<EventLog>> EventLog::over(std::unique_ptr<Store> store, Uuid log_id) {
    if (!store->get(kTailKey)) {
        if (auto made = store->commit(first_batch(log_id)); !made) return made.error();
    }
    const auto label = read_label(*store);
    if (!label) return label.error();
    std::unique_ptr<EventLog> log{new EventLog{{{}, std::move(store), *label, {}}, nullptr, {}}};
    if (auto read = log->notes_.read(); !read) return read.error();
    return log;
}

PlaceWatch& EventLog::places() {
    CHECK(place_ != nullptr);
    return place_->places();
}

// ---- Appending and flushing

Result<Position> EventLog::append(std::vector<NewRecord> records, Urgency urgency) {
    if (!admits(disk_room_.load(), urgency)) {
        return Error{ErrorCode::disk_low,
                     "the disk of the log has less than " +
                         std::to_string(options_.disk_reserve_bytes / 1024 / 1024) +
                         " MiB of free space; what is under way can still end"};
    }
    return commits_.enqueue(std::move(records), urgency);
}

void EventLog::flush() {
    if (failed_) return;
    const Position before = durable();
    const auto tail = commits_.flush();
    if (!tail) return fail(tail.error());
    if (tail->position != before && listener_) listener_(tail->position, {});
    keep_anchor(*tail);
}

void EventLog::wait(std::chrono::milliseconds timeout) {
    commits_.wait(timeout);
    if (failed_) return;
    if (const auto seen = look_at_disk(); !seen) fail(seen.error());
}

// With an idle log no sync would notice that its files are gone.
Result<void> EventLog::look_at_disk() {
    if (!place_) return {};
    const Instant now = clock_->now();
    if (!has_passed(kDiskLookInterval, disk_seen_at_, now)) return {};
    disk_seen_at_ = now;
    if (auto there = check_place(); !there) return there;
    const auto free_bytes = place_->free_bytes();
    if (!free_bytes) return free_bytes.error();
    const DiskRoom room = disk_room(*free_bytes, options_.disk_reserve_bytes);
    if (room == disk_room_.load()) return {};
    trace(TraceLevel::warning, room == DiskRoom::good ? "log: the disk has room again"
                               : room == DiskRoom::low
                                   ? "log: the disk is nearly full; new work is refused"
                                   : "log: the disk is all but full; what is due waits, too");
    disk_room_.store(room);
    return {};
}

Result<void> EventLog::check_place() const {
    auto there = place_->places().check();
    return there ? there : Error{ErrorCode::indeterminate, there.error().message};
}

void EventLog::fail(const Error& error) {
    failed_ = true;
    commits_.seal(error);
    if (listener_) listener_(durable(), error);
}

void EventLog::keep_anchor(const Tail& tail) {
    if (!place_ || tail.position == anchored_) return;
    const Instant now = clock_->now();
    const bool many = tail.position.value - anchored_.value >= kAnchorEventsMax;
    if (!many && !has_passed(kAnchorAgeMax, anchored_at_, now)) return;
    // The anchor of another log, which was put in this one's place, must stay as it is.
    if (const auto there = check_place(); !there) return fail(there.error());
    if (const auto kept = place_->keep_anchor(tail); !kept) {
        // The log itself is whole; what suffers is only how much of it could be cut off unseen.
        trace(TraceLevel::error, kept.error().message);
        return;
    }
    anchored_ = tail.position;
    anchored_at_ = now;
}

Result<void> EventLog::close() {
    while (!failed_ && commits_.has_work()) flush();
    if (failed_) return Error{ErrorCode::indeterminate, "log: a commit failed before"};
    if (!place_) return {};
    if (auto there = check_place(); !there) return there;
    return place_->keep_anchor(commits_.durable());
}

}  // namespace slipway
