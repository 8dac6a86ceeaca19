#include "tests/support/random_story.h"

#include "tests/support/invariants.h"

#include <array>
#include <iterator>

namespace slipway {

void RandomStory::go_on() {
    if (below(3) == 0) story_.after(Millis{below(20 * 60'000)});
    if (below(12) == 0) change_zone_rules();
    switch (below(10)) {
        case 0:
            story_.when(schedule());
            break;
        case 1:
        case 2:
            story_.when_timer_ticks();
            break;
        case 3:
            story_.when(below(2) == 0 ? Command{HoldDispatch{}} : Command{ArmDispatch{}});
            break;
        case 4:
        case 5:
            run();
            break;
        case 6:
            story_.when(change_of_team());
            break;
        case 7:
            story_.when(change_of_app());
            break;
        default:
            if (known()) story_.when(change());
    }
    story_.accept_rejection();
    remember();
}

std::string RandomStory::broken() const {
    return broken_history(story_.history());
}

template <class Map>
typename Map::key_type RandomStory::any_of(const Map& map) {
    if (map.empty()) return {};
    return std::next(map.begin(), below(static_cast<int>(map.size())))->first;
}

std::string RandomStory::some_text() {
    return below(2) == 0 ? std::string{} : "text " + std::to_string(++named_);
}

Policies RandomStory::policies() {
    Policies made;
    made.on_dependency_failure = static_cast<DependencyFailurePolicy>(below(3));
    made.misfire_then = static_cast<MisfireAction>(below(3));
    made.misfire_grace_seconds = static_cast<std::uint32_t>(below(2) * 900);
    made.dependency_timeout_seconds = static_cast<std::uint32_t>(1 + below(1800));
    made.retry_max_attempts = static_cast<std::uint32_t>(1 + below(3));
    return made;
}

std::vector<Dependency> RandomStory::dependencies(int depth) {
    std::vector<Dependency> made;
    const std::array<AppId, 3> apps = {kDb, kUi, kApi};
    for (int i = below(3); i > 0 && depth < 3; --i) {
        const AppId app = apps[static_cast<std::size_t>(depth)];
        made.push_back({app, static_cast<std::uint32_t>(below(1800)), {}, "/dependency"});
        if (depth < 1) made.back().dependencies = dependencies(depth + 1);
    }
    return made;
}

ScheduleDeployment RandomStory::schedule() {
    ScheduleDeployment made;
    made.app = kApi;
    made.at = utc_clock(story_.now() + Seconds{1 + below(3600)});
    if (below(2) == 0) {
        made.at.local -= std::chrono::hours{5};
        made.at.timezone = "America/New_York";
    }
    made.dependencies = dependencies(0);
    made.latest_version = below(2) == 0;
    made.policies = policies();
    made.note = some_text();
    return made;
}

// Not all of what they move, as if others had their turn in between.
void RandomStory::change_zone_rules() {
    const std::string version = "2028." + std::to_string(story_.history().size());
    story_.zone_rules(version, Seconds{(below(5) - 2) * 1200});
    story_.when(ChangeZoneRules{version});
    for (int i = below(4); known() && i > 0; --i) {
        story_.accept_rejection();
        story_.when(ReresolveDueTime{any()});
    }
    story_.accept_rejection();
}

Command RandomStory::change() {
    const ScheduleId id = any();
    switch (below(9)) {
        case 0:
            return CancelDeployment{id, some_text()};
        case 1:
            return HoldDeployment{id, some_text(), below(3) == 0};
        case 2:
            return ReleaseDeployment{id, {}};
        case 3:
            return RunNow{id, below(3) == 0};
        case 4:
            return RescheduleDeployment{
                id, utc_clock(story_.now() + Seconds{1 + below(3600)}), policies(), {}, {}};
        case 5:
            return CompleteDeployment{deployment_of(id), below(2) == 0, {}};
        case 6:
            return AbortDeployment{deployment_of(id), {}};
        case 7:
            return ReconcileInterrupted{deployment_of(id)};
        default:
            return Wake{id};
    }
}

// The executor's part: starts what may start, or ends what was started.
void RandomStory::run() {
    if (!known()) return;
    const ScheduleId id = any();
    const Run* const found = story_.state().deployments().find(deployment_of(id));
    if (found == nullptr) return;
    if (found->ready_at) {
        story_.when_started(id);
    } else if (!found->attempts.empty()) {
        RecordOutcome outcome = answer(static_cast<AttemptOutcome>(below(4)), 0);
        outcome.cause = static_cast<AttemptCause>(below(4));
        story_.when_answered(id, outcome);
    }
}

void RandomStory::remember() {
    for (; seen_ < story_.history().size(); ++seen_) {
        const Event& event = story_.history()[seen_].event;
        const bool is_new = std::holds_alternative<DeploymentScheduled>(event) ||
                            std::holds_alternative<DeploymentRequested>(event);
        if (is_new) ids_.push_back(ScheduleId{stream_of(event)});
    }
}

Command RandomStory::change_of_team() {
    const Team& team = *story_.state().teams().find(kOps);
    const std::string number = std::to_string(++named_);
    const UserId newest = team.members.rbegin()->first;  // never the one who tells the story
    switch (below(9)) {
        case 0:
            return AddMember{kOps, {}, "somebody " + number, static_cast<Role>(below(3))};
        case 1:
            return ChangeMemberRole{kOps, newest, static_cast<Role>(below(2))};
        case 2:
            return RemoveMember{kOps, newest};
        case 3:
            return InviteMember{kOps, number + "@example.com", static_cast<Role>(below(2)), 7,
                                "invitation " + number};
        case 4:
            return RevokeInvitation{kOps, any_of(team.invitations)};
        case 5:
            return IssueToken{kOps, "token " + number, Role::viewer, 30, "token " + number};
        case 6:
            return RevokeToken{kOps, any_of(team.tokens)};
        default:
            return change_of_credential(team);
    }
}

Command RandomStory::change_of_credential(const Team& team) {
    const std::string number = std::to_string(++named_);
    const SealedSecret secret{"key " + number, "sealed " + number};
    switch (below(4)) {
        case 0:
            return RotateCredential{kOps, any_of(team.credentials), secret};
        case 1:
            return ShredCredential{kOps, any_of(team.credentials), true};
        default:
            return StoreCredential{kOps,
                                   "credential " + number,
                                   CredentialKind::bearer,
                                   {},
                                   {},
                                   "https://deploy.example.com",
                                   secret};
    }
}

Command RandomStory::change_of_app() {
    const AppId app = below(2) == 0 ? kApi : kDb;
    AppDefinition made = definition("app " + std::to_string(++named_));
    made.labels["tier"] = some_text();
    switch (below(6)) {
        case 0:
            return CreateApp{made};
        case 1:
            return CloneApp{app, made};
        case 2:
            return ReviseApp{app, made};
        case 3:
            return RotateSigningSecret{app};
        case 4:
            return ArchiveApp{kUi, below(4) == 0};
        default:
            return RequestDeployment{app, policies(), some_text(), {}};
    }
}

}  // namespace slipway
