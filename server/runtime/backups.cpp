#include "server/runtime/backups.h"

#include "eventlog/base/digest.h"
#include "eventlog/base/trace.h"
#include "eventlog/events/codec.h"
#include "eventlog/log/log_files.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace slipway {

namespace {

namespace fs = std::filesystem;

// Read, proven and made durable in one go.
constexpr std::uint64_t kRecordsAtOnce = 2'000;

// 20270210T080000Z-4711: in the order of time, and never twice.
std::string name_for(Instant now, Position end) {
    std::string name = to_text(date::floor<Seconds>(now));
    std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
    return name + "-" + std::to_string(end.value);
}

Result<void> append_records(const EventLog& from, Position first, Position last, EventLog& to) {
    Result<void> appended;
    const auto scanned = from.scan(first, last, [&](const Record& record) {
        const auto recorded = decode(record.position, record.payload);
        if (!recorded) {
            appended = recorded.error();
            return false;
        }
        const Envelope& envelope = recorded->envelope;
        const auto position = to.append({{envelope.stream, envelope.stream_version,
                                          envelope.team.uuid, std::string{record.payload}}});
        if (!position) appended = position.error();
        return static_cast<bool>(position);
    });
    if (!scanned) return scanned;
    if (!appended) return appended;
    to.flush();
    return {};
}

// The digest as of `end`.
Result<std::string> copy_records(const EventLog& from, Position end, const fs::path& into,
                                 const Clock& clock, const std::stop_token& stop) {
    if (auto made = EventLog::create(into, from.log_id()); !made) return made.error();
    auto to = EventLog::open(into, clock, {}, [](const Record&) { return true; });
    if (!to) return to.error();
    for (std::uint64_t first = 1; first <= end.value; first += kRecordsAtOnce) {
        if (stop.stop_requested()) return Error{ErrorCode::unavailable, "the server stopped"};
        const Position last{std::min(first + kRecordsAtOnce - 1, end.value)};
        if (auto done = append_records(from, Position{first}, last, **to); !done) {
            return done.error();
        }
    }
    if (auto closed = (*to)->close(); !closed) return closed.error();
    const auto digest = (*to)->digest_at(end);
    const auto expected = from.digest_at(end);
    if (!digest) return digest.error();
    if (!expected) return expected.error();
    if (*digest != *expected) {
        return Error{ErrorCode::corruption, "log: the copy is not what was copied"};
    }
    return hex_of(bytes_of(*digest));
}

// It has its name once it is whole and durable.
Result<std::string> back_up(const EventLog& log, Position end, const fs::path& directory,
                            const std::string& name, const Clock& clock,
                            const std::stop_token& stop) {
    const fs::path partial = directory / (name + ".partial");
    std::error_code error;
    fs::create_directories(partial, error);
    if (!error) fs::permissions(partial, fs::perms::owner_all, error);
    if (error) return Error{ErrorCode::io, "backup: " + partial.string() + ": " + error.message()};
    auto digest = copy_records(log, end, partial / "log", clock, stop);
    if (digest) {
        fs::rename(partial, directory / name, error);
        if (error) {
            digest = Error{ErrorCode::io, "backup: " + partial.string() + ": " + error.message()};
        } else if (auto synced = sync_names(directory); !synced) {
            digest = synced.error();
        }
    }
    if (!digest) fs::remove_all(partial, error);
    return digest;
}

std::string without(std::string text, const std::string& path) {
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
        text.replace(at, path.size(), "…");
    }
    return text;
}

}  // namespace

Backups::Backups(const EventLog& log, const Clock& clock, fs::path directory, Post post)
    : log_(log), clock_(clock), directory_(std::move(directory)), post_(std::move(post)) {}

void Backups::start(Position end) {
    Last last;
    last.started_at = clock_.now();
    last.name = name_for(last.started_at, end);
    last.position = end;
    last_ = last;
    job_.start([this, end, name = last.name](const std::stop_token& stop) {
        auto digest = back_up(log_, end, directory_, name, clock_, stop);
        return [this, digest = std::move(digest)] {
            post_([this, digest] { ended(digest); });
        };
    });
}

void Backups::ended(const Result<std::string>& digest) {
    last_->ended_at = clock_.now();
    if (digest) {
        last_->progress = Progress::done;
        last_->digest = *digest;
        trace(TraceLevel::info, "backup " + last_->name + " is done");
    } else {
        last_->progress = Progress::failed;
        last_->failure = without(digest.error().message, directory_.string());
        trace(TraceLevel::error, "backup " + last_->name + " failed: " + digest.error().message);
    }
}

std::string_view name_of(Backups::Progress progress) {
    switch (progress) {
        case Backups::Progress::running:
            return "running";
        case Backups::Progress::done:
            return "done";
        case Backups::Progress::failed:
            return "failed";
    }
    return {};
}

}  // namespace slipway
