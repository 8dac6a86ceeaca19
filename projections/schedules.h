// The schedules: every scheduled deployment that is still to come or under way, and the recent ones
// that ended, in flat rows. Ten million of them must fit in memory, so a row holds numbers: what
// many rows share (zone names, policies, users) stands once, and notes stand beside.
//
//   scheduled ─┬─► held ──┐
//              ├─► waiting ┼─► due ─► running ─┬─► succeeded | failed | aborted
//              └───────────┘                   └─► unknown ─► (the same)
//   instead of due: cancelled | missed | skipped
//
// A deployment at once is a row too: it begins due.

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/events/event.h"
#include "projections/apps.h"
#include "projections/deployments.h"
#include "projections/due_queue.h"
#include "projections/fingerprint.h"
#include "projections/interner.h"
#include "projections/number_of.h"
#include "projections/parts.h"
#include "projections/slab.h"
#include "projections/teams.h"

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace slipway {

// Trees of finished schedules that stay in memory, and what they may take there in all; older ones
// are read from the log.
inline constexpr std::size_t kFinishedTreesKept = 100'000;
inline constexpr std::size_t kFinishedBytesKept = 256 * 1024 * 1024;

// A count of what is late looks at no more schedules than this, so that it takes less than a
// millisecond however many are late.
inline constexpr std::size_t kCountedMax = 10'000;

using RowIndex = std::uint32_t;
inline constexpr RowIndex kNoRow = 0xFFFFFFFF;
inline constexpr Instant kNever = Instant::max();

struct ScheduleRow {
    ScheduleId id;
    Instant due_at;
    LocalTime wall_clock;
    Instant created_at;
    Instant wake_at = kNever;  // when the timer must look at it next; since when dispatch holds it
    NumberOf<Team> team = 0;
    NumberOf<App> app = 0;
    Version app_version;  // 0: the latest when due
    NumberOf<UserId> created_by = kNoValue;
    NumberOf<std::string> original_timezone = kNoValue;
    NumberOf<std::string> timezone = kNoValue;
    NumberOf<std::string> tzdb_version = kNoValue;
    NumberOf<Policies> policies = kNoValue;
    NumberOf<ScheduleRow> parent = kNoRow;  // whose dependency it is
    NumberOf<ScheduleRow> first_dependency = kNoRow;
    NumberOf<ScheduleRow> next_dependency = kNoRow;  // of the same parent
    std::uint32_t lead_seconds = 0;
    std::uint32_t open_in_tree = 0;  // in a root: how many of its tree have not ended
    std::int32_t utc_offset_seconds = 0;
    Version version;
    ScheduleStatus status = ScheduleStatus::scheduled;
    HoldReason hold_reason = HoldReason::by_user;
    Disambiguation disambiguation = Disambiguation::compatible;
    Resolution resolution = Resolution::exact;
    bool at_once = false;  // requested with no wall clock
    bool lead_shortened = false;
    bool dependencies_waived = false;  // a person let it go though a dependency had failed
    bool woken_when_armed = false;     // it stands in the queue of what dispatch holds
    bool has_text = false;
    EndReason end_reason = EndReason::none;
};
BOOST_DESCRIBE_STRUCT(ScheduleRow, (),
                      (id, due_at, wall_clock, created_at, wake_at, team, app, app_version,
                       created_by, original_timezone, timezone, tzdb_version, policies, parent,
                       first_dependency, next_dependency, lead_seconds, open_in_tree,
                       utc_offset_seconds, version, status, hold_reason, disambiguation, resolution,
                       at_once, lead_shortened, dependencies_waived, woken_when_armed, has_text,
                       end_reason))

struct ScheduleText {
    std::string note;
    Labels labels;
    std::string status_note;  // what was said when it was held, cancelled or released
    std::string traceparent;  // of the request that last said when it is to run
    UserId held_by;           // who held it last, if a person did
};
BOOST_DESCRIBE_STRUCT(ScheduleText, (), (note, labels, status_note, traceparent, held_by))

// What a row takes in memory with its indexes, beside its texts and its run.
inline constexpr std::size_t kScheduleBytes = sizeof(ScheduleRow) + 200;

// What a schedule's texts take there.
std::size_t text_bytes(const ScheduleText& text);

// How much there is of trees that have not finished: all of a tree counts until its last ends.
struct ScheduleUse {
    std::size_t rows = 0;
    std::size_t text_bytes = 0;
    std::size_t run_bytes = 0;

    // Of memory, for all of it.
    std::size_t bytes() const { return rows * kScheduleBytes + text_bytes + run_bytes; }

    ScheduleUse& operator+=(const ScheduleUse& more) {
        rows += more.rows;
        text_bytes += more.text_bytes;
        run_bytes += more.run_bytes;
        return *this;
    }
    ScheduleUse& operator-=(const ScheduleUse& less) {
        rows -= less.rows;
        text_bytes -= less.text_bytes;
        run_bytes -= less.run_bytes;
        return *this;
    }
    friend bool operator==(const ScheduleUse&, const ScheduleUse&) = default;
};

class Schedules {
  public:
    // `deployments` has the runs of the same schedules, and is told of each event first.
    Schedules(const Teams& teams, const Apps& apps, const Deployments& deployments,
              std::size_t finished_trees_kept = kFinishedTreesKept)
        : teams_(teams),
          apps_(apps),
          deployments_(deployments),
          finished_trees_kept_(finished_trees_kept) {}

    void apply(const Envelope& envelope, const DeploymentScheduled& event);
    void apply(const Envelope& envelope, const DeploymentRescheduled& event);
    void apply(const Envelope& envelope, const DueTimeReresolved& event);
    void apply(const Envelope& envelope, const DeploymentTermsRevised& event);
    void apply(const Envelope& envelope, const DeploymentHeld& event);
    void apply(const Envelope& envelope, const DeploymentReleased& event);
    void apply(const Envelope& envelope, const DeploymentExpedited& event);
    void apply(const Envelope& envelope, const DependencyAwaited& event);
    void apply(const Envelope& envelope, const DeploymentCancelled& event);
    void apply(const Envelope& envelope, const DeploymentMissed& event);
    void apply(const Envelope& envelope, const DeploymentSkipped& event);
    void apply(const Envelope& envelope, const DeploymentRequested& event);
    void apply(const Envelope& envelope, const DeploymentDue& event);
    void apply(const Envelope& envelope, const AttemptStarted& event);
    void apply(const Envelope& envelope, const AttemptAccepted& event);
    void apply(const Envelope& envelope, const AttemptFailed& event);
    void apply(const Envelope& envelope, const OutcomeUnknown& event);
    void apply(const Envelope& envelope, const OutcomeReconciled& event);
    void apply(const Envelope& envelope, const DeploymentSucceeded& event);
    void apply(const Envelope& envelope, const DeploymentFailed& event);
    void apply(const Envelope& envelope, const DeploymentAborted& event);

    // kNoRow if it is not in memory: unknown, or ended long ago.
    RowIndex find(ScheduleId id) const;
    const ScheduleRow& at(RowIndex row) const { return rows_.at(row); }
    // Every row's index is below this. One that is not in use has a nil id.
    RowIndex end_of_rows() const { return static_cast<RowIndex>(rows_.size()); }

    const App& app_of(const ScheduleRow& row) const { return apps_.at(row.app); }
    TeamId team_of(const ScheduleRow& row) const { return teams_.at(row.team).id; }
    UserId created_by(const ScheduleRow& row) const { return users_.at(row.created_by); }
    const std::string& original_timezone(const ScheduleRow& row) const {
        return words_.at(row.original_timezone);
    }
    const std::string& timezone(const ScheduleRow& row) const { return words_.at(row.timezone); }
    const std::string& tzdb_version(const ScheduleRow& row) const {
        return words_.at(row.tzdb_version);
    }
    const Policies& policies(const ScheduleRow& row) const { return policies_.at(row.policies); }
    // Empty texts where there are none.
    const ScheduleText& text(RowIndex row) const;

    // What is still to come or under way, and what ended and is still in memory, by due instant.
    const DueQueue& open_of(TeamId team) const;
    const DueQueue& ended_of(TeamId team) const;
    // What is still to come of one app, by due instant.
    const DueQueue& pending_of(const App& app) const { return of_app(app).pending; }
    // What was scheduled of one app and is under way, by due instant. Deployments at once are not
    // in it.
    const DueQueue& under_way_of(const App& app) const { return of_app(app).under_way; }

    const ScheduleUse& use_of(TeamId team) const;
    const ScheduleUse& use() const { return use_; }
    // Bytes that the row and all below it take in memory, texts and runs included.
    std::size_t bytes_of_tree(RowIndex root) const { return tree_bytes(tree_of(root)); }
    // Bytes of the trees that finished and are still in memory.
    std::size_t finished_bytes() const { return finished_bytes_; }
    // How many zone names, users and policies are kept for the rows.
    std::size_t interned_values() const { return words_.size() + users_.size() + policies_.size(); }
    // Whether a schedule that has not ended runs that version of the app and no other.
    bool is_pinned(const AppVersion& of) const { return pins_.contains(of); }

    // The row that the timer must look at next; with `armed`, also what only the dispatch switch
    // held.
    std::optional<DueEntry> next_wake(bool armed) const;
    std::size_t pending() const { return due_.size(); }

    // How many in memory have that status.
    std::size_t count(ScheduleStatus status) const {
        return of_status_[static_cast<std::size_t>(status)];
    }
    // How many the timer should have decided by `now`, and has not; with `armed` as next_wake().
    // Looks at kCountedMax entries of a queue at most.
    std::size_t undecided(Instant now, bool armed) const;

    // Those that are held, by due instant.
    const DueQueue& held() const { return held_; }

    // Ids of what left the memory since the last call.
    std::vector<ScheduleId> take_forgotten();
    // Definitions that the last pin went from since the last call.
    std::vector<AppVersion> take_unpinned();
    // What was deployed with success since then, in order.
    std::vector<AppVersion> take_deployed();

    void add_to(Fingerprint& fingerprint) const;

    // As parts.h says. A row is written with its text, and then with what `visit_run(archive, id)`
    // shows of its run.
    template <class Self, class Visit, class VisitRun>
    static void parts(Self& self, const Visit& visit, const VisitRun& visit_run) {
        visit(self.words_.part(self.words_));
        visit(self.users_.part(self.users_));
        visit(self.policies_.part(self.policies_));
        visit(RowsPart<Self, VisitRun>{self, visit_run});
        visit(self.rows_.free_part(self.rows_));
        visit(ListPart{self.finished_roots_});
    }
    // Requires: the teams, the apps and the runs are there. Errors: corruption.
    Result<void> rebuild();

  private:
    class Rebuild;  // schedules_rebuild.cpp

    template <class Self, class VisitRun>
    struct RowsPart {
        static constexpr std::uint32_t kItemsMax = kPartItemsMax;

        Self& self;
        const VisitRun& visit_run;

        std::size_t size() const { return self.rows_.size(); }
        void grow() { self.rows_.grow(); }
        template <class Archive>
        void visit(Archive& archive, std::size_t item) {
            const auto index = static_cast<RowIndex>(item);
            auto& row = self.rows_.at(index);
            bool is_used = !row.id.is_nil();
            archive(is_used);
            if (!is_used) return;
            archive(row);
            if constexpr (std::is_const_v<Self>) {
                if (row.has_text) archive(self.texts_.at(index));
            } else {
                if (row.has_text) archive(self.texts_[index]);
            }
            visit_run(archive, row.id);
        }
    };

    struct OfTeam {
        DueQueue open;
        DueQueue ended;
        ScheduleUse use;
    };

    // What has not ended of one app.
    struct OfApp {
        DueQueue pending;
        DueQueue under_way;

        bool is_empty() const { return pending.size() == 0 && under_way.size() == 0; }
    };

    RowIndex add(const Envelope& envelope, ScheduleRow row);
    void set_time(ScheduleRow& row, const PlannedTime& time);
    void drop_values(const ScheduleRow& row);
    void pin(const ScheduleRow& row);
    void unpin(const ScheduleRow& row);
    RowIndex root_of(RowIndex index) const;
    std::vector<RowIndex> tree_of(RowIndex root) const;
    std::size_t tree_bytes(const std::vector<RowIndex>& tree) const;
    void count(const ScheduleRow& row, const ScheduleUse& more, const ScheduleUse& less = {});
    ScheduleUse counted_of(RowIndex index) const;
    void count_run(RowIndex index);
    void finish(RowIndex root);
    template <class Edit>
    void edit_text(RowIndex index, const Edit& edit);
    RowIndex changed(const Envelope& envelope, Uuid stream);
    RowIndex run_changed(const Envelope& envelope, DeploymentId id);
    void set_text(RowIndex index, const std::string& note, const Labels& labels);
    void set_status_note(RowIndex index, const std::string& note);
    void set_held_by(RowIndex index, UserId user);
    void set_trace(RowIndex index, const Envelope& envelope);
    void move_due(RowIndex index, Instant due_at);
    void wake(RowIndex index, Instant at, bool when_armed = false);
    void wake_when_due(RowIndex index);
    void set_status(RowIndex index, ScheduleStatus status);
    void end(RowIndex index, ScheduleStatus status);
    void forget(RowIndex root);
    OfTeam& of_team(const ScheduleRow& row);
    const OfApp& of_app(const App& app) const;
    void list(RowIndex index);
    void unlist(RowIndex index);
    static bool is_listed(const ScheduleRow& row) {
        return is_pending(row.status) || !(is_terminal(row.status) || row.at_once);
    }

    const Teams& teams_;
    const Apps& apps_;
    const Deployments& deployments_;
    const std::size_t finished_trees_kept_;
    Slab<ScheduleRow> rows_;
    absl::flat_hash_map<ScheduleId, RowIndex> indexes_;
    absl::flat_hash_map<RowIndex, ScheduleText> texts_;
    absl::flat_hash_map<RowIndex, std::size_t>
        run_bytes_;  // counted, of trees that are not finished
    Interner<std::string> words_;
    Interner<UserId> users_;
    Interner<Policies> policies_;
    DueQueue due_;
    DueQueue due_when_armed_;
    DueQueue held_;                                     // by due_at
    std::deque<OfTeam> of_team_;                        // by the team's number
    absl::flat_hash_map<std::uint32_t, OfApp> of_app_;  // by the app's number; none is empty
    std::deque<RowIndex> finished_roots_;
    std::array<std::size_t, kScheduleStatuses> of_status_{};
    std::vector<ScheduleId> forgotten_;
    absl::flat_hash_map<AppVersion, std::uint32_t> pins_;  // rows that have not ended
    std::vector<AppVersion> unpinned_;
    std::vector<AppVersion> deployed_;
    ScheduleUse use_;
    std::size_t finished_bytes_ = 0;
};

}  // namespace slipway
