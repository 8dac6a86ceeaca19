#include "tools/log_reading/log_losses.h"

#include "eventlog/events/event_json.h"
#include "eventlog/log/record.h"

#include <algorithm>

namespace slipway {

namespace {

// An index has no checksum, nor has the key of a record. Where two of them name a position behind
// all that is known otherwise, it was there.
constexpr int kMentionsBelieved = 2;

// What the head of a record that is damaged says, if there is one.
std::optional<Position> said_position(std::string_view bytes) {
    constexpr std::size_t kAt = 8;
    if (bytes.size() < kAt + 8) return std::nullopt;
    return position_of_value(bytes.substr(kAt, 8));
}

std::string text_of(const std::set<Position>& positions) {
    PositionRanges ranges;
    for (const Position position : positions) ranges.add(position);
    return ranges.text();
}

}  // namespace

void LogLosses::add_damaged(Position position, std::string_view bytes) {
    ++mentioned_[position];
    if (const auto said = said_position(bytes)) ++mentioned_[*said];
}

void LogLosses::add_undecodable(Position position) {
    mentioned_[position] += kMentionsBelieved;
}

void LogLosses::set_aside(const Candidate& candidate, const RecordedEvent& recorded) {
    aside_.add(candidate.position);
    const Record record{candidate.position, {}, candidate.digest};
    const bool goes_on = aside_last_ &&
                         aside_last_->position.value + 1 == candidate.position.value &&
                         follows(aside_last_->digest, record, candidate.bytes);
    if (!goes_on) runs_.emplace_back();
    runs_.back().add(candidate.position);
    aside_last_ = {candidate.position, candidate.digest};
    const Envelope& envelope = recorded.envelope;
    streams_[envelope.stream].name = stream_text(recorded.event);
    streams_[envelope.stream].positions.insert(candidate.position);
    if (!envelope.team.is_nil()) teams_[envelope.team.uuid].positions.insert(candidate.position);
}

Result<void> LogLosses::find(const Wreck& wreck, Position proved,
                             const std::optional<Tail>& anchor) {
    proved_ = proved;
    if (auto found = find_end(wreck, anchor); !found) return found;
    return has_loss() ? find_affected(wreck) : Result<void>{};
}

Result<void> LogLosses::find_end(const Wreck& wreck, const std::optional<Tail>& anchor) {
    last_ = proved_;
    if (anchor) last_ = std::max(last_, anchor->position);
    if (!aside_.is_empty()) last_ = std::max(last_, aside_.last());
    const auto mention = [&](std::optional<Position> position) {
        if (position && *position > last_) ++mentioned_[*position];
        return true;
    };
    const auto tails = wreck.scan(kTailKey, std::string{kTailKey} + '\0',
                                  [&](std::string_view, std::string_view value) {
                                      const auto tail = tail_of_value(value);
                                      return !tail || mention(tail->position);
                                  });
    if (!tails) return tails;
    const auto streams = wreck.scan("s", "t", [&](std::string_view, std::string_view value) {
        return mention(position_of_value(value));
    });
    if (!streams) return streams;
    const auto teams = wreck.scan("t", "u", [&](std::string_view key, std::string_view) {
        return mention(position_of_team_key(key));
    });
    if (!teams) return teams;
    for (const auto& [position, times] : mentioned_) {
        if (times >= kMentionsBelieved) last_ = std::max(last_, position);
    }
    return {};
}

Result<void> LogLosses::find_affected(const Wreck& wreck) {
    const auto note = [&](std::map<Uuid, Affected>& affected, std::optional<Uuid> object,
                          std::optional<Position> position) {
        if (!object || !position || *position < loss().first || *position > last_) return;
        affected[*object].positions.insert(*position);
    };
    const auto streams = wreck.scan("s", "t", [&](std::string_view key, std::string_view value) {
        note(streams_, stream_of_stream_key(key), position_of_value(value));
        return true;
    });
    if (!streams) return streams;
    return wreck.scan("t", "u", [&](std::string_view key, std::string_view) {
        note(teams_, team_of_team_key(key), position_of_team_key(key));
        return true;
    });
}

void LogLosses::name_object(const RecordedEvent& recorded) {
    const auto at = streams_.find(recorded.envelope.stream);
    if (at != streams_.end()) at->second.name = stream_text(recorded.event);
}

std::string LogLosses::text(const std::string& lines, bool has_anchor) const {
    std::string text = "lost         ";
    if (has_loss()) {
        const auto [first, last] = loss();
        text += std::to_string(first.value) +
                (first == last ? "" : " to " + std::to_string(last.value)) + "\n";
        const auto missing = aside_.rest(first, last);
        if (!missing.is_empty()) text += "not readable " + missing.text() + "\n";
    } else {
        text += has_anchor ? "nothing that is known\n" : "not known\n";
    }
    if (!aside_.is_empty()) {
        text += "not proved   " + aside_.text() + ": in " + lines + "\n";
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
    return text;
}

}  // namespace slipway
