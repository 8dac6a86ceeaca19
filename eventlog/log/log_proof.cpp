#include "eventlog/log/log_proof.h"

#include "eventlog/base/check.h"
#include "eventlog/log/note_days.h"

#include <string>
#include <utility>

namespace slipway {

namespace {

std::string text(Position position) {
    return std::to_string(position.value);
}

Error with_advice(const Error& error) {
    return Error{error.code, error.message + std::string{kWhatToDo}};
}

// Read at each start too: notes that cannot be found would be answers that are given twice.
Result<LogLabel> read_all_beside_the_records(const Store& store) {
    auto label = read_label(store);
    if (!label) return label;
    NoteDays days;
    if (auto read = days.read(store); !read) return read.error();
    return label;
}

std::optional<Uuid> stored_log_id(const Store& store) {
    const auto value = store.get(kLogIdKey);
    return value ? uuid_of_value(*value) : std::nullopt;
}

}  // namespace

Result<LogLabel> read_label_or_damage(const Store& store, std::optional<Uuid> kept, Position end) {
    auto label = read_all_beside_the_records(store);
    if (label || label.error().code != ErrorCode::corruption) return label;
    const auto log_id = kept ? kept : stored_log_id(store);
    if (!log_id) return label;
    const LogReader reader{store, {*log_id, {}}};
    const auto scanned = reader.scan(Position{1}, end, [](const Record&) { return true; });
    if (scanned) return label;
    return with_advice({ErrorCode::corruption, scanned.error().message});
}

LogProof::LogProof(std::unique_ptr<LogPlace> place, const Tail& anchor, std::unique_ptr<Store> copy,
                   const LogLabel& label)
    : place_(std::move(place)),
      anchor_(anchor),
      label_(label),
      copy_(std::move(copy)),
      copy_reader_(std::make_unique<LogReader>(*copy_, label)) {}

Result<LogProof> LogProof::of(std::unique_ptr<LogPlace> place) {
    const auto anchor = place->anchor();
    if (!anchor) return anchor.error();
    auto copy = place->copy();
    if (!copy) return copy.error();
    const auto label = read_label_or_damage(**copy, place->kept_log_id(), anchor->position);
    if (!label) {
        copy->reset();  // before its place goes
        return label.error();
    }
    LogProof proof{std::move(place), *anchor, std::move(*copy), *label};
    const Position end = label->tail.position;
    if (end < anchor->position) {
        return damaged_log("it ends at position " + text(end) + "; it was durable up to " +
                           text(anchor->position) + ", so that " + text(Position{end.value + 1}) +
                           " to " + text(anchor->position) + " are missing");
    }
    if (anchor->position.value == 0 && anchor->digest != genesis_digest(label->log_id)) {
        return damaged_log("the anchor is another log's");
    }
    return proof;
}

Result<void> LogProof::check_anchor(const Digest& digest) const {
    if (digest == anchor_.digest) return {};
    return damaged_log("position " + text(anchor_.position) + " is not what the anchor says");
}

Result<void> LogProof::replay(Position known, const LogReader::Visitor& visit) {
    const LogReader& log = *copy_reader_;
    const Position end = label_.tail.position;
    if (anchor_.position <= known) {
        const auto digest = log.digest_at(anchor_.position);
        if (!digest) return with_advice(digest.error());
        if (auto as_anchored = check_anchor(*digest); !as_anchored) return as_anchored;
    }
    std::optional<Error> refused;
    auto scanned =
        log.scan(Position{known.value + 1}, end, [&](const Record& record) -> Result<bool> {
            Result<bool> goes_on = true;
            if (record.position == anchor_.position) {
                if (auto same = check_anchor(record.digest); !same) goes_on = same.error();
            }
            if (goes_on && visit) goes_on = visit(record);
            if (!goes_on) refused = goes_on.error();
            return goes_on;
        });
    if (refused) return *refused;
    if (!scanned) return with_advice(scanned.error());
    const auto last = log.digest_at(end);
    if (!last) return last.error();
    if (*last != label_.tail.digest) {
        return damaged_log("its tail is not that of the record at position " + text(end));
    }
    // The tail acknowledges no record behind it, so none may be there.
    if (copy_->get(event_key(Position{end.value + 1}))) {
        return damaged_log("there is a record after its tail " + text(end));
    }
    is_proven_ = true;
    return {};
}

Result<std::unique_ptr<EventLog>> LogProof::open(const Clock& clock,
                                                 const EventLog::Options& options) {
    CHECK(is_proven_);
    copy_reader_.reset();
    copy_.reset();
    auto store = place_->open();
    if (!store) return store.error();
    const auto label = read_label(**store);
    if (!label) return label.error();
    if (label->tail != label_.tail) {
        return damaged_log("it ends at " + text(label->tail.position) + ", and its copy at " +
                           text(label_.tail.position));
    }
    place_->keep_log_id(label->log_id);
    return EventLog::in_place({std::move(place_), std::move(*store), *label, anchor_.position},
                              clock, options);
}

}  // namespace slipway
