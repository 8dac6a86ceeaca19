// The State is what all events up to a position add up to. It is a fold of the log and of nothing
// else: it reads no clock, no zone and no setting, so a replay gives the same state, and the same
// fingerprint.
//
// Not thread-safe: its one owner applies, others read on the same thread.

#pragma once

#include "eventlog/events/event.h"
#include "projections/apps.h"
#include "projections/deployments.h"
#include "projections/endings.h"
#include "projections/installation.h"
#include "projections/schedules.h"
#include "projections/teams.h"

#include <string>

namespace slipway {

class State {
  public:
    // Two states are the same only if they keep as many of the finished trees.
    explicit State(std::size_t finished_trees_kept = kFinishedTreesKept)
        : schedules_(teams_, apps_, deployments_, finished_trees_kept) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // Total over recorded events: one that makes no sense here is a bug, and ends the process.
    // Requires: recorded.position is the one after position().
    void apply(const RecordedEvent& recorded);

    // The version that `event` gets if it is the next of its stream.
    Version next_version(const Event& event) const;

    Position position() const { return position_; }
    const Installation& installation() const { return installation_; }
    const Teams& teams() const { return teams_; }
    const Apps& apps() const { return apps_; }
    const Schedules& schedules() const { return schedules_; }
    const Deployments& deployments() const { return deployments_; }
    const Endings& endings() const { return endings_; }

    // The row that the timer must look at next, if any.
    std::optional<DueEntry> next_wake() const {
        return schedules_.next_wake(!installation_.is_held());
    }

    // 64 hexadecimal digits; two states with the same digits are the same.
    std::string fingerprint() const;

    // As parts.h says: for a snapshot.
    template <class Self, class Visit>
    static void parts(Self& self, const Visit& visit) {
        visit(ValuePart{self.position_});
        Installation::parts(self.installation_, visit);
        Endings::parts(self.endings_, visit);
        Teams::parts(self.teams_, visit);
        Apps::parts(self.apps_, visit);
        const auto visit_run = [&self](auto& archive, ScheduleId id) {
            Deployments::visit_run(self.deployments_, archive, deployment_of(id));
        };
        Schedules::parts(self.schedules_, visit, visit_run);
    }
    // Errors: corruption, where the parts do not fit together.
    Result<void> rebuild();

  private:
    void release_definitions();

    Position position_;
    Installation installation_;
    Teams teams_;
    Apps apps_;
    Deployments deployments_;
    Schedules schedules_;
    Endings endings_;
};

}  // namespace slipway
