#include "projections/state.h"

#include "eventlog/base/check.h"
#include "projections/applies.h"

namespace slipway {

void State::apply(const RecordedEvent& recorded) {
    CHECK(recorded.position.value == position_.value + 1);
    std::visit(
        [&]<class E>(const E& event) {
            // An event that no projection speaks of does not compile.
            static_assert(AppliesEnveloped<Installation, E> || AppliesEnveloped<Teams, E> ||
                          AppliesEnveloped<Apps, E> || AppliesEnveloped<Schedules, E>);
            const Envelope& envelope = recorded.envelope;
            if constexpr (AppliesEnveloped<Installation, E>) installation_.apply(envelope, event);
            if constexpr (AppliesEnveloped<Teams, E>) teams_.apply(envelope, event);
            if constexpr (AppliesEnveloped<Apps, E>) apps_.apply(envelope, event);
            if constexpr (AppliesRecorded<Deployments, E>) deployments_.apply(recorded, event);
            if constexpr (AppliesEnveloped<Schedules, E>) schedules_.apply(envelope, event);
            if constexpr (AppliesEnveloped<Endings, E>) endings_.apply(envelope, event);
        },
        recorded.event);
    for (const ScheduleId id : schedules_.take_forgotten()) deployments_.forget(deployment_of(id));
    for (const AppVersion& of : schedules_.take_deployed()) apps_.deployed(of);
    release_definitions();
    position_ = recorded.position;
}

void State::release_definitions() {
    for (const auto& candidates : {apps_.take_superseded(), schedules_.take_unpinned()}) {
        for (const AppVersion& of : candidates) {
            if (!schedules_.is_pinned(of)) apps_.release(of);
        }
    }
}

Version State::next_version(const Event& event) const {
    const Uuid stream = stream_of(event);
    const auto version = std::visit(
        [&]<class E>(const E&) {
            if constexpr (AppliesEnveloped<Installation, E>) {
                return installation_.version();
            } else if constexpr (AppliesEnveloped<Teams, E>) {
                const Team* const team = teams_.find(TeamId{stream});
                return team == nullptr ? Version{} : team->version;
            } else if constexpr (AppliesEnveloped<Apps, E>) {
                const App* const app = apps_.find(AppId{stream});
                return app == nullptr ? Version{} : app->version;
            } else {
                const RowIndex row = schedules_.find(ScheduleId{stream});
                return row == kNoRow ? Version{} : schedules_.at(row).version;
            }
        },
        event);
    return Version{version.value + 1};
}

Result<void> State::rebuild() {
    if (auto rebuilt = teams_.rebuild(); !rebuilt) return rebuilt;
    if (auto rebuilt = apps_.rebuild(); !rebuilt) return rebuilt;
    return schedules_.rebuild();
}

std::string State::fingerprint() const {
    Fingerprint fingerprint;
    fingerprint.add("position", position_);
    installation_.add_to(fingerprint);
    teams_.add_to(fingerprint);
    apps_.add_to(fingerprint);
    schedules_.add_to(fingerprint);
    deployments_.add_to(fingerprint);
    endings_.add_to(fingerprint);
    return fingerprint.text();
}

}  // namespace slipway
