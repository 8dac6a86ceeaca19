// The JSON forms of apps, schedules, deployments and teams: the same in the API's answers, in what
// targets receive and in the dump.

#pragma once

#include "eventlog/base/json_writer.h"
#include "projections/same_time.h"
#include "projections/state.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

class AttemptDetails;

// Where schedules and their runs are read: the state, or a few that were read back from the log.
struct ScheduleView {
    const Schedules& schedules;
    const Deployments& deployments;
    // Finds the other schedules of an app at an instant; null: nobody is warned of them.
    const SameTime* same_time = nullptr;
    // Has the texts of attempts that are not in memory; null: only the newest are shown.
    AttemptDetails* details = nullptr;
};

inline ScheduleView view_of(const State& state, const SameTime* same_time = nullptr) {
    return {state.schedules(), state.deployments(), same_time};
}

void write_json(JsonWriter& json, const Labels& labels);
void write_json(JsonWriter& json, const Infrastructure& infrastructure);
void write_json(JsonWriter& json, const Target& target);
void write_json(JsonWriter& json, const AppDefinition& definition);
// Its members alone, for an object that has others too.
void write_members(JsonWriter& json, const AppDefinition& definition);
// With its newest definition. Without `definition`, what is in memory of it: of an archived app
// only name, labels and environment (see newest_definition).
void write_json(JsonWriter& json, const App& app, const AppDefinition* definition = nullptr);
void write_json(JsonWriter& json, const Team& team);
void write_json(JsonWriter& json, const Installation& installation);
// Its secret is in nothing that is shown.
void write_json(JsonWriter& json, CredentialId id, const Credential& credential);
// Nothing that a secret could be known by. `more` writes further members at the end.
void write_json(JsonWriter& json, TokenId id, const ApiToken& token,
                const std::function<void()>& more = {});
void write_json(JsonWriter& json, InvitationId id, const Invitation& invitation,
                const std::function<void()>& more = {});

// Writes a scheduled deployment with its dependencies, each as a whole, and once it is due with its
// attempts. A tree has up to 201 schedules with 60 kB of texts and 100 attempts and more each: it
// is written in steps, of one schedule or kAttemptsPerStep attempts. Between two steps the state
// may change; each schedule is written as it was at its own first step.
class ScheduleWriter {
  public:
    static constexpr std::size_t kAttemptsPerStep = 100;

    // `json` outlives it, and so do the parts of `view`. `more` writes further members at the end.
    ScheduleWriter(JsonWriter& json, const ScheduleView& view, RowIndex row,
                   std::function<void()> more = {})
        : json_(json), view_(view), root_(row), more_(std::move(more)) {}

    // Goes on by a step. Returns whether there is more to write.
    // Requires: it returned true before, or was not called; the row is still in memory.
    bool step();

  private:
    // A schedule whose beginning is written. The rest of it, but for the dependencies and the
    // attempts that have ended, was made at the same time.
    struct Open {
        RowIndex row = kNoRow;
        RowIndex next_dependency = kNoRow;  // the first that is not written
        bool has_list = false;              // of several dependencies
        bool has_attempts_begun = false;
        std::size_t attempts = 0;  // without the last, which may not have ended
        std::size_t attempts_written = 0;
        std::string middle;
        std::string last_attempt;
        std::string tail;
    };

    void begin(RowIndex row);
    void write_attempts_of(Open& open);

    JsonWriter& json_;
    const ScheduleView view_;
    const RowIndex root_;
    const std::function<void()> more_;
    std::vector<Open> open_;  // from the root down
    bool is_begun_ = false;
};

// All of that at once.
void write_schedule(JsonWriter& json, const ScheduleView& view, RowIndex row,
                    const std::function<void()>& more = {});

// Requires: the row is due or later (see has_run).
// `waiting_for`: what the dispatcher says; empty is null.
void write_deployment(JsonWriter& json, const ScheduleView& view, RowIndex row,
                      std::string_view waiting_for = {});
bool has_run(const ScheduleView& view, RowIndex row);

}  // namespace slipway
