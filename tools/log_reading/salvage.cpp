#include "tools/log_reading/salvage.h"

#include "eventlog/base/durable_file.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "eventlog/log/anchor.h"
#include "eventlog/log/leveldb_wreck.h"
#include "eventlog/log/log_directory.h"
#include "eventlog/log/log_files.h"
#include "eventlog/log/log_id_file.h"
#include "eventlog/log/loss.h"
#include "tools/log_reading/log_losses.h"
#include "tools/log_reading/proven_chain.h"
#include "tools/log_reading/recorded_clock.h"

#include <unistd.h>

#include <fstream>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace slipway {

namespace {

namespace fs = std::filesystem;

// Appended before it is made durable.
constexpr std::size_t kUnsyncedBytesMax = 4 << 20;

// The whole of one salvage. What it makes is gone with it, unless it is kept.
class Salvage {
  public:
    Salvage(fs::path log, fs::path into)
        : log_(std::move(log)), into_(std::move(into)), partial_(into_.string() + ".partial") {}
    Salvage(const Salvage&) = delete;
    Salvage& operator=(const Salvage&) = delete;
    ~Salvage();

    Result<Salvaged> run();

  private:
    // Errors as of salvage(), until nothing stands in the way.
    Result<void> begin();
    Result<std::set<Uuid>> named_ids();
    Result<void> begin_log();
    // The beginning goes into the new log, and what is behind it beside the log.
    Result<void> sort_out();
    Result<void> append(const Candidate& candidate);
    void set_aside(const Candidate& candidate);
    Result<void> close_log();
    Result<void> find_losses() { return losses_.find(*wreck_, end_.position, anchor_); }
    Result<void> prove();
    Result<Salvaged> keep();
    std::string report() const;

    const fs::path log_;
    const fs::path into_;
    const fs::path partial_;
    bool began_ = false;
    int lock_ = -1;
    std::unique_ptr<Wreck> wreck_;
    std::optional<Tail> anchor_;
    std::vector<std::string> findings_;

    RecordedClock clock_;
    std::unique_ptr<EventLog> made_;
    Tail end_;  // of what is proved

