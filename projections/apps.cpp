#include "projections/apps.h"

#include "eventlog/base/check.h"

namespace slipway {

App& Apps::add(const Envelope& envelope, AppId id, const AppDefinition& definition) {
    const auto index = static_cast<std::uint32_t>(apps_.size());
    CHECK(indexes_.try_emplace(id, index).second);
    CHECK(names_.try_emplace(std::pair{envelope.team, definition.name}, index).second);
    of_team_[envelope.team].push_back(index);
    App& app = apps_.emplace_back();
    app.id = id;
    app.team = envelope.team;
    app.created_at = envelope.recorded_at;
    app.created_by = envelope.actor.user;
    app.version = envelope.stream_version;
    app.definitions[envelope.stream_version] = definition;
    return app;
}

App& Apps::changed(const Envelope& envelope, AppId id) {
    const auto at = indexes_.find(id);
    CHECK(at != indexes_.end());
    App& app = apps_[at->second];
    CHECK(envelope.stream_version.value == app.version.value + 1);
    app.version = envelope.stream_version;
    return app;
}

void Apps::apply(const Envelope& envelope, const AppCreated& event) {
    add(envelope, event.app, event.definition);
}

void Apps::apply(const Envelope& envelope, const AppCloned& event) {
    add(envelope, event.app, event.definition).cloned_from =
        AppSource{event.source, event.source_version};
}

void Apps::apply(const Envelope& envelope, const AppRevised& event) {
    App& app = changed(envelope, event.app);
    if (event.definition.name != app.definition().name) {
        names_.erase(std::pair{app.team, app.definition().name});
        CHECK(names_.try_emplace(std::pair{app.team, event.definition.name}, index_of(app.id))
                  .second);
    }
    app.definitions[envelope.stream_version] = event.definition;
}

void Apps::apply(const Envelope& envelope, const AppArchived& event) {
    App& app = changed(envelope, event.app);
    app.archived = true;
    names_.erase(std::pair{app.team, app.definition().name});
}

void Apps::apply(const Envelope& envelope, const SigningSecretRotated& event) {
    App& app = changed(envelope, event.app);
    app.signing_generation = event.generation;
    app.signing_rotated_at = envelope.recorded_at;
}

const App* Apps::find(AppId id) const {
    const auto at = indexes_.find(id);
    return at == indexes_.end() ? nullptr : &apps_[at->second];
}

const App* Apps::find(TeamId team, const std::string& name) const {
    const auto at = names_.find(std::pair{team, name});
    return at == names_.end() ? nullptr : &apps_[at->second];
}

const std::vector<std::uint32_t>& Apps::of_team(TeamId team) const {
    static const std::vector<std::uint32_t> kNone;
    const auto at = of_team_.find(team);
    return at == of_team_.end() ? kNone : at->second;
}

void Apps::add_to(Fingerprint& fingerprint) const {
    for (const auto& app : apps_) {
        fingerprint.add("app", app.id, app.team, app.created_at, app.created_by, app.version,
                        app.archived, app.signing_generation, app.signing_rotated_at);
        if (app.cloned_from) {
            fingerprint.add("source", app.id, app.cloned_from->app, app.cloned_from->version);
        }
        for (const auto& [version, definition] : app.definitions) {
            fingerprint.add("definition", app.id, version, definition);
        }
    }
}

}  // namespace slipway
