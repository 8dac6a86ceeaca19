// The world in which every story begins: a team with three apps, another team with one, and the
// time zones that they live in.

#pragma once

#include "eventlog/events/event.h"
#include "server/domain/command.h"
#include "server/domain/zones.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

Instant instant(std::string_view text);
LocalTime wall(std::string_view text);

inline const Instant kNoon = instant("2027-02-10T12:00:00Z");

inline constexpr TeamId kOps{{1, 1}};
inline constexpr TeamId kRivals{{1, 2}};
inline constexpr UserId kAlice{{2, 1}};    // owns ops
inline constexpr UserId kBob{{2, 2}};      // is in no team
inline constexpr UserId kMallory{{2, 3}};  // owns rivals

inline constexpr AppId kApi{{3, 1}};
inline constexpr AppId kDb{{3, 2}};
inline constexpr AppId kUi{{3, 3}};
inline constexpr AppId kForeign{{3, 4}};  // of rivals

// The scheduled deployments of the trees below.
inline constexpr ScheduleId kRoot{{4, 1}};
inline constexpr ScheduleId kFirst{{4, 2}};
inline constexpr ScheduleId kSecond{{4, 3}};

constexpr Uuid made_uuid(std::uint64_t number) {
    return {5, number};
}
// The `number`th id that the story made, from 1.
template <class AnyId>
constexpr AnyId made(std::uint64_t number) {
    return AnyId{made_uuid(number)};
}

std::vector<RecordedEvent> world();

AppDefinition definition(const std::string& name);

// Of a wall clock in UTC.
PlannedTime utc_time(Instant due);
WallClock utc_clock(Instant due);

struct Terms {
    std::optional<ScheduleId> parent = {};
    std::uint32_t lead_seconds = 0;
    Policies policies = {};
    Version app_version{1};
    bool lead_shortened = false;
    std::string note = {};
    Labels labels = {};
};
DeploymentScheduled scheduled(ScheduleId id, AppId app, Instant due, const Terms& terms = {});

// api at `due`, and db 15 minutes before it.
std::vector<Event> pair(Instant due, const Policies& policies = {});
// api at `due`, and db and ui 15 minutes before it.
std::vector<Event> fan(Instant due, const Policies& policies = {});
// api at `due`, db 15 minutes before it, and ui 15 minutes before that.
std::vector<Event> chain(Instant due, const Policies& policies = {});

Policies on_failure(DependencyFailurePolicy policy);
Policies on_misfire(MisfireAction action);

DeploymentDue due(ScheduleId id, Instant due_at, Instant decided_at);

// What the target answered; the story fills in which attempt it is about.
RecordOutcome answer(AttemptOutcome outcome, std::uint32_t http_status);
// It was sent, and nobody knows what became of it.
RecordOutcome no_answer(AttemptCause cause);

// UTC; America/New_York (also as US/Eastern) and Europe/Berlin by the rules of our day, until a
// test changes them.
class FewZones : public Zones {
  public:
    FewZones();
    std::optional<Zone> find(std::string_view name) const override;
    std::string_view version() const override { return version_; }
    const std::string& digest() const override { return digest_; }

    // From now on the rules are those of `version`: New York and Berlin are `eastward` of where
    // they are by the rules of our day, all year round. What was found before has no rules any
    // more.
    void change_rules(std::string version, Seconds eastward);
    // As above, and US/Eastern is no link to New York any more, but a zone of its own, an hour
    // behind it.
    void cut_link(std::string version, Seconds eastward);
    // As above, and `name` is a zone no more, by none of its names.
    void remove(std::string version, std::string_view name);

  private:
    void make_digest(Seconds eastward);

    std::string version_ = "2027a";
    std::string digest_;
    std::string removed_;
    std::optional<ZoneRules> eastern_;  // of US/Eastern, if it is no link
    ZoneRules utc_;
    ZoneRules new_york_;
    ZoneRules berlin_;
};

}  // namespace slipway
