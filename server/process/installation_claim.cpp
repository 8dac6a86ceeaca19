#include "server/process/installation_claim.h"

#include "eventlog/base/trace.h"
#include "eventlog/log/loss.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& file, const fs::path& directory) {
    std::error_code error;
    const fs::path path = fs::weakly_canonical(fs::absolute(file), error);
    fs::path top = fs::weakly_canonical(fs::absolute(directory), error);
    if (!top.has_filename()) top = top.parent_path();  // of DATA/
    return std::mismatch(top.begin(), top.end(), path.begin(), path.end()).first == top.end();
}

}  // namespace

Result<InstallationClaim> InstallationClaim::prepare(Settings settings) {
    const fs::path file = settings.high_water_file;
    if (!file.empty() && lies_in(file, settings.data)) {
        return Error{ErrorCode::invalid, "high-water: " + file.string() + " lies in " +
                                             settings.data.string() +
                                             ", and would be put back along with it: name a file "
                                             "elsewhere"};
    }
    InstallationClaim claim{std::move(settings)};
    if (file.empty()) return claim;
    const fs::path folder = fs::absolute(file).parent_path();
    if (std::error_code error; !fs::is_directory(folder, error)) {
        return Error{ErrorCode::invalid, "high-water: " + folder.string() + " is no directory"};
    }
    auto seen = read_high_water(file);
    if (!seen) return seen.error();
    claim.seen_ = std::move(*seen);
    return claim;
}

Result<void> InstallationClaim::may_create() const {
    if (!seen_) return {};
    return Error{ErrorCode::invalid, "high-water: " + settings_.high_water_file.string() +
                                         " has seen a log up to position " +
                                         std::to_string(seen_->position.value) +
                                         ", and there is none in " + settings_.data.string() +
                                         ": restore it, or remove the file to begin a new one"};
}

InstallationPlace InstallationClaim::place() const {
    return {settings_.data / "installation", settings_.log, settings_.machine};
}

Result<void> InstallationClaim::before_open(PlaceWatch& places, const std::string& key_check) {
    auto file = read_installation(place());
    if (!file) return file.error();
    file_ = std::move(*file);
    if (!file_) return {};
    if (!file_->key_check.empty() && file_->key_check != key_check) {
        return Error{ErrorCode::invalid,
                     "secrets: server_key is not the one that this data directory had: restore it, "
                     "or every target would get signatures that it does not know"};
    }
    // One that is not in its place stays so, also if this start is cut off.
    if (!file_->in_place) return {};
    return write_installation(place(), *file_, LogFiles::opening, places);
}

Result<bool> InstallationClaim::went_back(const EventLog& log) const {
    const std::pair<std::optional<HighWater>, fs::path> marks[] = {
        {file_ ? file_->end : std::nullopt, place().file},
        {seen_, settings_.high_water_file},
    };
    for (const auto& [mark, file] : marks) {
        if (!mark) continue;
        const auto found = contradiction(log, *mark);
        if (!found) return found.error();
        if (!*found) continue;
        trace(TraceLevel::warning,
              "the log was put back to an earlier state: by " + file.string() + ", " + **found);
        return true;
    }
    return false;
}

Result<std::optional<ClaimReason>> InstallationClaim::reason(
    const EventLog& log, std::optional<InstallationId> known) const {
    const bool is_known = file_ && known && file_->id == *known;
    const auto back = went_back(log);
    if (!back) return back.error();
    if (is_known && file_->in_place && !*back) return std::optional<ClaimReason>{};
    const auto lost = read_loss(loss_file(settings_.log));
    if (!lost) return lost.error();
    if (*lost) return std::optional{ClaimReason::salvaged};
    if (*back) return std::optional{ClaimReason::restored};
    // A file whose claim is not in the log is of a start that was cut off, and counts as none.
    if (!known) return std::optional{ClaimReason::first_start};
    return std::optional{is_known ? ClaimReason::moved : ClaimReason::restored};
}

Result<std::optional<ClaimInstallation>> InstallationClaim::judge(
    EventLog& log, std::optional<InstallationId> known, Uuid fresh, const std::string& key_check) {
    const auto why = reason(log, known);
    if (!why) return why.error();
    written_.key_check = key_check;
    written_.end = high_water_of(log);
    written_.id = *why ? InstallationId{fresh} : *known;
    // Before the claim is in the log: with a claim and no file, it would be a copy at the next
    // start.
    auto written = write_installation(place(), written_, LogFiles::open, log.places());
    if (!written) return written.error();
    if (!*why) return std::optional<ClaimInstallation>{};
    ClaimInstallation claim;
    claim.reason = **why;
    claim.installation = written_.id;
    claim.host = settings_.machine.empty() ? "unknown" : settings_.machine;
    if (claim.reason == ClaimReason::salvaged) {
        const auto lost = read_loss(loss_file(settings_.log));
        if (!lost) return lost.error();
        claim.first_lost = (*lost)->first;
        claim.last_lost = (*lost)->last;
    }
    return std::optional{claim};
}

Result<void> InstallationClaim::keep_end(EventLog& log, std::chrono::nanoseconds now,
                                         bool is_last) {
    const HighWater end = high_water_of(log);
    // What took the place of the data directory must stay as it was put there.
    if (auto there = log.places().check(); !there) return there;
    if (!settings_.high_water_file.empty() && seen_ != end) {
        if (auto written = write_high_water(settings_.high_water_file, end); !written)
            return written;
        seen_ = end;
    }
    if (written_.end == end) return {};
    const bool many = end.position.value - written_.end->position.value >= kAnchorEventsMax;
    if (!is_last && !many && now - written_at_ < kAnchorAgeMax) return {};
    InstallationFile next = written_;
    next.end = end;
    auto written = write_installation(place(), next, LogFiles::open, log.places());
    if (!written) return written;
    written_ = std::move(next);
    written_at_ = now;
    return {};
}

}  // namespace slipway
