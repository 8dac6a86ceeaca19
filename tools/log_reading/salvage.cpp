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
#include "tools/log_reading/position_ranges.h"
#include "tools/log_reading/recorded_clock.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace slipway {

namespace {

namespace fs = std::filesystem;

// Appended before it is made durable.
constexpr std::size_t kUnsyncedBytesMax = 4 << 20;

// In the order of the bytes, the first key that does not begin so.
std::string after(char prefix) {
    return {static_cast<char>(prefix + 1)};
}

std::string number(Position position) {
    return std::to_string(position.value);
}

// An index has no checksum, nor has the key of a record. Where two of them name a position behind
// all that is known otherwise, it was there.
constexpr int kMentionsBelieved = 2;

// What the head of a record that is damaged says, if there is one.
std::optional<Position> said_position(std::string_view bytes) {
    constexpr std::size_t kAt = 8;
    if (bytes.size() < kAt + 8) return std::nullopt;
    return position_of_value(bytes.substr(kAt, 8));
}

// An object that lost events, by the positions where an index still has them.
struct Affected {
    std::string name;
    std::set<Position> positions;
};

std::string text_of(const std::set<Position>& positions) {
    PositionRanges ranges;
    for (const Position position : positions) ranges.add(position);
    return ranges.text();
}

// A record that may be the one that was written.
struct Candidate {
    Position position;
    std::string bytes;
    Digest digest;
};
// Candidates each of which follows from the one before, the first from what is proved.
using Branch = std::vector<Candidate>;

bool begin_alike(const std::vector<Branch>& branches) {
    return std::all_of(branches.begin(), branches.end(), [&](const Branch& branch) {
        return !branch.empty() && branch.front().bytes == branches.front().front().bytes;
    });
}

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
    Result<void> take(Position position, std::string_view bytes);
    // All that may be at one position is there.
    Result<void> settle_group();
    Result<std::vector<Branch>> extended() const;
    bool is_damaged_tip(const std::vector<Candidate>& group) const;
    // Nothing goes on from the branches; `contradicted`: though there is something in that place.
    Result<void> end_chain(bool contradicted);
    Result<void> append(Branch& branch, std::size_t count);
    Result<void> append(const Candidate& candidate);
    void set_aside(const Candidate& candidate);
    Result<void> close_log();
    // How far the old log went, by what else there is of it.
    Result<void> find_end();
    Result<void> find_affected();
    Result<void> prove();
    Result<Salvaged> keep();
    std::string report() const;

    bool is_anchored(const Candidate& candidate) const {
        return anchor_ && anchor_->position == candidate.position;
    }
    bool has_loss() const { return last_ > end_.position; }
    Loss loss() const { return {Position{end_.position.value + 1}, last_}; }

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
    Uuid log_id_;
    Tail end_;       // of what is proved
    Position last_;  // that is known to have been there

    // More than one branch: a position is there twice, and the next ones show which is the right
    // one. Even of a single one the last is held back: if the next does not follow, one of them was
    // changed, and who knows which.
    std::vector<Branch> branches_{1};
    std::vector<Candidate> group_;
    bool chain_ended_ = false;

    std::ofstream unproven_;
    PositionRanges aside_;               // in unproven_
    std::map<Position, int> mentioned_;  // where there is no checksum: how often
    std::optional<Tail> aside_last_;     // whether the next one follows from it
    std::vector<PositionRanges> runs_;
    std::map<Uuid, Affected> streams_;
    std::map<Uuid, Affected> teams_;
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
    log_id_ = *found;
    end_ = {Position{}, genesis_digest(log_id_)};
    if (auto created = create_log(partial_ / "log", log_id_); !created) return created;
    auto log = open_log(partial_ / "log", clock_);
    if (!log) return log.error();
    made_ = std::move(*log);
    return {};
}

Result<void> Salvage::sort_out() {
    Result<void> taken;
    const auto scanned =
        wreck_->scan("e", after('e'), [&](std::string_view key, std::string_view bytes) {
            if (const auto position = position_of_event_key(key)) taken = take(*position, bytes);
            return static_cast<bool>(taken);
        });
    if (!scanned) return scanned;
    if (!taken) return taken;
    if (auto settled = settle_group(); !settled) return settled;
    return end_chain(false);
}

Result<void> Salvage::take(Position position, std::string_view bytes) {
    const auto record = read_record(position, bytes);
    if (!record) {
        findings_.push_back(record.error().message);
        ++mentioned_[position];
        if (const auto said = said_position(bytes)) ++mentioned_[*said];
        return {};
    }
    if (!group_.empty() && group_.front().position != position) {
        if (auto settled = settle_group(); !settled) return settled;
    }
    group_.push_back({position, std::string{bytes}, record->digest});
    return {};
}

