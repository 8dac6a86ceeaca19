#include "projections/apps.h"

#include "eventlog/base/check.h"
#include "projections/memory.h"

#include <utility>

namespace slipway {

std::size_t definition_bytes(const AppDefinition& definition) {
    return kNodeBytes + sizeof(Version) + memory_bytes(definition);
}

// Counts so much more, or less: the numbers wrap around.
void Apps::count(const App& app, std::size_t definitions, std::size_t bytes) {
    for (AppUse* const use : {&of_team_[app.team].use, &use_}) {
        use->definitions += definitions;
        use->bytes += bytes;
    }
}

void Apps::count_all(const App& app) {
    count(app, 0, kAppBytes);
    for (const auto& [version, definition] : app.definitions) {
        count(app, 1, definition_bytes(definition));
    }
    if (app.archived) return;
    ++of_team_[app.team].use.live;
    ++use_.live;
}

App& Apps::add(const Envelope& envelope, AppId id, const AppDefinition& definition) {
    const auto index = static_cast<std::uint32_t>(apps_.size());
    CHECK(indexes_.try_emplace(id, index).second);
    CHECK(names_.try_emplace(std::pair{envelope.team, definition.name}, index).second);
    of_team_[envelope.team].apps.push_back(index);
    App& app = apps_.emplace_back();
    app.id = id;
    app.team = envelope.team;
    app.created_at = envelope.recorded_at;
    app.created_by = envelope.actor.user;
    app.version = envelope.stream_version;
    app.definitions[envelope.stream_version] = definition;
    count_all(app);
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
    superseded_.push_back({index_of(app.id), app.definition_version()});
    app.definitions[envelope.stream_version] = event.definition;
    count(app, 1, definition_bytes(event.definition));
}

void Apps::apply(const Envelope& envelope, const AppArchived& event) {
    App& app = changed(envelope, event.app);
    app.archived = true;
    names_.erase(std::pair{app.team, app.definition().name});
    --of_team_[app.team].use.live;
    --use_.live;
    superseded_.push_back({index_of(app.id), app.definition_version()});
}

std::vector<AppVersion> Apps::take_superseded() {
    return std::exchange(superseded_, {});
}

void Apps::release(const AppVersion& of) {
    App& app = apps_[of.app];
    const auto at = app.definitions.find(of.version);
    const bool is_newest = of.version == app.definition_version();
    if (at == app.definitions.end() || (is_newest && (!app.archived || app.is_outline))) return;
    count(app, -std::size_t{1}, -definition_bytes(at->second));
    if (!is_newest) {
        app.definitions.erase(at);
        return;
    }
    AppDefinition outline;
    outline.name = std::move(at->second.name);
    outline.environment = std::move(at->second.environment);
    outline.labels = std::move(at->second.labels);
    at->second = std::move(outline);
    app.is_outline = true;
    count(app, 1, definition_bytes(at->second));
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
    return at == of_team_.end() ? kNone : at->second.apps;
}

const AppUse& Apps::use_of(TeamId team) const {
    static const AppUse kNone;
    const auto at = of_team_.find(team);
    return at == of_team_.end() ? kNone : at->second.use;
}

void Apps::add_to(Fingerprint& fingerprint) const {
    for (const auto& app : apps_) fingerprint.add("app", app);
}

Result<void> Apps::rebuild() {
    for (std::uint32_t i = 0; i < apps_.size(); ++i) {
        const App& app = apps_[i];
        if (app.definitions.empty()) return unfit("an app has no definition");
        bool is_new = indexes_.try_emplace(app.id, i).second;
        of_team_[app.team].apps.push_back(i);
        count_all(app);
        if (!app.archived) {
            is_new &= names_.try_emplace({app.team, app.definition().name}, i).second;
        }
        if (!is_new) return unfit("an app is there twice");
    }
    return {};
}

}  // namespace slipway
