#include "tests/support/scenario.h"

#include "eventlog/base/check.h"
#include "tests/support/event_text.h"
#include "tests/support/invariants.h"

#include <gtest/gtest.h>

namespace slipway {

namespace {

// A story in which more happens at one instant goes in a circle.
constexpr int kWakesPerTickMax = 1'000;

std::string text_of(const Rejection& rejection) {
    std::string text = std::string{name_of(rejection.code)} + ": " + rejection.detail;
    for (const auto& field : rejection.fields) {
        text +=
            "\n  " + field.pointer + " " + std::string{name_of(field.code)} + ": " + field.detail;
    }
    return text;
}

}  // namespace

std::uint64_t ScriptedIds::random_below(std::uint64_t bound) {
    if (chances.empty()) return bound - 1;
    const std::uint64_t value = chances.front();
    chances.pop_front();
    CHECK(value < bound);
    return value;
}

Scenario::Scenario(Instant now) : now_(now) {
    as(kAlice, kOps);
    for (const auto& recorded : world()) {
        state_.apply(recorded);
        history_.push_back(recorded);
    }
}

Scenario::~Scenario() {
    examine_rejection(when_);
    check_replay();
    const std::string broken = broken_history(history_);
    EXPECT_EQ(broken, "");
}

void Scenario::check_replay() const {
    for (int i = 0; i < 2; ++i) {
        State replayed;
        for (const auto& recorded : history_) replayed.apply(recorded);
        EXPECT_EQ(replayed.fingerprint(), state_.fingerprint()) << "a replay gave another state";
    }
}

void Scenario::fail(Place place, const std::string& message) const {
    ADD_FAILURE_AT(place.file, place.line) << message;
}

void Scenario::examine_rejection(Place place) {
    if (unexamined_) fail(place, "was rejected: " + text_of(*rejection_));
    unexamined_ = false;
}

void Scenario::record(TeamId team, const Event& event) {
    Envelope envelope;
    envelope.recorded_at = now_;
    envelope.stream = stream_of(event);
    envelope.stream_version = state_.next_version(event);
    envelope.team = team;
    envelope.actor = principal_.actor;
    history_.push_back({Position{state_.position().value + 1}, envelope, event});
    state_.apply(history_.back());
}

// ---- Given

Scenario& Scenario::given(const std::vector<Event>& events) {
    for (const Event& event : events) record(principal_.team, event);
    EXPECT_EQ(broken_invariant(state_, history_), "");
    return *this;
}

Scenario& Scenario::dispatch_held(DispatchReason reason) {
    record({}, DispatchHeld{reason, "maintenance"});
    return *this;
}

Scenario& Scenario::dispatch_armed() {
    record({}, DispatchArmed{"all clear"});
    return *this;
}

Scenario& Scenario::as(UserId user, TeamId team) {
    principal_ = {{ActorKind::user, user, {}}, team, false};
    return *this;
}

Scenario& Scenario::after(Millis duration) {
    now_ += duration;
    return *this;
}

Scenario& Scenario::at(Instant now) {
    now_ = now;
    return *this;
}

Scenario& Scenario::zone_rules(const std::string& version, Seconds eastward) {
    zones_.change_rules(version, eastward);
    return *this;
}

Scenario& Scenario::zone_rules_cut_link(const std::string& version, Seconds eastward) {
    zones_.cut_link(version, eastward);
    return *this;
}

Scenario& Scenario::zone_rules_without(const std::string& version, const std::string& zone) {
    zones_.remove(version, zone);
    return *this;
}

Scenario& Scenario::quotas(const Quotas& quotas) {
    quotas_ = quotas;
    return *this;
}

Scenario& Scenario::chance(std::uint64_t value) {
    ids_.chances.push_back(value);
    return *this;
}

// ---- When

Scenario& Scenario::when(const Command& command, Place place) {
    examine_rejection(place);
    when_ = place;
    rejection_.reset();
    decided_.clear();
    Decision decision =
        decide(state_, command, Context{now_, ids_, zones_, targets_, principal_, quotas_});
    if (auto* const rejection = std::get_if<Rejection>(&decision)) {
        rejection_ = std::move(*rejection);
        unexamined_ = true;
        return *this;
    }
    auto& decided = std::get<Decided>(decision);
    for (const Event& event : decided.events) record(decided.team, event);
    decided_ = std::move(decided.events);
    const std::string broken = broken_invariant(state_, history_);
    if (!broken.empty()) fail(place, broken + "after\n" + event_text(decided_));
    return *this;
}

Scenario& Scenario::when_timer_ticks(Place place) {
    std::vector<Event> all;
    for (int i = 0; i < kWakesPerTickMax; ++i) {
        const auto next = state_.next_wake();
        if (!next || next->at > now_) {
            decided_ = std::move(all);
            return *this;
        }
        when(Wake{state_.schedules().at(next->row).id}, place);
        all.insert(all.end(), decided_.begin(), decided_.end());
    }
    fail(place, "the timer finds no end");
    return *this;
}

Scenario& Scenario::when_started(ScheduleId id, Place place) {
    return when(StartAttempt{deployment_of(id)}, place);
}

Scenario& Scenario::when_answered(ScheduleId id, RecordOutcome outcome, Place place) {
    outcome.deployment = deployment_of(id);
    outcome.token = run(id).attempts.back().token;
    return when(outcome, place);
}

Scenario& Scenario::when_deployed(ScheduleId id, Place place) {
    when_started(id, place);
    return when_answered(id, answer(AttemptOutcome::succeeded, 200), place);
}

Scenario& Scenario::when_failed(ScheduleId id, Place place) {
    when_started(id, place);
    return when_answered(id, answer(AttemptOutcome::failed, 400), place);
}

// ---- Then

Scenario& Scenario::then(const std::vector<Event>& events, Place place) {
    examine_rejection(place);
    if (decided_ != events) {
        fail(place, "expected\n" + event_text(events) + "but happened\n" + event_text(decided_));
    }
    return *this;
}

Scenario& Scenario::then_nothing(Place place) {
    return then({}, place);
}

Scenario& Scenario::then_rejected(RejectionCode code, Place place) {
    return then_rejected(code, std::string{}, place);
}

Scenario& Scenario::then_rejected(RejectionCode code, const std::string& part, Place place) {
    unexamined_ = false;
    if (!rejection_) {
        fail(place,
             "expected " + std::string{name_of(code)} + ", but happened\n" + event_text(decided_));
    } else if (rejection_->code != code || rejection_->detail.find(part) == std::string::npos) {
        fail(place, "expected " + std::string{name_of(code)} + " and \"" + part + "\", but was " +
                        text_of(*rejection_));
    }
    return *this;
}

Scenario& Scenario::then_rejected_fields(const FieldCodes& fields, Place place) {
    unexamined_ = false;
    FieldCodes found;
    if (rejection_) {
        for (const auto& field : rejection_->fields) found.emplace_back(field.pointer, field.code);
    }
    if (found != fields) {
        std::string message = "expected the fields\n";
        for (const auto& [pointer, code] : fields) {
            message += "  " + pointer + " " + std::string{name_of(code)} + "\n";
        }
        fail(place, message + "but was " +
                        (rejection_ ? text_of(*rejection_) : "\n" + event_text(decided_)));
    }
    return *this;
}

Scenario& Scenario::then_status(Statuses statuses, Place place) {
    examine_rejection(place);
    for (const auto& [id, status] : statuses) {
        const ScheduleStatus found = row(id).status;
        if (found == status) continue;
        fail(place, id.text() + " is " + std::string{name_of(found)} + ", not " +
                        std::string{name_of(status)});
    }
    return *this;
}

const ScheduleRow& Scenario::row(ScheduleId id) const {
    const RowIndex index = state_.schedules().find(id);
    CHECK(index != kNoRow);
    return state_.schedules().at(index);
}

const Run& Scenario::run(ScheduleId id) const {
    const Run* const found = state_.deployments().find(deployment_of(id));
    CHECK(found != nullptr);
    return *found;
}

}  // namespace slipway