Result<void> Salvage::settle_group() {
    const auto group = std::exchange(group_, {});
    if (group.empty()) return {};
    const Position position = group.front().position;
    if (group.size() > 1)
        findings_.push_back("log: position " + number(position) + " is there twice");
    const std::uint64_t next = end_.position.value + branches_.front().size() + 1;
    if (!chain_ended_ && position.value == next) {
        group_ = group;
        auto longer = extended();
        group_.clear();
        if (!longer) return longer.error();
        if (!longer->empty()) {
            branches_ = std::move(*longer);
            return branches_.size() > 1 ? Result<void>{}
                                        : append(branches_.front(), branches_.front().size() - 1);
        }
    }
    if (auto ended = end_chain(position.value == next && !is_damaged_tip(group)); !ended) {
        return ended;
    }
    for (const auto& candidate : group) set_aside(candidate);
    return {};
}

// Whether only the digest of a candidate was damaged, so that nothing speaks against the record
// before.
bool Salvage::is_damaged_tip(const std::vector<Candidate>& group) const {
    return std::any_of(branches_.begin(), branches_.end(), [&](const Branch& branch) {
        const Digest& tip = branch.empty() ? end_.digest : branch.back().digest;
        return std::any_of(group.begin(), group.end(), [&](const Candidate& candidate) {
            return has_damaged_digest(tip, {candidate.position, {}, candidate.digest},
                                      candidate.bytes);
        });
    });
}

Result<std::vector<Branch>> Salvage::extended() const {
    std::vector<Branch> longer;
    bool contradicted = false;
    for (const Branch& branch : branches_) {
        const Digest& tip = branch.empty() ? end_.digest : branch.back().digest;
        for (const Candidate& candidate : group_) {
            const Record record{candidate.position, {}, candidate.digest};
            if (!follows(tip, record, candidate.bytes)) continue;
            if (is_anchored(candidate) && anchor_->digest != candidate.digest) {
                contradicted = true;
                continue;
            }
            longer.push_back(branch);
            longer.back().push_back(candidate);
        }
    }
    if (!longer.empty() || !contradicted) return longer;
    return Error{ErrorCode::corruption,
                 "salvage: nothing can be proved: position " + number(anchor_->position) +
                     " is not what the anchor says, so the log or the anchor was changed by "
                     "hand; restore from a dump, or from a copy of the directory"};
}

Result<void> Salvage::end_chain(bool contradicted) {
    if (std::exchange(chain_ended_, true)) return {};
    auto branches = std::exchange(branches_, {{}});
    if (branches.size() == 1) {
        Branch& only = branches.front();
        const bool doubtful = contradicted && !only.empty() && !is_anchored(only.back());
        if (doubtful) {
            findings_.push_back(
                "log: position " + number(only.back().position) +
                " and the one after it do not fit together: one of them was changed");
        }
        if (auto done = append(only, only.size() - (doubtful ? 1 : 0)); !done) return done;
    }
    while (branches.size() > 1 && begin_alike(branches)) {
        if (auto done = append(branches.front().front()); !done) return done;
        for (Branch& branch : branches) branch.erase(branch.begin());
    }
    std::vector<Candidate> left;
    for (Branch& branch : branches) {
        for (Candidate& candidate : branch) {
            const bool again = std::any_of(left.begin(), left.end(), [&](const Candidate& other) {
                return other.bytes == candidate.bytes;
            });
            if (!again) left.push_back(std::move(candidate));
        }
    }
    std::stable_sort(left.begin(), left.end(), [](const Candidate& one, const Candidate& other) {
        return one.position < other.position;
    });
    for (const auto& candidate : left) set_aside(candidate);
    return {};
}

Result<void> Salvage::append(Branch& branch, std::size_t count) {
    const auto end = branch.begin() + static_cast<std::ptrdiff_t>(count);
    for (auto at = branch.begin(); at != end; ++at) {
        if (auto done = append(*at); !done) return done;
    }
    branch.erase(branch.begin(), end);
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
    end_ = {record->position, record->digest};
    return {};
}

void Salvage::set_aside(const Candidate& candidate) {
    const auto record = read_record(candidate.position, candidate.bytes);
    const auto recorded = record ? decode(record->position, record->payload) : record.error();
    if (!recorded) {
        findings_.push_back(recorded.error().message);
        if (record) mentioned_[candidate.position] += kMentionsBelieved;
        return;
    }
    std::string line;
    JsonWriter json{line};
    write_json(json, *recorded, &candidate.digest);
    unproven_ << line << "\n";
    aside_.add(candidate.position);
    const bool goes_on = aside_last_ &&
                         aside_last_->position.value + 1 == candidate.position.value &&
                         follows(aside_last_->digest, *record, candidate.bytes);
    if (!goes_on) runs_.emplace_back();
    runs_.back().add(candidate.position);
    aside_last_ = {candidate.position, candidate.digest};
    const Envelope& envelope = recorded->envelope;
    streams_[envelope.stream].name = stream_text(recorded->event);
    streams_[envelope.stream].positions.insert(candidate.position);
    if (!envelope.team.is_nil()) teams_[envelope.team.uuid].positions.insert(candidate.position);
}

