#include "projections/render.h"

#include "eventlog/base/ascii.h"
#include "eventlog/base/check.h"
#include "projections/attempt_details.h"
#include "projections/render_parts.h"
#include "projections/status_text.h"

#include <algorithm>

namespace slipway {

namespace {

void write_wall_clock(JsonWriter& json, const Schedules& schedules, const ScheduleRow& row) {
    const CivilTime civil = civil_of(row.wall_clock);
    json.member("year", civil.year);
    json.member("month", civil.month);
    json.member("day", civil.day);
    json.member("hour", civil.hour);
    json.member("minute", civil.minute);
    json.member("at", to_text(row.wall_clock));
    json.member("original_timezone", schedules.original_timezone(row));
    json.member("timezone", schedules.timezone(row));
    json.member("disambiguation", name_of(row.disambiguation));
    json.member("resolution", name_of(row.resolution));
    json.member("utc_offset_seconds", row.utc_offset_seconds);
    json.member("tzdb_version", schedules.tzdb_version(row));
}

void write_policies(JsonWriter& json, const Policies& policies) {
    json.member("on_dependency_failure", name_of(policies.on_dependency_failure));
    json.member("dependency_timeout_seconds", policies.dependency_timeout_seconds);
    json.key("misfire");
    json.begin_object();
    json.member("grace_seconds", policies.misfire_grace_seconds);
    json.member("then", name_of(policies.misfire_then));
    json.end_object();
    json.key("retry");
    json.begin_object();
    json.member("max_attempts", policies.retry_max_attempts);
    json.member("backoff_seconds", policies.retry_backoff_seconds);
    json.member("max_backoff_seconds", policies.retry_max_backoff_seconds);
    json.end_object();
}

void write_attempt(JsonWriter& json, const ScheduleView& view, const Attempt& attempt) {
    json.begin_object();
    json.member("number", attempt.number);
    json.member("started_at", attempt.started_at);
    value_or_null(json, "ended_at", attempt.ended_at);
    json.member("outcome", name_of(attempt.state));
    json.key("cause");
    const bool bad =
        attempt.state == AttemptState::failed || attempt.state == AttemptState::unknown;
    if (bad) {
        json.value(name_of(attempt.cause));
    } else {
        json.null();
    }
    json.key("http_status");
    if (attempt.http_status == 0) {
        json.null();
    } else {
        json.value(attempt.http_status);
    }
    json.member("detail", view.details == nullptr ? attempt.detail : view.details->of(attempt));
    json.end_object();
}

void write_attempts(JsonWriter& json, const ScheduleView& view, const Run* run) {
    json.key("attempts");
    json.begin_array();
    if (run != nullptr) {
        for (const Attempt& attempt : run->attempts) write_attempt(json, view, attempt);
    }
    json.end_array();
}

// The clocks of these never change, though people who name them live where they do: each with the
// zone that they may mean.
constexpr std::pair<std::string_view, std::string_view> kFixedOffsetZones[] = {
    {"est", "America/New_York"}, {"hst", "Pacific/Honolulu"}, {"mst", "America/Denver"}};

std::optional<std::string_view> changing_zone_like(const std::string& timezone) {
    const std::string name = lower_case(timezone);
    for (const auto& [fixed, changing] : kFixedOffsetZones) {
        if (name == fixed) return changing;
    }
    return std::nullopt;
}

// Others at the same instant, of it and of all below it.
void find_same_time(const ScheduleView& view, RowIndex index, std::vector<ScheduleId>& found) {
    if (found.size() >= kSameTimeMax) return;
    const ScheduleRow& row = view.schedules.at(index);
    view.same_time->add_others(view.schedules, row, found);
    for (RowIndex at = row.first_dependency; at != kNoRow;
         at = view.schedules.at(at).next_dependency) {
        find_same_time(view, at, found);
    }
}

// The warnings of a schedule, and beside them their data.
void write_warnings(JsonWriter& json, const ScheduleView& view, RowIndex index) {
    const Schedules& schedules = view.schedules;
    const ScheduleRow& row = schedules.at(index);
    bool shortened = row.lead_shortened;
    for (RowIndex at = row.first_dependency; at != kNoRow; at = schedules.at(at).next_dependency) {
        shortened = shortened || schedules.at(at).lead_shortened;
    }
    std::vector<ScheduleId> same_time;
    if (view.same_time != nullptr) find_same_time(view, index, same_time);
    const Version live = schedules.app_of(row).live_version;
    const bool older =
        is_pending(row.status) && row.app_version != Version{} && row.app_version < live;
    json.key("warnings");
    json.begin_array();
    if (shortened) json.value("dependency_lead_shortened");
    if (row.resolution == Resolution::gap_shifted) json.value("local_time_shifted");
    if (!same_time.empty()) json.value("same_app_same_time");
    if (older) json.value("older_than_live");
    const auto changing = changing_zone_like(schedules.original_timezone(row));
    if (changing) json.value("fixed_offset_zone");
    json.end_array();
    if (changing) json.member("suggested_timezone", *changing);
    if (!same_time.empty()) {
        json.key("same_time_as");
        json.begin_array();
        for (const ScheduleId id : same_time) json.value(id);
        json.end_array();
    }
    if (older) json.member("live_version", live.value);
}

void write_status(JsonWriter& json, const ScheduleView& view, RowIndex index) {
    const ScheduleRow& row = view.schedules.at(index);
    json.member("status", name_of(row.status));
    json.key("hold_reason");
    if (row.status == ScheduleStatus::held) {
        json.value(name_of(row.hold_reason));
    } else {
        json.null();
    }
    json.key("status_reason");
    const auto reason = status_reason(view, index);
    if (reason.empty()) {
        json.null();
    } else {
        json.value(reason);
    }
    json.member("status_note", status_note(view, index));
}

void write_parent(JsonWriter& json, const Schedules& schedules, const ScheduleRow& row) {
    json.key("parent");
    if (row.parent == kNoRow) {
        json.null();
        json.key("lead_minutes");
        json.null();
        return;
    }
    json.value(schedules.at(row.parent).id);
    json.member("lead_minutes", row.lead_seconds / 60);
}

// The version that it runs, or would run now.
Version app_version(const Schedules& schedules, const ScheduleRow& row) {
    return row.app_version.value != 0 ? row.app_version
                                      : schedules.app_of(row).definition_version();
}

void write_app_version(JsonWriter& json, const Schedules& schedules, const ScheduleRow& row) {
    const bool latest = row.app_version.value == 0;
    json.member("app_version", latest ? "latest" : "pinned");
    json.member("runs_version", app_version(schedules, row).value);
    json.member("drift", app_version(schedules, row) != schedules.app_of(row).definition_version());
}

// The members of a schedule before its dependencies.
void write_head(JsonWriter& json, const ScheduleView& view, RowIndex index) {
    const Schedules& schedules = view.schedules;
    const ScheduleRow& row = schedules.at(index);
    json.member("id", row.id);
    json.member("app", schedules.app_of(row).id);
    json.member("team", schedules.team_of(row));
    write_status(json, view, index);
    write_wall_clock(json, schedules, row);
    json.member("due_at", row.due_at);
    json.member("entry_key", to_text(row.due_at) + "/" + row.id.text());
    write_app_version(json, schedules, row);
    write_policies(json, schedules.policies(row));
    json.member("note", schedules.text(index).note);
    json.key("labels");
    write_json(json, schedules.text(index).labels);
}

// Those between its dependencies and its attempts.
void write_middle(JsonWriter& json, const ScheduleView& view, RowIndex index) {
    const ScheduleRow& row = view.schedules.at(index);
    write_parent(json, view.schedules, row);
    write_warnings(json, view, index);
    json.key("deployment");
    if (has_run(view, index)) {
        json.value(deployment_of(row.id));
    } else {
        json.null();
    }
}

// Those after its attempts.
void write_tail(JsonWriter& json, const ScheduleView& view, RowIndex index) {
    const ScheduleRow& row = view.schedules.at(index);
    json.member("created_at", row.created_at);
    id_or_null(json, "created_by", view.schedules.created_by(row));
    json.member("version", row.version.value);
}

}  // namespace

// ---- A schedule

bool ScheduleWriter::step() {
    if (!std::exchange(is_begun_, true)) {
        begin(root_);
        return !open_.empty();
    }
    Open& open = open_.back();
    if (open.next_dependency != kNoRow) {
        const RowIndex dependency = open.next_dependency;
        open.next_dependency = view_.schedules.at(dependency).next_dependency;
        begin(dependency);  // another may be the last that is open
        return true;
    }
    write_attempts_of(open);
    if (open.attempts_written < open.attempts) return true;
    if (!open.last_attempt.empty()) json_.raw(open.last_attempt);
    json_.end_array();
    json_.raw(open.tail);
    if (more_ && open.row == root_) more_();
    json_.end_object();
    open_.pop_back();
    return !open_.empty();
}

void ScheduleWriter::begin(RowIndex row) {
    const RowIndex first = view_.schedules.at(row).first_dependency;
    const Run* const run = view_.deployments.find(deployment_of(view_.schedules.at(row).id));
    const std::size_t attempts = run == nullptr ? 0 : run->attempts.size();
    json_.begin_object();
    write_head(json_, view_, row);
    json_.key("dependency");
    if (first == kNoRow) json_.null();
    if (first == kNoRow && attempts <= kAttemptsPerStep) {
        write_middle(json_, view_, row);
        write_attempts(json_, view_, run);
        write_tail(json_, view_, row);
        if (more_ && row == root_) more_();
        json_.end_object();
        return;
    }
    Open open;
    open.row = row;
    open.next_dependency = first;
    open.has_list = first != kNoRow && view_.schedules.at(first).next_dependency != kNoRow;
    if (open.has_list) json_.begin_array();
    JsonWriter middle{open.middle};
    write_middle(middle, view_, row);
    if (attempts > 0) {
        open.attempts = attempts - 1;
        JsonWriter last{open.last_attempt};
        write_attempt(last, view_, run->attempts.back());
    }
    JsonWriter tail{open.tail};
    write_tail(tail, view_, row);
    open_.push_back(std::move(open));
}

void ScheduleWriter::write_attempts_of(Open& open) {
    if (!std::exchange(open.has_attempts_begun, true)) {
        if (open.has_list) json_.end_array();
        json_.raw(open.middle);
        json_.key("attempts");
        json_.begin_array();
    }
    if (open.attempts_written == open.attempts) return;
    const ScheduleId id = view_.schedules.at(open.row).id;
    const auto& attempts = view_.deployments.find(deployment_of(id))->attempts;
    const std::size_t end = std::min(open.attempts_written + kAttemptsPerStep, open.attempts);
    for (; open.attempts_written < end; ++open.attempts_written) {
        write_attempt(json_, view_, attempts[open.attempts_written]);
    }
}

void write_schedule(JsonWriter& json, const ScheduleView& view, RowIndex row,
                    const std::function<void()>& more) {
    ScheduleWriter writer{json, view, row, more};
    while (writer.step()) {
    }
}

bool has_run(const ScheduleView& view, RowIndex row) {
    return view.deployments.find(deployment_of(view.schedules.at(row).id)) != nullptr;
}

// From when it was due to when it was first sent.
std::optional<std::int64_t> lag_of(const Run& run) {
    if (run.attempts.empty()) return std::nullopt;
    // The wall clock may have been set back between.
    return std::max(run.attempts.front().started_at - run.due_at, Millis{0}).count();
}

// From when it was due to when that was decided; as above, the clock may have been set back.
std::int64_t decision_lag_of(const Run& run) {
    return std::max(run.decided_at - run.due_at, Millis{0}).count();
}

void write_deployment(JsonWriter& json, const ScheduleView& view, RowIndex index,
                      std::string_view waiting_for) {
    const Schedules& schedules = view.schedules;
    const ScheduleRow& row = schedules.at(index);
    const Run* const run = view.deployments.find(deployment_of(row.id));
    CHECK(run != nullptr);
    json.begin_object();
    json.member("id", deployment_of(row.id));
    json.member("app", schedules.app_of(row).id);
    json.member("team", schedules.team_of(row));
    json.member("app_version", app_version(schedules, row).value);
    json.key("schedule");
    if (row.at_once) {
        json.null();
    } else {
        json.value(row.id);
    }
    write_status(json, view, index);
    json.member("due_at", run->due_at);
    json.member("decided_at", run->decided_at);
    value_or_null(json, "lag_ms", lag_of(*run));
    json.member("decision_lag_ms", decision_lag_of(*run));
    json.key("waiting_for");
    if (waiting_for.empty()) {
        json.null();
    } else {
        json.value(waiting_for);
    }
    write_attempts(json, view, run);
    value_or_null(json, "next_attempt_at", run->ready_at);
    value_or_null(json, "completion_deadline", run->completion_deadline);
    value_or_null(json, "ended_at", run->ended_at);
    json.member("note", schedules.text(index).note);
    json.key("labels");
    write_json(json, schedules.text(index).labels);
    json.member("created_at", row.created_at);
    id_or_null(json, "created_by", schedules.created_by(row));
    json.member("version", row.version.value);
    json.end_object();
}

}  // namespace slipway
