// A Scenario tells a story of the domain: given these events, when this command comes, then these
// events happen, or it is rejected with this code. What a command decided is applied, so that a
// story can go on.
//
//     Scenario{kNoon}
//         .given({scheduled(kRoot, kApi, kNoon + 1h)})
//         .when(CancelDeployment{kRoot, "not today"})
//         .then({DeploymentCancelled{kRoot, CancelReason::by_user, "not today", kRoot}})
//
// Every story begins in the world below. After every step its state must be consistent, and at its
// end two replays must give the same fingerprint as the story itself.

#pragma once

#include "server/domain/decide.h"
#include "server/engine/kind_rules.h"
#include "server/targets/kinds.h"
#include "tests/support/fixtures.h"

#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

// Where a test says something, so that a failure names that line.
struct Place {
    const char* file;
    int line;
};

// Ids count up, and chance is scripted: the most that it may be, unless the story says otherwise.
class ScriptedIds : public IdSource {
  public:
    Uuid next(Instant) override { return made_uuid(++made_); }
    std::uint64_t random_below(std::uint64_t bound) override;

    std::deque<std::uint64_t> chances;

  private:
    std::uint64_t made_ = 0;
};

#define SLIPWAY_HERE                       \
    Place {                                \
        __builtin_FILE(), __builtin_LINE() \
    }

class Scenario {
  public:
    using FieldCodes = std::vector<std::pair<std::string, RejectionCode>>;
    using Statuses = std::initializer_list<std::pair<ScheduleId, ScheduleStatus>>;

    explicit Scenario(Instant now);
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;
    // Replays, and compares.
    ~Scenario();

    Scenario& given(const std::vector<Event>& events);
    Scenario& dispatch_held(DispatchReason reason = DispatchReason::by_operator);
    Scenario& dispatch_armed();

    Scenario& as(UserId user, TeamId team);
    Scenario& after(Millis duration);
    Scenario& at(Instant now);
    // As FewZones: from now on these rules are in force.
    Scenario& zone_rules(const std::string& version, Seconds eastward);
    Scenario& zone_rules_cut_link(const std::string& version, Seconds eastward);
    Scenario& zone_rules_without(const std::string& version, const std::string& zone);
    // From now on these are the quotas.
    Scenario& quotas(const Quotas& quotas);
    // What chance gives next.
    Scenario& chance(std::uint64_t value);

    Scenario& when(const Command& command, Place place = SLIPWAY_HERE);
    // As the timer does: wakes all that is due by now, the first first.
    Scenario& when_timer_ticks(Place place = SLIPWAY_HERE);
    // Starts an attempt.
    Scenario& when_started(ScheduleId id, Place place = SLIPWAY_HERE);
    // The attempt that is under way ends so. The token is filled in.
    Scenario& when_answered(ScheduleId id, RecordOutcome outcome, Place place = SLIPWAY_HERE);
    // Starts an attempt that succeeds at once.
    Scenario& when_deployed(ScheduleId id, Place place = SLIPWAY_HERE);
    // Starts an attempt that fails for good.
    Scenario& when_failed(ScheduleId id, Place place = SLIPWAY_HERE);

    Scenario& then(const std::vector<Event>& events, Place place = SLIPWAY_HERE);
    Scenario& then_nothing(Place place = SLIPWAY_HERE);
    Scenario& then_rejected(RejectionCode code, Place place = SLIPWAY_HERE);
    // As above, and its words contain `part`.
    Scenario& then_rejected(RejectionCode code, const std::string& part,
                            Place place = SLIPWAY_HERE);
    Scenario& then_rejected_fields(const FieldCodes& fields, Place place = SLIPWAY_HERE);
    Scenario& then_status(Statuses statuses, Place place = SLIPWAY_HERE);
    // How many events of the last command are of type E.
    template <class E>
    std::size_t count() const {
        std::size_t found = 0;
        for (const Event& event : decided_) found += std::holds_alternative<E>(event) ? 1 : 0;
        return found;
    }

    Instant now() const { return now_; }
    const State& state() const { return state_; }
    const std::vector<RecordedEvent>& history() const { return history_; }
    const std::vector<Event>& decided() const { return decided_; }
    // Requires: was_rejected().
    const Rejection& rejection() const { return *rejection_; }
    bool was_rejected() const { return rejection_.has_value(); }
    const ScheduleRow& row(ScheduleId id) const;
    const Run& run(ScheduleId id) const;

    // Takes a rejection as it is: for stories made by chance.
    void accept_rejection() { unexamined_ = false; }
    void check_replay() const;

  private:
    void record(TeamId team, const Event& event);
    void fail(Place place, const std::string& message) const;
    void examine_rejection(Place place);

    Instant now_;
    FewZones zones_;
    ScriptedIds ids_;
    Principal principal_;
    KindRules targets_{target_kinds()};
    Quotas quotas_;
    State state_;
    std::vector<RecordedEvent> history_;
    std::vector<Event> decided_;
    std::optional<Rejection> rejection_;
    bool unexamined_ = false;  // a rejection that no then_rejected has spoken of
    Place when_{"", 0};
};

}  // namespace slipway