Result<void> Salvage::close_log() {
    if (auto closed = made_->close(); !closed) return closed;
    made_.reset();
    return {};
}

Result<void> Salvage::find_end() {
    last_ = end_.position;
    if (anchor_) last_ = std::max(last_, anchor_->position);
    if (!aside_.is_empty()) last_ = std::max(last_, aside_.last());
    const auto mention = [&](std::optional<Position> position) {
        if (position && *position > last_) ++mentioned_[*position];
        return true;
    };
    const auto tails = wreck_->scan(kTailKey, std::string{kTailKey} + '\0',
                                    [&](std::string_view, std::string_view value) {
                                        const auto tail = tail_of_value(value);
                                        return !tail || mention(tail->position);
                                    });
    if (!tails) return tails;
    const auto streams =
        wreck_->scan("s", after('s'), [&](std::string_view, std::string_view value) {
            return mention(position_of_value(value));
        });
    if (!streams) return streams;
    const auto teams = wreck_->scan("t", after('t'), [&](std::string_view key, std::string_view) {
        return mention(position_of_team_key(key));
    });
    if (!teams) return teams;
    for (const auto& [position, times] : mentioned_) {
        if (times >= kMentionsBelieved) last_ = std::max(last_, position);
    }
    return {};
}

Result<void> Salvage::find_affected() {
    if (!has_loss()) return {};
    const auto note = [&](std::map<Uuid, Affected>& affected, std::optional<Uuid> object,
                          std::optional<Position> position) {
        if (!object || !position || *position < loss().first || *position > last_) return;
        affected[*object].positions.insert(*position);
    };
    const auto streams =
        wreck_->scan("s", after('s'), [&](std::string_view key, std::string_view value) {
            note(streams_, stream_of_stream_key(key), position_of_value(value));
            return true;
        });
    if (!streams) return streams;
    return wreck_->scan("t", after('t'), [&](std::string_view key, std::string_view) {
        note(teams_, team_of_team_key(key), position_of_team_key(key));
        return true;
    });
}

// What was written is read again from the disk, and what the objects are called comes from there.
Result<void> Salvage::prove() {
    const auto log = open_log_copy(partial_ / "log");
    if (!log) return log.error();
    const auto scanned = (*log)->scan(Position{1}, end_.position, [&](const Record& record) {
        const auto recorded = decode(record.position, record.payload);
        const auto at = streams_.find(recorded ? recorded->envelope.stream : Uuid{});
        if (at != streams_.end() && recorded) at->second.name = stream_text(recorded->event);
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
    text += end_.position.value == 0 ? "nothing but the id" : "1 to " + number(end_.position);
    text += " into " + (into_ / "log").string() + "\ndigest       ";
    text += hex_of(bytes_of(end_.digest)) + "\nlost         ";
    if (has_loss()) {
        const auto [first, last] = loss();
        text += number(first) + (first == last ? "" : " to " + number(last)) + "\n";
        const auto missing = aside_.rest(first, last);
        if (!missing.is_empty()) text += "not readable " + missing.text() + "\n";
    } else {
        text += anchor_ ? "nothing that is known\n" : "not known\n";
    }
    if (!aside_.is_empty()) {
        text +=
            "not proved   " + aside_.text() + ": in " + (into_ / "unproven.jsonl").string() + "\n";
        for (const auto& run : runs_) {
            if (run.count() > 1) text += "  follow from one another: " + run.text() + "\n";
        }
    }
    for (const auto& [uuid, team] : teams_) {
        text += "affected     " + TeamId{uuid}.text() + ": " + text_of(team.positions) + "\n";
    }
    for (const auto& [uuid, stream] : streams_) {
        text += "affected     ";
        text += stream.name.empty() ? "object " + base32_of(uuid) : stream.name;
        text += ": " + text_of(stream.positions) + "\n";
    }
    for (const auto& finding : findings_) text += "found        " + finding + "\n";
    return text;
}

Result<Salvaged> Salvage::keep() {
    const bool whole = !has_loss() && anchor_ && aside_.is_empty();
    const Salvaged done{whole, report()};
    wreck_.reset();
    std::error_code error;
    fs::remove_all(partial_ / "wreck", error);
    unproven_.close();
    const fs::path lines = partial_ / "unproven.jsonl";
    if (!unproven_) return Error{ErrorCode::io, "salvage: " + lines.string() + " was not written"};
    if (aside_.is_empty()) fs::remove(lines, error);
    if (auto synced = aside_.is_empty() ? Result<void>{} : sync_file(lines); !synced) {
        return synced.error();
    }
    if (has_loss()) {
        if (auto written = write_loss(loss_file(partial_ / "log"), loss()); !written) {
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
    for (const auto step :
         {&Salvage::begin, &Salvage::begin_log, &Salvage::sort_out, &Salvage::close_log,
          &Salvage::find_end, &Salvage::find_affected, &Salvage::prove}) {
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
