#include "tests/simulation/witness.h"

#include "eventlog/base/overloaded.h"
#include "eventlog/log/event_log.h"
#include "tests/support/invariants.h"

#include <algorithm>

namespace slipway {

using namespace std::chrono_literals;

namespace {

bool is_end(const Event& event) {
    return std::visit(Overloaded{[](const DeploymentCancelled&) { return true; },
                                 [](const DeploymentMissed&) { return true; },
                                 [](const DeploymentSkipped&) { return true; },
                                 [](const DeploymentSucceeded&) { return true; },
                                 [](const DeploymentFailed&) { return true; },
                                 [](const DeploymentAborted&) { return true; },
                                 [](const auto&) { return false; }},
                      event);
}

// What a wall clock means, found otherwise than the server finds it: by what clocks show at the
// instants that it could be.
Instant occurrence(LocalTime wall, const ZoneRules& rules, Disambiguation disambiguation) {
    const Instant as_utc{wall.time_since_epoch()};
    const Seconds before = rules.offset_at(as_utc - 26h);
    const Seconds after = rules.offset_at(as_utc + 26h);
    const bool shows_before = rules.offset_at(as_utc - before) == before;
    const bool shows_after = rules.offset_at(as_utc - after) == after;
    const bool later = disambiguation == Disambiguation::later;
    if (shows_before && shows_after) return as_utc - (later ? after : before);
    if (shows_before || shows_after) return as_utc - (shows_before ? before : after);
    return as_utc - (disambiguation == Disambiguation::earlier ? after : before);
}

// Whatever is so is for somebody to say.
bool waits_for_somebody(const State& state, const ScheduleRow& row) {
    if (row.status == ScheduleStatus::held) {
        return row.hold_reason != HoldReason::dispatch_held &&
               row.hold_reason != HoldReason::restored;
    }
    if (row.status != ScheduleStatus::unknown) return false;
    // What a restart interrupted is sent again.
    const Run* const run = state.deployments().find(deployment_of(row.id));
    return run->attempts.back().cause != AttemptCause::server_restarted;
}

}  // namespace

void Witness::fail(const std::string& what) {
    if (!broken_.empty()) return;
    broken_ = what + "; at position " + std::to_string(history_.size());
}

// ---- The log

void Witness::begin_replay() {
    replayed_ = 0;
    schedules_.clear();
    fates_.clear();
    made_with_key_.clear();
    in_force_.clear();
    digests_.clear();
}

bool Witness::replay(const RecordedEvent& recorded) {
    if (replayed_ >= history_.size() || !(recorded == history_[replayed_])) {
        fail("the log holds what never happened, at " + std::to_string(replayed_ + 1));
        return false;
    }
    ++replayed_;
    learn(recorded, applied_at_[replayed_ - 1]);
    return true;
}

void Witness::end_replay(Position durable) {
    if (durable < acknowledged_) {
        fail("the log lost what was acknowledged: " + std::to_string(durable.value + 1) + " to " +
             std::to_string(acknowledged_.value));
    }
    if (replayed_ != durable.value) fail("the log does not hold all that it says");
    history_.resize(replayed_);
    applied_at_.resize(replayed_);
    for (const ScheduleId id : never_to_run_) {
        if (!fates_[id].is_cancelled) fail("a cancel that was acknowledged is lost: " + id.text());
    }
}

void Witness::see(const RecordedEvent& recorded) {
    history_.push_back(recorded);
    applied_at_.push_back(steady_);
    std::visit(
        Overloaded{
            [&](const DeploymentDue& e) { check_due(e, recorded.envelope); },
            [&](const DueTimeReresolved& e) { check_moved(e, recorded.envelope.recorded_at); },
            [&](const DeploymentScheduled& e) {
                if (!e.parent) check_time(e.time);
            },
            [&](const DeploymentRescheduled& e) {
                if (!fates_[e.schedule].is_dependency) check_time(e.time);
            },
            [&](const DeploymentExpedited& e) {
                if (e.root == e.schedule || !fates_[e.schedule].is_held_by_person) {
                    return;
                }
                fail("a person's hold of a dependency was passed over: " + e.schedule.text());
            },
            [](const auto&) {}},
        recorded.event);
    learn(recorded, steady_);
}

void Witness::learn(const RecordedEvent& recorded, std::chrono::nanoseconds steady) {
    std::visit(
        Overloaded{
            [&](const DeploymentScheduled& e) {
                schedules_.push_back(e.schedule);
                Fate& fate = fates_[e.schedule];
                fate.due_at = e.time.due_at;
                fate.time = e.time;
                fate.is_dependency = e.parent.has_value();
                fate.is_by_clock = !fate.is_dependency;
                if (!e.note.empty()) learn_of_key(e.note, {recorded.envelope.recorded_at, steady});
            },
            [&](const DeploymentRequested& e) { schedules_.push_back(schedule_of(e.deployment)); },
            [&](const DeploymentDue& e) { fates_[schedule_of(e.deployment)].is_due = true; },
            [&](const DeploymentCancelled& e) { fates_[e.schedule].is_cancelled = true; },
            [&](const DependencyAwaited& e) { fates_[e.schedule].has_come = true; },
            // Whatever ends the waiting: it is due at its time, which may be still to come.
            [&](const DeploymentHeld& e) {
                fates_[e.schedule].let_go();
                fates_[e.schedule].is_held_by_person = e.reason == HoldReason::by_user;
            },
            [&](const DeploymentReleased& e) {
                fates_[e.schedule].let_go();
                fates_[e.schedule].is_held_by_person = false;
            },
            [&](const DeploymentExpedited& e) {
                fates_[e.schedule].let_go();
                fates_[e.schedule].is_held_by_person = false;
                fates_[e.schedule].due_at = e.due_at;
            },
            [&](const DeploymentRescheduled& e) {
                Fate& fate = fates_[e.schedule];
                fate.let_go();
                fate.due_at = e.time.due_at;
                fate.time = e.time;
                fate.is_by_clock = !fate.is_dependency;
            },
            [&](const DueTimeReresolved& e) {
                fates_[e.schedule].due_at = e.due_at;
                fates_[e.schedule].time.timezone = e.timezone;
            },
            [&](const ZoneRulesChanged& e) { learn_of_rules(e); }, [](const auto&) {}},
        recorded.event);
    if (!is_end(recorded.event)) return;
    bool& has_ended = fates_[ScheduleId{recorded.envelope.stream}].has_ended;
    if (has_ended) fail("it ends twice: " + ScheduleId{recorded.envelope.stream}.text());
    has_ended = true;
}

// What was done with a key is done anew only once a day has passed: by the clock on the wall, or by
// the steady one, which goes on while that is set back.
void Witness::learn_of_key(const std::string& key, Moment at) {
    const auto [made, is_new] = made_with_key_.try_emplace(key, at);
    const bool is_within_a_day =
        latest_ - made->second.wall < kNoteAgeMax && at.steady - made->second.steady < kNoteAgeMax;
    if (!is_new && is_within_a_day) fail("it is done twice with " + key);
    made->second = at;
}

void Witness::check_due(const DeploymentDue& due, const Envelope& envelope) {
    const Fate& fate = fates_[schedule_of(due.deployment)];
    const std::string id = due.deployment.text();
    if (fate.is_due) fail("it is decided twice: " + id);
    if (fate.has_ended) fail("it is decided after its end: " + id);
    if (fate.due_at && *fate.due_at != due.due_at) fail("it is decided for another time: " + id);
    if (fate.has_come) return;
    if (due.due_at > envelope.recorded_at) fail("it is decided too early: " + id);
    if (fate.has_leapt) fail("it runs though other zone rules made it late: " + id);
    if (envelope.actor.kind != ActorKind::timer || !fate.is_by_clock) return;
    if (meant(fate.time, in_force_) != due.due_at)
        fail("it is decided by zone rules that hold no more: " + id);
}

void Witness::check_time(const PlannedTime& time) {
    const Instant wanted = meant(time, time.tzdb_version);
    if (time.tzdb_version != in_force_) fail("it is resolved with rules that do not hold");
    if (time.due_at == wanted) return;
    fail("the wall clock means " + to_text(wanted) + ", and not " + to_text(time.due_at));
}

void Witness::check_moved(const DueTimeReresolved& moved, Instant recorded_at) {
    Fate& fate = fates_[moved.schedule];
    const std::string id = moved.schedule.text();
    if (moved.tzdb_version != in_force_) fail("it moved by rules that do not hold: " + id);
    if (fate.due_at && *fate.due_at != moved.old_due_at) fail("it moved from elsewhere: " + id);
    if (moved.old_due_at == moved.due_at && moved.timezone == fate.time.timezone) {
        fail("it moved nowhere: " + id);
    }
    const auto moved_in = zone(fate.time.original_timezone, in_force_);
    if (moved_in && moved_in->canonical != moved.timezone) fail("its zone has no such name: " + id);
    if (fate.is_due || fate.has_ended) fail("it moved after its time: " + id);
    fate.has_leapt = moved.old_due_at > recorded_at && moved.due_at <= recorded_at;
    if (!fate.is_by_clock) return;
    if (moved.due_at != meant(fate.time, in_force_)) {
        fail("it moved to where its wall clock is not: " + id);
    }
}

// One name stands for one set of rules, for ever.
void Witness::learn_of_rules(const ZoneRulesChanged& changed) {
    in_force_ = changed.to;
    const auto [named, is_new] = digests_.try_emplace(changed.to, changed.digest);
    if (!is_new && named->second != changed.digest) fail("two rules are called " + changed.to);
}

std::optional<Zone> Witness::zone(const std::string& timezone, const std::string& rules) {
    const auto found = rules_[digests_[rules]].find(timezone);
    if (!found) fail("there is no zone " + timezone);
    return found;
}

Instant Witness::meant(const PlannedTime& time, const std::string& rules) {
    const auto found = zone(time.original_timezone, rules);
    if (!found) return {};
    return occurrence(time.wall_clock, *found->rules, time.disambiguation);
}

// ---- Time

void Witness::see_clock(Instant now, std::chrono::nanoseconds steady) {
    steady_ = steady;
    latest_ = std::max(latest_, now);
    latest_by_rules_ = std::max(latest_by_rules_, now);
}

void Witness::see_rules(const FewZones& rules, Instant now) {
    rules_.try_emplace(rules.digest(), rules);
    latest_by_rules_ = now;
}

// What has passed since, and was held then, has passed by the rules of its day.
void Witness::see_resolved(const State& state) {
    const Schedules& schedules = state.schedules();
    for (const auto& entry : schedules.open_of(kOps)) {
        const ScheduleRow& row = schedules.at(entry.row);
        const bool is_by_clock = row.parent == kNoRow && !row.at_once;
        if (row.status != ScheduleStatus::scheduled || !is_by_clock ||
            row.due_at <= latest_by_rules_) {
            continue;
        }
        PlannedTime time;
        time.wall_clock = row.wall_clock;
        time.original_timezone = schedules.original_timezone(row);
        time.disambiguation = row.disambiguation;
        if (row.due_at != meant(time, in_force_)) {
            fail("it was not moved by other rules: " + row.id.text());
        }
        const auto its_zone = zone(time.original_timezone, in_force_);
        if (its_zone && its_zone->canonical != schedules.timezone(row)) {
            fail("its zone has another name by other rules: " + row.id.text());
        }
    }
}

// ---- What goes out

void Witness::see_sent(const OutgoingRequest& request, const State& state, Position durable) {
    ++deliveries_;
    const ScheduleId id = schedule_of(request.deployment);
    const Fate& fate = fates_[id];
    if (!fate.is_due) fail("it is sent without a decision: " + id.text());
    if (fate.is_cancelled || never_to_run_.contains(id))
        fail("it runs though cancelled: " + id.text());
    if (request.token > durable) fail("its intent is not durable: " + id.text());
    if (state.installation().is_held()) fail("it is sent while dispatch is held");
    if (!sent_.insert(request.token).second) fail("one attempt is sent twice: " + id.text());
    delivered_.insert(id);
}

void Witness::see_cancelled(ScheduleId id) {
    if (!fates_[id].is_cancelled) {
        return fail("a cancel is acknowledged, and nothing is cancelled: " + id.text());
    }
    if (delivered_.contains(id)) fail("it ran, and its cancel was acknowledged: " + id.text());
    never_to_run_.insert(id);
}

// ---- What must have happened

void Witness::see_ticked(const State& state, Instant now) {
    const Schedules& schedules = state.schedules();
    for (const auto& entry : schedules.open_of(kOps)) {
        if (entry.at > now) break;
        const ScheduleRow& row = schedules.at(entry.row);
        if (row.status == ScheduleStatus::scheduled) {
            fail("it is due, and the timer did not see it: " + row.id.text());
        }
    }
}

void Witness::see_settled(const State& state, Instant last) {
    const Schedules& schedules = state.schedules();
    for (const auto& entry : schedules.open_of(kOps)) {
        const ScheduleRow& row = schedules.at(entry.row);
        if (row.due_at > last) break;
        if (!waits_for_somebody(state, row)) {
            fail("it is forgotten: " + row.id.text() + ", " + std::string{name_of(row.status)});
        }
    }
    if (schedules.undecided(last, true) > 0) fail("what is due is not decided");
    if (const std::string wrong = broken_history(history_); !wrong.empty()) fail(wrong);
    if (const std::string wrong = broken_invariant(state, history_); !wrong.empty()) fail(wrong);
}

}  // namespace slipway
