// The apps: each with every version of its definition, since what is scheduled keeps the version
// that it was scheduled with.

#pragma once

#include "eventlog/events/event.h"
#include "projections/fingerprint.h"

#include <absl/container/flat_hash_map.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct AppSource {
    AppId app;
    Version version;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("app", self.app);
        visit("version", self.version);
    }
};

struct App {
    AppId id;
    TeamId team;
    Instant created_at;
    UserId created_by;  // nil: not a user
    Version version;    // of the app: every event of its stream counts
    bool archived = false;
    std::optional<AppSource> cloned_from;
    std::uint32_t signing_generation = 1;
    std::optional<Instant> signing_rotated_at;

    // By the version of the app that brought it; never empty. The last is the one in force.
    std::map<Version, AppDefinition> definitions;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
        visit("id", self.id);
        visit("team", self.team);
        visit("created_at", self.created_at);
        visit("created_by", self.created_by);
        visit("version", self.version);
        visit("archived", self.archived);
        visit("cloned_from", self.cloned_from);
        visit("signing_generation", self.signing_generation);
        visit("signing_rotated_at", self.signing_rotated_at);
        visit("definitions", self.definitions);
    }

    Version definition_version() const { return definitions.rbegin()->first; }
    const AppDefinition& definition() const { return definitions.rbegin()->second; }
    // Requires: a definition came with `at`.
    const AppDefinition& definition(Version at) const { return definitions.at(at); }
};

class Apps {
  public:
    void apply(const Envelope& envelope, const AppCreated& event);
    void apply(const Envelope& envelope, const AppCloned& event);
    void apply(const Envelope& envelope, const AppRevised& event);
    void apply(const Envelope& envelope, const AppArchived& event);
    void apply(const Envelope& envelope, const SigningSecretRotated& event);

    const App* find(AppId id) const;
    // The app that is not archived and has that name in that team.
    const App* find(TeamId team, const std::string& name) const;
    // In order of creation; the archived too.
    const std::vector<std::uint32_t>& of_team(TeamId team) const;

    // Apps by a number from 0 that stays, for rows that cannot afford an id. Requires: find(id).
    std::uint32_t index_of(AppId id) const { return indexes_.at(id); }
    const App& at(std::uint32_t index) const { return apps_[index]; }

    void add_to(Fingerprint& fingerprint) const;

  private:
    friend struct StateParts;

    App& add(const Envelope& envelope, AppId id, const AppDefinition& definition);
    App& changed(const Envelope& envelope, AppId id);

    std::deque<App> apps_;
    absl::flat_hash_map<AppId, std::uint32_t> indexes_;
    absl::flat_hash_map<TeamId, std::vector<std::uint32_t>> of_team_;
    absl::flat_hash_map<std::pair<TeamId, std::string>, std::uint32_t> names_;
};

}  // namespace slipway
