#include "tests/support/fixtures.h"

#include "eventlog/base/check.h"

namespace slipway {

using namespace std::chrono_literals;

Instant instant(std::string_view text) {
    const auto found = instant_of(text);
    CHECK(found.has_value());
    return *found;
}

LocalTime wall(std::string_view text) {
    const auto found = local_of(text);
    CHECK(found.has_value());
    return *found;
}

AppDefinition definition(const std::string& name) {
    AppDefinition made;
    made.name = name;
    made.environment = "production";
    made.target.url = "https://deploy.example.com/" + name;
    return made;
}

std::vector<RecordedEvent> world() {
    std::vector<RecordedEvent> events;
    const auto add = [&](TeamId team, UserId user, Event event) {
        Envelope envelope;
        envelope.recorded_at = instant("2027-01-01T00:00:00Z");
        envelope.stream = stream_of(event);
        envelope.stream_version = Version{1};
        envelope.team = team;
        envelope.actor = {ActorKind::user, user, {}};
        events.push_back({Position{events.size() + 1}, envelope, std::move(event)});
    };
    add(kOps, kAlice, TeamCreated{kOps, "ops", kAlice});
    add(kRivals, kMallory, TeamCreated{kRivals, "rivals", kMallory});
    add(kOps, kAlice, AppCreated{kApi, definition("api")});
    add(kOps, kAlice, AppCreated{kDb, definition("db")});
    add(kOps, kAlice, AppCreated{kUi, definition("ui")});
    add(kRivals, kMallory, AppCreated{kForeign, definition("api")});
    return events;
}

PlannedTime utc_time(Instant due) {
    PlannedTime time;
    time.wall_clock = LocalTime{date::floor<Seconds>(due).time_since_epoch()};
    time.original_timezone = "UTC";
    time.timezone = "UTC";
    time.due_at = due;
    time.tzdb_version = "2027a";
    return time;
}

WallClock utc_clock(Instant due) {
    return {utc_time(due).wall_clock, "UTC"};
}

DeploymentScheduled scheduled(ScheduleId id, AppId app, Instant due, const Terms& terms) {
    return {id,
            app,
            terms.app_version,
            utc_time(due),
            terms.parent,
            terms.lead_seconds,
            terms.lead_shortened,
            terms.policies,
            terms.note,
            terms.labels};
}

std::vector<Event> pair(Instant due, const Policies& policies) {
    return {scheduled(kRoot, kApi, due, {.policies = policies}),
            scheduled(kFirst, kDb, due - 15min,
                      {.parent = kRoot, .lead_seconds = 900, .policies = policies})};
}

std::vector<Event> fan(Instant due, const Policies& policies) {
    auto events = pair(due, policies);
    events.push_back(scheduled(kSecond, kUi, due - 15min,
                               {.parent = kRoot, .lead_seconds = 900, .policies = policies}));
    return events;
}

std::vector<Event> chain(Instant due, const Policies& policies) {
    auto events = pair(due, policies);
    events.push_back(scheduled(kSecond, kUi, due - 30min,
                               {.parent = kFirst, .lead_seconds = 900, .policies = policies}));
    return events;
}

Policies on_failure(DependencyFailurePolicy policy) {
    Policies policies;
    policies.on_dependency_failure = policy;
    return policies;
}

Policies on_misfire(MisfireAction action) {
    Policies policies;
    policies.misfire_then = action;
    return policies;
}

DeploymentDue due(ScheduleId id, Instant due_at, Instant decided_at) {
    return {deployment_of(id), due_at, decided_at, Version{1}, decided_at + kStartDeadlineAfter};
}

RecordOutcome answer(AttemptOutcome outcome, std::uint32_t http_status) {
    RecordOutcome answered;
    answered.outcome = outcome;
    answered.http_status = http_status;
    return answered;
}

RecordOutcome no_answer(AttemptCause cause) {
    RecordOutcome unanswered;
    unanswered.outcome = AttemptOutcome::retryable;
    unanswered.cause = cause;
    return unanswered;
}

namespace {

YearlyChange sunday(int month, int week, Seconds time) {
    YearlyChange change;
    change.month = month;
    change.week = week;
    change.time = time;
    return change;
}

// By the rules of our day, but for `eastward`.
ZoneRules new_york(Seconds eastward) {
    const Seconds standard = -5h + eastward;
    return {standard,
            {},
            YearlyRules{standard, Daylight{standard + 1h, sunday(3, 2, 2h), sunday(11, 1, 2h)}}};
}

ZoneRules berlin(Seconds eastward) {
    const Seconds standard = 1h + eastward;
    return {standard,
            {},
            YearlyRules{standard, Daylight{standard + 1h, sunday(3, 5, 2h), sunday(10, 5, 3h)}}};
}

}  // namespace

FewZones::FewZones()
    : utc_{Seconds{0}, {}, YearlyRules{}}, new_york_{new_york({})}, berlin_{berlin({})} {
    make_digest({});
}

void FewZones::change_rules(std::string version, Seconds eastward) {
    version_ = std::move(version);
    removed_.clear();
    eastern_.reset();
    new_york_ = new_york(eastward);
    berlin_ = berlin(eastward);
    make_digest(eastward);
}

void FewZones::cut_link(std::string version, Seconds eastward) {
    change_rules(std::move(version), eastward);
    eastern_ = new_york(eastward - 1h);
    make_digest(eastward);
}

void FewZones::remove(std::string version, std::string_view name) {
    version_ = std::move(version);
    removed_ = name;
    digest_ += removed_;
}

void FewZones::make_digest(Seconds eastward) {
    digest_ = std::to_string(eastward.count()) + (eastern_ ? "-cut" : "");
}

std::optional<Zone> FewZones::find(std::string_view name) const {
    const auto found = [&]() -> std::optional<Zone> {
        if (name == "UTC") return Zone{"UTC", "UTC", &utc_};
        if (name == "US/Eastern" && eastern_) return Zone{"US/Eastern", "US/Eastern", &*eastern_};
        if (name == "US/Eastern") return Zone{"US/Eastern", "America/New_York", &new_york_};
        if (name == "Europe/Berlin") return Zone{"Europe/Berlin", "Europe/Berlin", &berlin_};
        if (name == "America/New_York")
            return Zone{"America/New_York", "America/New_York", &new_york_};
        return std::nullopt;
    }();
    return found && found->canonical == removed_ ? std::nullopt : found;
}

}  // namespace slipway
