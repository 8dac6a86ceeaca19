#include "eventlog/log/event_log.h"

#include "eventlog/base/check.h"
#include "eventlog/base/durable_file.h"
#include "eventlog/base/trace.h"
#include "eventlog/log/anchor.h"
#include "eventlog/log/leveldb_store.h"
#include "eventlog/log/leveldb_wreck.h"
#include "eventlog/log/log_files.h"
#include "eventlog/log/log_id_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

namespace slipway {

namespace fs = std::filesystem;

namespace {

// The reserve must outlast what is written from one look to the next.
constexpr std::chrono::milliseconds kDiskLookInterval{100};

// Copies of a log that is being written may not fit together; a later one does.
constexpr int kCopyTriesMax = 5;

const char* const kWhatToDo =
    "; restore from a dump, or from a copy of the directory, or see what slipway-replay DATA "
    "--salvage INTO can prove";

Error corrupt(const std::string& what) {
    return Error{ErrorCode::corruption, "log: " + what + kWhatToDo};
}

bool is_about_room(const Error& error) {
    for (const int number : {ENOSPC, EDQUOT}) {
        if (error.message.find(std::strerror(number)) != std::string::npos) return true;
    }
    return false;
}

std::string mib(std::uintmax_t bytes) {
    constexpr std::uintmax_t kMib = 1024 * 1024;
    return std::to_string((bytes + kMib - 1) / kMib) + " MiB";
}

// The error that a log is not opened with because of `error`. A full disk says nothing of the log.
Error refused_open(const fs::path& directory, const Error& error, bool is_proof) {
    if (!is_about_room(error)) return is_proof ? corrupt(error.message) : error;
    const auto space = free_bytes_at(directory);
    const std::string free = space ? std::to_string(*space) : "fewer";
    const auto needed = bytes_to_open(directory);
    return Error{
        ErrorCode::disk_low,
        "log: the disk of " + directory.string() + " is full: a start needs up to " +
            std::to_string(needed) + " bytes (" + mib(needed) + ") of free space, and " + free +
            " are free; make room and start again: nothing is damaged, and nothing was changed"};
}

// Records whose bytes are held in memory together while a damaged one is looked for.
constexpr std::uint64_t kLookedAtOnce = 32;

std::string text(Position position) {
    return std::to_string(position.value);
}

// A clock that was set back tells nothing, and then it is time to look.
bool has_passed(std::chrono::milliseconds interval, Instant since, Instant now) {
    return now < since || now - since >= interval;
}

Result<void> must_be_there(const fs::path& directory) {
    const auto there = is_there(events_directory(directory));
    if (!there) return there.error();
    if (*there) return {};
    return Error{ErrorCode::not_found, "log: there is none at " + directory.string()};
}

// Logs of before have no such file. It is a second place only, so that a disk that refuses it does
// not keep the log from being opened.
void keep_log_id(const fs::path& file, Uuid log_id) {
    const auto kept = read_log_id(file);
    if (kept && *kept == log_id) return;
    if (const auto written = write_log_id(file, log_id); !written) {
        trace(TraceLevel::error, written.error().message);
    }
}

WriteBatch first_batch(Uuid log_id) {
    WriteBatch batch;
    batch.puts.emplace_back(std::string{kFormatKey}, std::string{kFormat});
    batch.puts.emplace_back(std::string{kLogIdKey}, uuid_value(log_id));
    batch.puts.emplace_back(std::string{kTailKey},
                            tail_value({Position{}, genesis_digest(log_id)}));
    return batch;
}

}  // namespace

// ---- Creating and opening

Result<void> EventLog::create(const fs::path& directory, Uuid log_id) {
    std::error_code error;
    const bool is_free = !fs::exists(directory, error) || fs::is_empty(directory, error);
    if (error) return Error{ErrorCode::io, "log: " + directory.string() + ": " + error.message()};
    if (!is_free) {
        return Error{ErrorCode::invalid, "log: " + directory.string() + " is not empty"};
    }
    // Made under another name and renamed: half of a log is never found under the right one.
    const fs::path fresh = directory.string() + ".new";
    // A power cut may have taken back its name, and all that was written since is in it.
    if (const auto kept = read_anchor(anchor_file(fresh)); kept && kept->position.value > 0) {
        return Error{ErrorCode::invalid, "log: " + directory.string() + " is not there, and " +
                                             fresh.string() + " holds one up to position " +
                                             text(kept->position) + " at least: rename it"};
    }
    fs::remove_all(fresh, error);
    fs::create_directories(fresh, error);
    if (error) return Error{ErrorCode::io, "log: " + fresh.string() + ": " + error.message()};
    if (auto made = LevelDbStore::create(events_directory(fresh)); !made) return made;
    {
        auto store = LevelDbStore::open(events_directory(fresh));
        if (!store) return store.error();
        if (auto written = (*store)->commit(first_batch(log_id)); !written) return written;
    }
    const Tail tail{Position{}, genesis_digest(log_id)};
    if (auto written = write_anchor(anchor_file(fresh), tail); !written) return written;
    if (auto written = write_log_id(log_id_file(fresh), log_id); !written) return written;
    fs::remove(directory, error);
    fs::rename(fresh, directory, error);
    if (error) return Error{ErrorCode::io, "log: " + directory.string() + ": " + error.message()};
    const fs::path parent = fs::absolute(directory, error).parent_path();
    if (error) return Error{ErrorCode::io, "log: " + directory.string() + ": " + error.message()};
    return sync_directory(parent);
}

Result<std::unique_ptr<EventLog>> EventLog::open(const fs::path& directory, const Clock& clock,
                                                 const Options& options, const Visitor& replay,
                                                 const Known& known) {
    if (auto there = must_be_there(directory); !there) return there.error();
    auto lock = lock_log(directory);
    if (!lock) return lock.error();
    std::unique_ptr<EventLog> log{new EventLog};
    log->lock_ = *lock;
    log->directory_ = directory;
    log->options_ = options;
    log->clock_ = &clock;

    // A copy is proven first, since opening the log itself changes its files.
    auto anchor = read_anchor(anchor_file(directory));
    if (!anchor) return corrupt(anchor.error().message);
    Tail proven;
    {
        // Nobody else has the lock, so what is there under this name is of a start that was cut
        // off.
        const fs::path into = directory.string() + ".proof";
        std::error_code error;
        fs::remove_all(into, error);
        EventLog copy;
        copy.copy_ = into;
        if (auto copied = link_log(directory, into); !copied) {
            return refused_open(directory, copied.error(), false);
        }
        auto store = LevelDbStore::open(events_directory(into));
        if (!store) return refused_open(directory, store.error(), true);
        copy.store_ = std::move(*store);
        if (auto read = copy.read_head(); !read) {
            return copy.with_first_damaged(read.error(), anchor->position);
        }
        if (auto good = copy.prove(replay, *anchor, known); !good) return good.error();
        proven = copy.opened_at_;
    }
    if (auto watched = log->watch(places_of_log(directory)); !watched) return watched.error();
    if (options.before_open) {
        if (auto ready = options.before_open(*log); !ready) return ready.error();
    }
    auto store = LevelDbStore::open(events_directory(directory), nullptr,
                                    LevelDbStore::kWriteBufferBytes, &log->places_);
    if (!store) return refused_open(directory, store.error(), false);
    log->store_ = std::move(*store);
    const auto places = places_of_open_database(directory);
    if (!places) return places.error();
    if (auto watched = log->watch(*places); !watched) return watched.error();
    if (auto read = log->read_head(); !read) return read.error();
    if (log->opened_at_ != proven) {
        return corrupt("it ends at " + text(log->opened_at_.position) + ", and its copy at " +
                       text(proven.position));
    }
    keep_log_id(log_id_file(directory), log->log_id_);
    log->anchored_ = anchor->position;
    log->anchored_at_ = clock.now();
    return log;
}

Result<std::unique_ptr<EventLog>> EventLog::open_copy(const fs::path& directory) {
    if (auto there = must_be_there(directory); !there) return there.error();
    std::optional<Error> last;
    for (int i = 0; i < kCopyTriesMax; ++i) {
        auto into = new_copy_directory(directory);
        if (!into) return into.error();
        std::unique_ptr<EventLog> log{new EventLog};
        log->copy_ = *into;
        if (auto copied = copy_log(directory, *into); !copied) {
            last = copied.error();
            continue;
        }
        const auto anchor = read_anchor(anchor_file(*into));
        auto store = LevelDbStore::open(events_directory(*into));
        if (!anchor || !store) {
            last = corrupt(anchor ? store.error().message : anchor.error().message);
            continue;
        }
        log->store_ = std::move(*store);
        if (auto read = log->read_head(); !read) {
            last = log->with_first_damaged(read.error(), anchor->position);
            continue;
        }
        if (log->opened_at_.position < anchor->position) {
            last = corrupt("it ends at " + text(log->opened_at_.position) +
                           ", and was durable up to " + text(anchor->position));
            continue;
        }
        return log;
    }
    return *last;
}

Result<std::unique_ptr<EventLog>> EventLog::over(std::unique_ptr<Store> store, Uuid log_id) {
    std::unique_ptr<EventLog> log{new EventLog};
    log->store_ = std::move(store);
    if (!log->store_->get(kTailKey)) {
        if (auto made = log->store_->commit(first_batch(log_id)); !made) return made.error();
    }
    if (auto read = log->read_head(); !read) return read.error();
    return log;
}

Result<std::unique_ptr<EventLog>> EventLog::proven_over(std::unique_ptr<Store> store,
                                                        const Tail& anchor, const Visitor& replay) {
    std::unique_ptr<EventLog> log{new EventLog};
    log->store_ = std::move(store);
    if (auto read = log->read_head(); !read) return read.error();
    if (auto good = log->prove(replay, anchor, {}); !good) return good.error();
    return log;
}

EventLog::~EventLog() {
    notes_.reset();
    commits_.reset();
    store_.reset();
    if (lock_ >= 0) ::close(lock_);
    std::error_code ignored;
    if (!copy_.empty()) fs::remove_all(copy_, ignored);
}

// Reads what the log says of itself.
Result<void> EventLog::read_head() {
    const auto format = store_->get(kFormatKey);
    if (!format) return corrupt("its format is not there: " + format.error().message);
    if (*format != kFormat) {
        return Error{ErrorCode::invalid,
                     "log: format " + *format + "; this version reads " + std::string{kFormat}};
    }
    const auto id = store_->get(kLogIdKey);
    const auto log_id = id ? uuid_of_value(*id) : std::nullopt;
    if (!log_id) return corrupt("its id is not there");
    log_id_ = *log_id;
    const auto value = store_->get(kTailKey);
    const auto tail = value ? tail_of_value(*value) : std::nullopt;
    if (!tail) return corrupt("its tail is not there");
    opened_at_ = *tail;
    commits_ = std::make_unique<GroupCommit>(*store_, *tail);
    notes_ = std::make_unique<Notes>(*store_, *commits_);
    return notes_->read();
}

// A head lies in one block with records. If a record is damaged too, that says more.
Error EventLog::with_first_damaged(const Error& error, Position end) {
    if (error.code != ErrorCode::corruption) return error;
    const auto kept = read_log_id(log_id_file(copy_));
    if (kept) log_id_ = *kept;
    if (log_id_ == Uuid{}) return error;
    const auto scanned = scan(Position{1}, end, [](const Record&) { return true; });
    return scanned ? error : Error{error.code, scanned.error().message + kWhatToDo};
}

// Tail, last record, chain and anchor agree, and there is no hole.
Result<void> EventLog::prove(const Visitor& replay, const Tail& anchor, const Known& known) {
    if (opened_at_.position < anchor.position) {
        return corrupt("it ends at position " + text(opened_at_.position) +
                       "; it was durable up to " + text(anchor.position) + ", so that " +
                       text(Position{opened_at_.position.value + 1}) + " to " +
                       text(anchor.position) + " are missing");
    }
    if (anchor.position.value == 0 && anchor.digest != genesis_digest(log_id_)) {
        return corrupt("the anchor is another log's");
    }
    const auto begin = known ? known(*this) : Position{};
    if (!begin) return begin.error();
    std::optional<Error> other;
    const auto is_as_anchored = [&](const Digest& digest) {
        if (digest == anchor.digest) return true;
        other = corrupt("position " + text(anchor.position) + " is not what the anchor says");
        return false;
    };
    if (anchor.position <= *begin) {
        const auto digest = digest_at(anchor.position);
        if (!digest) return Error{digest.error().code, digest.error().message + kWhatToDo};
        if (!is_as_anchored(*digest)) return *other;
    }
    const Position first{begin->value + 1};
    std::optional<Error> refused;
    auto scanned = scan(first, opened_at_.position, [&](const Record& record) -> Result<bool> {
        if (record.position == anchor.position && !is_as_anchored(record.digest)) return false;
        auto goes_on = replay(record);
        if (!goes_on) refused = goes_on.error();
        return goes_on;
    });
    if (refused) return *refused;
    if (!scanned) return Error{scanned.error().code, scanned.error().message + kWhatToDo};
    if (other) return *other;
    const auto last = digest_at(opened_at_.position);
    if (!last) return last.error();
    if (*last != opened_at_.digest) {
        return corrupt("its tail is not that of the record at position " +
                       text(opened_at_.position));
    }
    // What follows the tail was never acknowledged by it, and must not be there.
    const auto beyond = store_->get(event_key(Position{opened_at_.position.value + 1}));
    if (beyond) return corrupt("there is a record after its tail " + text(opened_at_.position));
    return {};
}

// ---- Appending and flushing

Result<Position> EventLog::append(std::vector<NewRecord> records, Urgency urgency) {
    if (!admits(disk_room_.load(), urgency)) {
        return Error{ErrorCode::disk_low,
                     "the disk of the log has less than " +
                         std::to_string(options_.disk_reserve_bytes / 1024 / 1024) +
                         " MiB of free space; what is under way can still end"};
    }
    return commits_->enqueue(std::move(records), urgency);
}

void EventLog::flush() {
    if (failed_) return;
    const Position before = durable();
    const auto tail = commits_->flush();
    if (!tail) return fail(tail.error());
    if (tail->position != before && listener_) listener_(tail->position, {});
    keep_anchor(*tail);
}

void EventLog::wait(std::chrono::milliseconds timeout) {
    commits_->wait(timeout);
    if (failed_) return;
    if (const auto seen = look_at_disk(); !seen) fail(seen.error());
}

// With an idle log no sync would notice that its files are gone.
Result<void> EventLog::look_at_disk() {
    if (directory_.empty()) return {};
    const Instant now = clock_->now();
    if (!has_passed(kDiskLookInterval, disk_seen_at_, now)) return {};
    disk_seen_at_ = now;
    if (auto there = in_place(); !there) return there;
    const auto free_bytes = free_bytes_at(directory_);
    if (!free_bytes) {
        return Error{
            ErrorCode::indeterminate,
            "log: " + directory_.string() + ": free space: " + free_bytes.error().message};
    }
    const DiskRoom room = disk_room(*free_bytes, options_.disk_reserve_bytes);
    if (room == disk_room_.load()) return {};
    trace(TraceLevel::warning, room == DiskRoom::good ? "log: the disk has room again"
                               : room == DiskRoom::low
                                   ? "log: the disk is nearly full; new work is refused"
                                   : "log: the disk is all but full; what is due waits, too");
    disk_room_.store(room);
    return {};
}

Result<void> EventLog::watch(const std::vector<fs::path>& places) {
    for (const auto& place : places) {
        if (auto watched = places_.add(place); !watched) return watched;
    }
    return {};
}

Result<void> EventLog::in_place() const {
    auto there = places_.check();
    return there ? there : Error{ErrorCode::indeterminate, there.error().message};
}

void EventLog::fail(const Error& error) {
    failed_ = true;
    commits_->seal(error);
    if (listener_) listener_(durable(), error);
}

void EventLog::keep_anchor(const Tail& tail) {
    if (directory_.empty() || tail.position == anchored_) return;
    const Instant now = clock_->now();
    const bool many = tail.position.value - anchored_.value >= kAnchorEventsMax;
    if (!many && !has_passed(kAnchorAgeMax, anchored_at_, now)) return;
    // The anchor of another log, which was put in this one's place, must stay as it is.
    if (const auto there = in_place(); !there) return fail(there.error());
    if (const auto written = write_anchor(anchor_file(directory_), tail); !written) {
        // The log itself is whole; what suffers is only how much of it could be cut off unseen.
        trace(TraceLevel::error, written.error().message);
        return;
    }
    anchored_ = tail.position;
    anchored_at_ = now;
}

Result<void> EventLog::close() {
    while (!failed_ && commits_->has_work()) flush();
    if (failed_) return Error{ErrorCode::indeterminate, "log: a commit failed before"};
    if (directory_.empty()) return {};
    if (auto there = in_place(); !there) return there;
    return write_anchor(anchor_file(directory_), commits_->durable());
}

// ---- Reading

Result<StoredRecord> EventLog::read(Position position) const {
    const auto bytes = store_->get(event_key(position));
    if (!bytes) {
        return Error{bytes.error().code,
                     "log: position " + text(position) + ": " + bytes.error().message};
    }
    const auto record = read_record(position, *bytes);
    if (!record) return record.error();
    return StoredRecord{position, std::string{record->payload}, record->digest};
}

Result<Digest> EventLog::digest_at(Position position) const {
    if (position.value == 0) return genesis_digest(log_id_);
    const auto record = read(position);
    if (!record) return record.error();
    return record->digest;
}

Result<void> EventLog::scan(Position from, Position to, const Visitor& visit) const {
    if (from > to) return {};
    CHECK(from.value >= 1);
    auto previous = digest_at(Position{from.value - 1});
    if (!previous) return previous.error();
    Position expected = from;
    std::optional<Error> wrong;
    std::optional<Error> refused;  // by the visitor
    bool ended = false;
    const auto scanned =
        store_->scan(event_key(from), event_key(Position{to.value + 1}), Order::ascending,
                     [&](std::string_view key, std::string_view value) {
                         const auto found = position_of_event_key(key);
                         if (!found || *found != expected) return false;  // a hole; told below
                         const auto record = read_record(expected, value);
                         if (!record) {
                             wrong = record.error();
                             return false;
                         }
                         if (!follows(*previous, *record, value)) {
                             wrong = Error{ErrorCode::corruption,
                                           "log: record at position " + text(expected) +
                                               ": its digest does not follow from the one before"};
                             return false;
                         }
                         *previous = record->digest;
                         ++expected.value;
                         const auto goes_on = visit(*record);
                         if (!goes_on) refused = goes_on.error();
                         ended = !goes_on || !*goes_on;
                         return !ended;
                     });
    if (refused) return *refused;
    if (!wrong && !scanned) {
        expected = first_damaged(expected, to, *previous);
        wrong = Error{scanned.error().code, "log: position " + text(expected) +
                                                " cannot be read: " + scanned.error().message};
    }
    if (!wrong && !ended && expected.value != to.value + 1) {
        wrong = Error{ErrorCode::corruption, "log: position " + text(expected) + " is missing"};
    }
    if (!wrong) return {};
    if (expected > from) wrong->message += "; good up to " + text(Position{expected.value - 1});
    return *wrong;
}

// LevelDB refuses a whole block of records for one bad byte. Each record proves itself, so the
// tables are read without LevelDB's checksums, as a salvage reads them, up to where LevelDB reads
// again.
Position EventLog::first_damaged(Position from, Position to, Digest previous) const {
    const fs::path& directory = copy_.empty() ? directory_ : copy_;
    if (directory.empty()) return from;
    const auto is_next = [&](Position position, const std::string& bytes) {
        const auto record = read_record(position, bytes);
        if (!record || !follows(previous, *record, bytes)) return false;
        previous = record->digest;
        return true;
    };
    for (Position next = from; next <= to;) {
        const Position end{std::min(next.value + kLookedAtOnce, to.value + 1)};
        std::map<Position, std::vector<std::string>> values;
        visit_tables(events_directory(directory), event_key(next), event_key(end),
                     [&](std::string_view key, std::string_view value) {
                         if (const auto position = position_of_event_key(key))
                             values[*position].emplace_back(value);
                         return true;
                     });
        for (; next < end; ++next.value) {
            const auto readable = store_->get(event_key(next));
            if (readable && is_next(next, *readable)) {
                if (next != from) return from;
                continue;
            }
            const auto& found = values[next];
            const bool is_whole =
                std::any_of(found.begin(), found.end(),
                            [&](const std::string& bytes) { return is_next(next, bytes); });
            if (readable || !is_whole) return next;
        }
    }
    return from;
}

Result<std::vector<Position>> EventLog::stream_positions(Uuid stream, Version from,
                                                         std::size_t limit, Order order) const {
    std::vector<Position> positions;
    std::optional<Error> wrong;
    const bool ascending = order == Order::ascending;
    const std::string begin = stream_key(stream, ascending ? from : Version{});
    std::string end = stream_key(stream, ascending ? Version{UINT32_MAX} : from);
    end += '\0';
    const auto scanned =
        store_->scan(begin, end, order, [&](std::string_view, std::string_view value) {
            if (positions.size() == limit) return false;
            const auto position = position_of_value(value);
            if (!position) {
                wrong = corrupt("a stream's index is damaged");
                return false;
            }
            positions.push_back(*position);
            return true;
        });
    if (!scanned) return scanned.error();
    if (wrong) return *wrong;
    return positions;
}

Result<std::vector<Position>> EventLog::team_positions(Uuid team, Position after,
                                                       std::size_t limit) const {
    std::vector<Position> positions;
    if (after.value == UINT64_MAX) return positions;
    const auto scanned = store_->scan(team_key(team, Position{after.value + 1}),
                                      team_key(team, Position{UINT64_MAX}), Order::ascending,
                                      [&](std::string_view key, std::string_view) {
                                          if (positions.size() == limit) return false;
                                          const auto position = position_of_team_key(key);
                                          if (position) positions.push_back(*position);
                                          return true;
                                      });
    if (!scanned) return scanned.error();
    return positions;
}

Result<EventLog::IndexCounts> EventLog::count_indexes() const {
    IndexCounts counts;
    const auto counting = [](std::uint64_t& count) {
        return [&count](std::string_view, std::string_view) {
            ++count;
            return true;
        };
    };
    if (auto done = store_->scan("s", "t", Order::ascending, counting(counts.streams)); !done) {
        return done.error();
    }
    if (auto done = store_->scan("t", "u", Order::ascending, counting(counts.teams)); !done) {
        return done.error();
    }
    return counts;
}

}  // namespace slipway
