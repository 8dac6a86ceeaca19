#include "tests/fuzz/story.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"
#include "eventlog/base/json_writer.h"
#include "eventlog/events/codec.h"
#include "eventlog/events/event_json.h"
#include "tests/support/fixtures.h"
#include "tests/support/invariants.h"

#include <iostream>

namespace slipway {

namespace {

using namespace std::chrono_literals;

constexpr ScheduleId kRunning{{4, 10}};
constexpr ScheduleId kOfRivals{{4, 11}};

std::string digest_of(std::string_view secret) {
    return hex_of(bytes_of(sha256(secret)));
}

Event token(TeamId team, std::uint64_t number, Role role, std::string_view secret) {
    return TokenIssued{team, TokenId{{6, number}}, "token " + std::to_string(number),
                       role, kNoon + 24h,          digest_of(secret)};
}

// Keeps the versions of streams as the state that it is applied to counts them.
class Storyteller {
  public:
    Storyteller() {
        for (const RecordedEvent& one : world()) tell(one);
    }
    void tell(TeamId team, UserId user, const Event& event) {
        Envelope envelope;
        envelope.recorded_at = kNoon - 1h;
        envelope.stream = stream_of(event);
        envelope.stream_version = state_.next_version(event);
        envelope.team = team;
        envelope.actor = {ActorKind::user, user, {}};
        tell({Position{state_.position().value + 1}, envelope, event});
    }
    std::vector<RecordedEvent> told() const { return told_; }

  private:
    void tell(const RecordedEvent& recorded) {
        state_.apply(recorded);
        told_.push_back(recorded);
    }

    State state_;
    std::vector<RecordedEvent> told_;
};

}  // namespace

std::vector<RecordedEvent> story() {
    Storyteller story;
    for (const Event& event : pair(kNoon + 1h)) story.tell(kOps, kAlice, event);
    story.tell(kRivals, kMallory, scheduled(kOfRivals, kForeign, kNoon + 2h));
    story.tell(kOps, kAlice, scheduled(kRunning, kUi, kNoon - 30min));
    story.tell(kOps, kAlice, due(kRunning, kNoon - 30min, kNoon - 30min));
    story.tell(kOps, kAlice, token(kOps, 1, Role::viewer, kViewerToken));
    story.tell(kOps, kAlice, token(kOps, 2, Role::deployer, kDeployerToken));
    story.tell(kOps, kAlice, token(kOps, 3, Role::owner, kOwnerToken));
    story.tell(kRivals, kMallory, token(kRivals, 4, Role::owner, kRivalToken));
    story.tell(kOps, kAlice,
               MemberInvited{kOps, InvitationId{{6, 5}}, "bob@example.com", Role::deployer,
                             kNoon + 24h, digest_of(kInvitation)});
    return story.told();
}

void check_event(const RecordedEvent& recorded) {
    const auto decoded = decode(recorded.position, encode(recorded.envelope, recorded.event));
    CHECK(decoded && *decoded == recorded);
    std::string line;
    JsonWriter json{line};
    write_json(json, recorded, nullptr);
    const auto read = event_of_json(line);
    CHECK(read && *read == recorded);
}

void check_state(const State& state, const std::vector<RecordedEvent>& history) {
    State replayed;
    for (const RecordedEvent& one : history) replayed.apply(one);
    CHECK(replayed.fingerprint() == state.fingerprint());
    const std::string broken = broken_invariant(state, history);
    if (!broken.empty()) std::cerr << broken << std::endl;
    CHECK(broken.empty());
}

}  // namespace slipway
