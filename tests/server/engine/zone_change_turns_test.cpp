// Every command between every two steps of a change of the zone rules: whatever happens there, a
// schedule that is still to come ends on the instant of the newest rules, once, and on record.
//
// The change looks at one schedule a step. Each run begins with the same schedules in one of the
// beginnings below, does one thing before some step and another before the same or a later one, and
// goes on to the end.

#include "eventlog/base/trace.h"
#include "server/engine/timer.h"
#include "server/engine/zone_change.h"
#include "tests/server/engine/engine_world.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>

namespace slipway {
namespace {

using namespace std::chrono_literals;

constexpr auto kParent = made<ScheduleId>(1);
constexpr auto kBelow = made<ScheduleId>(2);
constexpr auto kAlone = made<ScheduleId>(3);
constexpr std::size_t kSchedules = 3;

const LocalTime kNine = wall("2027-02-11T09:00");            // 14:00 in UTC by the first rules
const Instant kAfterNine = instant("2027-02-11T14:10:00Z");  // and by then it has passed

class Story : public EngineWorld {
  public:
    Story() : EngineWorld({.zone_rows_per_tick = 1}, rules_of(1, Seconds{0})) {
        ScheduleDeployment command;
        command.app = kApi;
        command.at = {kNine, "America/New_York"};
        command.dependencies = {{kDb, kLeadSecondsDefault, {}, "/dependency"}};
        ask(command);
        command.dependencies.clear();
        ask(command);
        run_change();
    }

    void ask(const Command& command) {
        submit(command);
        flush();
    }
    void change_rules(Seconds eastward) {
        eastward_ = eastward;
        ++version_;
        engine->take_zone_rules(rules());
    }
    // Does one step. Returns whether there is more to do.
    bool step() {
        const bool more = tick() <= clock.time;
        flush();
        return more;
    }
    void run_change() {
        while (step()) {
        }
    }
    // The process ends, and the next one finds the newest rules.
    void begin_process() {
        restart(rules());
        flush();
    }

    std::string what_is_wrong() const;

  private:
    static std::unique_ptr<const Zones> rules_of(int version, Seconds eastward) {
        auto newest = std::make_unique<FewZones>();
        newest->change_rules("rules-" + std::to_string(version), eastward);
        return newest;
    }
    std::unique_ptr<const Zones> rules() const { return rules_of(version_, eastward_); }
    // New York's clocks are five hours behind UTC in winter, but for what the rules changed.
    Instant meant(LocalTime wall) const {
        return Instant{wall.time_since_epoch()} + 5h - eastward_;
    }