    std::ofstream unproven_;
    LogLosses losses_;
};

Salvage::~Salvage() {
    made_.reset();
    wreck_.reset();
    std::error_code ignored;
    if (began_) fs::remove_all(partial_, ignored);
    if (lock_ >= 0) ::close(lock_);
}

Result<void> Salvage::begin() {
    for (const auto& path : {into_, partial_}) {
        std::error_code error;
        if (fs::symlink_status(path, error).type() == fs::file_type::not_found) continue;
        if (error)
            return Error{ErrorCode::io, "salvage: " + path.string() + ": " + error.message()};
        return Error{ErrorCode::invalid, "salvage: " + path.string() +
                                             " is there already: name a new directory" +
                                             (path == into_ ? "" : ", or remove this one")};
    }
    auto lock = lock_log_to_read(log_);
    if (!lock) return lock.error();
    lock_ = *lock;
    std::error_code error;
    began_ = fs::create_directories(partial_, error);
    if (error) {
        return Error{ErrorCode::io, "salvage: " + partial_.string() + ": " + error.message()};
    }
    fs::permissions(partial_, fs::perms::owner_all, error);
    auto wreck = Wreck::read(events_directory(log_), partial_ / "wreck");
    if (!wreck) return wreck.error();
    wreck_ = std::move(*wreck);
    findings_ = wreck_->findings();
    if (const auto anchor = read_anchor(anchor_file(log_)); anchor) {
        anchor_ = *anchor;
    } else {
        findings_.push_back(anchor.error().message +
                            ": how far the log went is not known for sure");
    }
    unproven_.open(partial_ / "unproven.jsonl", std::ios::binary);
    return {};
}

// The ids that the database and the file beside it name: each may be damaged.
Result<std::set<Uuid>> Salvage::named_ids() {
    std::set<Uuid> ids;
    const auto looked = wreck_->scan(kLogIdKey, std::string{kLogIdKey} + '\0',
                                     [&](std::string_view, std::string_view value) {
                                         if (const auto id = uuid_of_value(value)) ids.insert(*id);
                                         return true;
                                     });
    if (!looked) return looked.error();
    if (ids.empty()) findings_.push_back("the database does not name the id of the log any more");
    if (const auto id = read_log_id(log_id_file(log_)); id) {
        ids.insert(*id);
    } else if (id.error().code != ErrorCode::not_found) {
        findings_.push_back(id.error().message);
    }
    return ids;
}

// Takes the id that the first record was chained to.
Result<void> Salvage::begin_log() {
    const auto named = named_ids();
    if (!named) return named.error();
    const std::set<Uuid>& ids = *named;
    bool is_empty = true;
    std::optional<Uuid> found;
    const auto matched =
        wreck_->scan(event_key(Position{1}), event_key(Position{2}),
                     [&](std::string_view, std::string_view bytes) {
                         is_empty = false;
                         const auto record = read_record(Position{1}, bytes);
                         for (const Uuid id : ids) {
                             if (record && follows(genesis_digest(id), *record, bytes)) found = id;
                         }
                         return !found;
                     });
    if (!matched) return matched;
    if (!found && is_empty && anchor_ && anchor_->position.value == 0 && ids.size() == 1) {
        found = *ids.begin();
    }
    if (!found) {
        return Error{ErrorCode::corruption,
                     "salvage: nothing can be proved: " +
                         std::string{ids.empty() ? "the id of the log is gone"
                                                 : "position 1 is not there as it was written"} +
                         "; restore from a dump, or from a copy of the directory"};
    }
    end_ = {Position{}, genesis_digest(*found)};
    if (auto created = create_log(partial_ / "log", *found); !created) return created;
    auto log = open_log(partial_ / "log", clock_);
    if (!log) return log.error();
    made_ = std::move(*log);
    return {};
}

Result<void> Salvage::sort_out() {
    ProvenChain chain{end_,
                      anchor_,
                      {[this](const Candidate& candidate) { return append(candidate); },
                       [this](const Candidate& candidate) { set_aside(candidate); },
                       [this](const std::string& finding) { findings_.push_back(finding); }}};
    Result<void> taken;
    const auto scanned = wreck_->scan("e", "f", [&](std::string_view key, std::string_view bytes) {
        const auto position = position_of_event_key(key);
        if (!position) return true;
        if (const auto record = read_record(*position, bytes); record) {
            taken = chain.take({*position, std::string{bytes}, record->digest});
        } else {
            findings_.push_back(record.error().message);
            losses_.add_damaged(*position, bytes);
        }
        return static_cast<bool>(taken);
    });
    if (!scanned) return scanned;
    if (!taken) return taken;
    if (auto finished = chain.finish(); !finished) return finished;
    end_ = chain.end();
    return {};
}

Result<void> Salvage::append(const Candidate& candidate) {
    const auto record = read_record(candidate.position, candidate.bytes);
    if (!record) return record.error();
    const auto recorded = decode(record->position, record->payload);
    if (!recorded) return recorded.error();
    const Envelope& envelope = recorded->envelope;
    clock_.set(envelope.recorded_at);
    const auto position = made_->append({{envelope.stream, envelope.stream_version,
                                          envelope.team.uuid, std::string{record->payload}}});
    if (!position) return position.error();
    if (made_->waiting().bytes > kUnsyncedBytesMax) made_->flush();
    return {};
}

void Salvage::set_aside(const Candidate& candidate) {
    const auto record = read_record(candidate.position, candidate.bytes);
    const auto recorded = record ? decode(record->position, record->payload) : record.error();
    if (!recorded) {
        findings_.push_back(recorded.error().message);
        if (record) losses_.add_undecodable(candidate.position);
        return;
    }
    std::string line;
    JsonWriter json{line};
    write_json(json, *recorded, &candidate.digest);
    unproven_ << line << "\n";
    losses_.set_aside(candidate, *recorded);
}

Result<void> Salvage::close_log() {
    if (auto closed = made_->close(); !closed) return closed;
    made_.reset();
    return {};
}

// What was written is read again from the disk, and what the objects are called comes from there.
Result<void> Salvage::prove() {
    const auto log = open_log_copy(partial_ / "log");
    if (!log) return log.error();
    const auto scanned = (*log)->scan(Position{1}, end_.position, [&](const Record& record) {
        const auto recorded = decode(record.position, record.payload);
        if (recorded) losses_.name_object(*recorded);
        return true;
    });
    if (!scanned) return scanned;
    const auto digest = (*log)->digest_at((*log)->durable());
    if (!digest) return digest.error();
    if ((*log)->durable() == end_.position && *digest == end_.digest) return {};
    return Error{ErrorCode::io, "salvage: what was written is not what was read"};
}

std::string Salvage::report() const {
    std::string text = "salvaged     ";
    text += end_.position.value == 0 ? "nothing but the id"
                                     : "1 to " + std::to_string(end_.position.value);
    text += " into " + (into_ / "log").string() + "\ndigest       ";
    text += hex_of(bytes_of(end_.digest)) + "\n";
    text += losses_.text((into_ / "unproven.jsonl").string(), anchor_.has_value());
    for (const auto& finding : findings_) text += "found        " + finding + "\n";
    return text;
}

Result<Salvaged> Salvage::keep() {
    const bool whole = !losses_.has_loss() && anchor_ && !losses_.has_aside();
    const Salvaged done{whole, report()};
    wreck_.reset();
    std::error_code error;
    fs::remove_all(partial_ / "wreck", error);
    unproven_.close();
    const fs::path lines = partial_ / "unproven.jsonl";
    if (!unproven_) return Error{ErrorCode::io, "salvage: " + lines.string() + " was not written"};
    if (!losses_.has_aside()) fs::remove(lines, error);
    if (auto synced = losses_.has_aside() ? sync_file(lines) : Result<void>{}; !synced) {
        return synced.error();
    }
    if (losses_.has_loss()) {
        if (auto written = write_loss(loss_file(partial_ / "log"), losses_.loss()); !written) {
            return written.error();
        }
    }
    if (auto written = replace_file(partial_ / "report.txt", done.report); !written) {
        return written.error();
    }
    fs::rename(partial_, into_, error);
    if (error) return Error{ErrorCode::io, "salvage: " + into_.string() + ": " + error.message()};
    began_ = false;
    const fs::path parent = fs::absolute(into_, error).parent_path();
    if (auto synced = sync_directory(error ? "." : parent); !synced) return synced.error();
    return done;
}

Result<Salvaged> Salvage::run() {
    for (const auto step : {&Salvage::begin, &Salvage::begin_log, &Salvage::sort_out,
                            &Salvage::close_log, &Salvage::find_losses, &Salvage::prove}) {
        if (auto done = (this->*step)(); !done) return done.error();
    }
    return keep();
}

}  // namespace

Result<Salvaged> salvage(const fs::path& place, const fs::path& into) {
    const auto log = log_at(place);
    if (!log) return log.error();
    const fs::path given = into.has_filename() ? into : into.parent_path();  // "new/"
    return Salvage{*log, given}.run();
}

}  // namespace slipway
