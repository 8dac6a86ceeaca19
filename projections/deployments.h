// The deployments: the runs of what was due, with their attempts. Where a run stands is its
// schedule's status (see schedules.h); here is how it got there.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/events/event.h"
#include "projections/fingerprint.h"

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace slipway {

enum class AttemptState : std::uint8_t { started, accepted, succeeded, failed, unknown, aborted };

std::string_view name_of(AttemptState state);

// The texts of so many attempts of a deployment are in memory: as many as one has unless its policy
// says otherwise. Those of older attempts are read from the log (attempt_details.h).
inline constexpr std::size_t kAttemptDetailsKept = 3;

struct Attempt {
    std::uint32_t number = 0;
    Position token;  // the fencing token: where its AttemptStarted stands in the log
    AttemptState state = AttemptState::started;
    AttemptCause cause = AttemptCause::answered;
    std::uint32_t http_status = 0;
    Instant started_at;
    Instant deadline;
    std::optional<Instant> ended_at;
    std::string detail;  // empty if it is not in memory
    Position detail_at;  // of the event that brought it; 0: there is none

    bool is_open() const {
        return state == AttemptState::started || state == AttemptState::accepted;
    }
    bool is_detail_in_memory() const { return detail_at == Position{} || !detail.empty(); }
};
BOOST_DESCRIBE_STRUCT(Attempt, (),
                      (number, token, state, cause, http_status, started_at, deadline, ended_at,
                       detail, detail_at))

struct Run {
    Instant due_at;
    Instant decided_at;
    Instant start_deadline;  // no pause before an attempt ends later
    std::vector<Attempt> attempts;
    std::uint32_t failures = 0;       // attempts that failed; an interrupted one does not count
    std::optional<Instant> ready_at;  // when the next attempt may start; nothing while none may
    std::optional<Instant> completion_deadline;
    std::optional<Instant> ended_at;
};
BOOST_DESCRIBE_STRUCT(Run, (),
                      (due_at, decided_at, start_deadline, attempts, failures, ready_at,
                       completion_deadline, ended_at))

// Bytes that a run takes in memory.
std::size_t run_bytes(const Run& run);

class Deployments {
  public:
    void apply(const RecordedEvent& recorded, const DeploymentDue& event);
    void apply(const RecordedEvent& recorded, const AttemptStarted& event);
    void apply(const RecordedEvent& recorded, const AttemptAccepted& event);
    void apply(const RecordedEvent& recorded, const AttemptFailed& event);
    void apply(const RecordedEvent& recorded, const OutcomeUnknown& event);
    void apply(const RecordedEvent& recorded, const OutcomeReconciled& event);
    void apply(const RecordedEvent& recorded, const DeploymentSucceeded& event);
    void apply(const RecordedEvent& recorded, const DeploymentFailed& event);
    void apply(const RecordedEvent& recorded, const DeploymentAborted& event);
    void forget(DeploymentId id) { runs_.erase(id); }

    // Null until it is due, and after it was forgotten.
    const Run* find(DeploymentId id) const;

    // Those that have not ended, in the order of their ids.
    std::vector<DeploymentId> open() const;

    void add_to(Fingerprint& fingerprint) const;

    // Whether that run is there, and it, as an item of a part (parts.h): a run is written with its
    // schedule.
    template <class Self, class Archive>
    static void visit_run(Self& self, Archive& archive, DeploymentId id) {
        bool is_there = self.runs_.contains(id);
        archive(is_there);
        if (!is_there) return;
        if constexpr (std::is_const_v<Self>) {
            archive(self.runs_.at(id));
        } else {
            archive(self.runs_[id]);
        }
    }

  private:
    Run& at(DeploymentId id);
    void end(const RecordedEvent& recorded, DeploymentId id, AttemptState state);

    absl::flat_hash_map<DeploymentId, Run> runs_;
};

}  // namespace slipway