    int version_ = 1;
    Seconds eastward_{0};
};

struct Fate {
    Instant due_at;
    bool is_by_clock = true;  // nobody asked for it to run at once
    bool has_moved_in_vain = false;
};

std::map<ScheduleId, Fate> fates_of(const std::vector<RecordedEvent>& history) {
    std::map<ScheduleId, Fate> fates;
    for (const RecordedEvent& one : history) {
        if (const auto* const made = std::get_if<DeploymentScheduled>(&one.event)) {
            fates[made->schedule] = {made->time.due_at};
        } else if (const auto* const put = std::get_if<DeploymentRescheduled>(&one.event)) {
            fates[put->schedule] = {put->time.due_at};
        } else if (const auto* const now = std::get_if<DeploymentExpedited>(&one.event)) {
            fates[now->schedule] = {now->due_at, false};
        } else if (const auto* const moved = std::get_if<DueTimeReresolved>(&one.event)) {
            Fate& fate = fates[moved->schedule];
            const bool from_there = moved->old_due_at == fate.due_at;
            fate.has_moved_in_vain |= !from_there || moved->due_at == fate.due_at;
            fate.due_at = moved->due_at;
        }
    }
    return fates;
}

// Empty, or the first schedule that is not where the newest rules put it.
std::string Story::what_is_wrong() const {
    auto fates = fates_of(seen);
    for (const ScheduleId id : {kParent, kBelow, kAlone}) {
        const ScheduleRow& row = state().schedules().at(state().schedules().find(id));
        const Fate& fate = fates[id];
        if (fate.due_at != row.due_at) return id.text() + " is not where the log says";
        if (fate.has_moved_in_vain) return id.text() + " moved to where it was, or from elsewhere";
        if (row.status != ScheduleStatus::scheduled || !fate.is_by_clock) continue;
        const bool follows =
            row.parent != kNoRow && is_pending(state().schedules().at(row.parent).status);
        const Instant wanted =
            follows ? state().schedules().at(row.parent).due_at - 15min : meant(row.wall_clock);
        if (row.due_at == wanted) continue;
        return id.text() + " is due at " + to_text(row.due_at) + ", not at " + to_text(wanted);
    }
    return "";
}

struct Deed {
    const char* name;
    std::function<void(Story&)> happens;
};

Deed of_one(const char* name, const Command& command) {
    return {name, [command](Story& story) { story.ask(command); }};
}

RescheduleDeployment to_ten(ScheduleId id) {
    RescheduleDeployment command;
    command.schedule = id;
    command.at = WallClock{kNine + 1h, "America/New_York"};
    return command;
}

const std::vector<Deed>& deeds() {
    static const std::vector<Deed> kDeeds = {
        of_one("hold parent", HoldDeployment{kParent, ""}),
        of_one("hold below", HoldDeployment{kBelow, ""}),
        of_one("hold alone", HoldDeployment{kAlone, ""}),
        of_one("release parent", ReleaseDeployment{kParent, ""}),
        of_one("release below", ReleaseDeployment{kBelow, ""}),
        of_one("release alone", ReleaseDeployment{kAlone, ""}),
        of_one("reschedule parent", to_ten(kParent)),
        of_one("reschedule alone", to_ten(kAlone)),
        of_one("cancel parent", CancelDeployment{kParent, ""}),
        of_one("cancel alone", CancelDeployment{kAlone, ""}),
        of_one("run parent now", RunNow{kParent}),
        of_one("run below now", RunNow{kBelow}),
        of_one("hold dispatch", HoldDispatch{}),
        of_one("arm dispatch", ArmDispatch{}),
        {"timer", [](Story& story) { story.run_change(); }},
        {"other rules", [](Story& story) { story.change_rules(30min); }},
        {"the first rules again", [](Story& story) { story.change_rules(0min); }},
        {"restart", [](Story& story) { story.begin_process(); }},
        {"clock passes it", [](Story& story) { story.clock.time = kAfterNine; }},
        {"clock is set back", [](Story& story) { story.clock.time = kNoon; }},
    };
    return kDeeds;
}

const std::vector<Deed>& beginnings() {
    static const std::vector<Deed> kBeginnings = {
        {"to come", [](Story&) {}},
        {"held",
         [](Story& story) {
             for (const ScheduleId id : {kParent, kBelow, kAlone})
                 story.ask(HoldDeployment{id, ""});
         }},
        {"below held",
         [](Story& story) {
             story.ask(HoldDeployment{kBelow, ""});
         }},
        {"waiting, and the clock was set back",
         [](Story& story) {
             story.ask(HoldDeployment{kAlone, ""});
             story.clock.time = kAfterNine;
             story.run_change();
             story.clock.time = kNoon;
         }},
        {"held and passed",
         [](Story& story) {
             for (const ScheduleId id : {kParent, kBelow, kAlone})
                 story.ask(HoldDeployment{id, ""});
             story.clock.time = kAfterNine;
         }},
        {"held by the switch, and the clock was set back",
         [](Story& story) {
             story.ask(HoldDispatch{});
             story.clock.time = kAfterNine;
             story.run_change();
             story.clock.time = kNoon;
         }},
    };
    return kBeginnings;
}

// `first` happens before step `at`, and `second` before step `then`, counted from 0.
std::string run(const Deed& beginning, const Deed& first, std::size_t at, const Deed& second,
                std::size_t then) {
    Story story;
    beginning.happens(story);
    story.change_rules(-1h);
    for (std::size_t i = 0; i <= kSchedules; ++i) {
        if (i == at) first.happens(story);
        if (i == then) second.happens(story);
        story.step();
    }
    story.run_change();
    const std::string wrong = story.what_is_wrong();
    if (wrong.empty()) return "";
    return std::string{beginning.name} + "; " + first.name + " before step " + std::to_string(at) +
           ", " + second.name + " before step " + std::to_string(then) + ": " + wrong;
}

class ZoneChangeTurns : public testing::TestWithParam<std::size_t> {
  protected:
    // Each change of the rules is traced, and there are some ten thousand.
    void SetUp() override { set_trace_level(TraceLevel::error); }
    void TearDown() override { set_trace_level(TraceLevel::info); }
};

TEST_P(ZoneChangeTurns, EndOnTheNewestRulesWhateverHappensBetweenThem) {
    const Deed& beginning = beginnings()[GetParam()];
    for (const Deed& first : deeds()) {
        for (const Deed& second : deeds()) {
            for (std::size_t at = 0; at <= kSchedules; ++at) {
                for (std::size_t then = at; then <= kSchedules; ++then) {
                    ASSERT_EQ(run(beginning, first, at, second, then), "");
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(FromEachBeginning, ZoneChangeTurns,
                         testing::Range(std::size_t{0}, std::size_t{6}));

}  // namespace
}  // namespace slipway
