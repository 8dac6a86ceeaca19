// The apps. Each keeps its newest definition, and the older ones that something open is pinned to.
// The log has the others (definition_log.h).
//
//   revised:  the definition before goes, unless something open is pinned to it
//   archived: of the newest, only what lists ask for stays, once nothing open is pinned to it

#pragma once

#include "eventlog/base/describe.h"
#include "eventlog/events/event.h"
#include "projections/fingerprint.h"
#include "projections/parts.h"

#include <absl/container/flat_hash_map.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

struct AppSource {
    AppId app;
    Version version;
};
BOOST_DESCRIBE_STRUCT(AppSource, (), (app, version))

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

    // By the version of the app that brought it; never empty. The last is the newest.
    std::map<Version, AppDefinition> definitions;
    // Of the newest definition only name, environment and labels are in memory.
    bool is_outline = false;
    Version live_version;  // of the run that succeeded last; 0: none did

    Version definition_version() const { return definitions.rbegin()->first; }
    const AppDefinition& definition() const { return definitions.rbegin()->second; }
    // Requires: something open is pinned to `at`.
    const AppDefinition& definition(Version at) const { return definitions.at(at); }
    // Null if it is not in memory.
    const AppDefinition* find_definition(Version at) const {
        const auto found = definitions.find(at);
        return found == definitions.end() ? nullptr : &found->second;
    }
};
BOOST_DESCRIBE_STRUCT(App, (),
                      (id, team, created_at, created_by, version, archived, cloned_from,
                       signing_generation, signing_rotated_at, definitions, is_outline,
                       live_version))

// A definition that may not be needed in memory any more.
struct AppVersion {
    std::uint32_t app = 0;  // its number
    Version version;

    friend auto operator<=>(const AppVersion&, const AppVersion&) = default;
    template <class H>
    friend H AbslHashValue(H hash, const AppVersion& of) {
        return H::combine(std::move(hash), of.app, of.version.value);
    }
};

// How much there is of a team's apps.
struct AppUse {
    std::size_t live = 0;         // apps that are not archived
    std::size_t definitions = 0;  // in memory
    std::size_t bytes = 0;        // of memory, for all of its apps

    friend bool operator==(const AppUse&, const AppUse&) = default;
};

class Apps {
  public:
    void apply(const Envelope& envelope, const AppCreated& event);
    void apply(const Envelope& envelope, const AppCloned& event);
    void apply(const Envelope& envelope, const AppRevised& event);
    void apply(const Envelope& envelope, const AppArchived& event);
    void apply(const Envelope& envelope, const SigningSecretRotated& event);

    // A run of that version succeeded.
    void deployed(const AppVersion& of) { apps_[of.app].live_version = of.version; }
    // Definitions that lost their place since the last call: superseded, or of an archived app.
    std::vector<AppVersion> take_superseded();
    // Forgets that definition, unless it is the newest of an app that is not archived.
    // Requires: nothing open is pinned to it.
    void release(const AppVersion& of);

    const App* find(AppId id) const;
    // The app that is not archived and has that name in that team.
    const App* find(TeamId team, const std::string& name) const;
    // In order of creation; the archived too.
    const std::vector<std::uint32_t>& of_team(TeamId team) const;
    const AppUse& use_of(TeamId team) const;
    const AppUse& use() const { return use_; }

    // Apps by a number from 0 that stays, for rows that cannot afford an id. Requires: find(id).
    std::uint32_t index_of(AppId id) const { return indexes_.at(id); }
    const App& at(std::uint32_t index) const { return apps_[index]; }
    std::size_t size() const { return apps_.size(); }

    void add_to(Fingerprint& fingerprint) const;

    // As parts.h says.
    template <class Self, class Visit>
    static void parts(Self& self, const Visit& visit) {
        visit(ListPart{self.apps_});
    }
    // Errors: corruption.
    Result<void> rebuild();

  private:
    App& add(const Envelope& envelope, AppId id, const AppDefinition& definition);
    App& changed(const Envelope& envelope, AppId id);
    void count(const App& app, std::size_t definitions, std::size_t bytes);
    void count_all(const App& app);

    struct OfTeam {
        std::vector<std::uint32_t> apps;
        AppUse use;
    };

    std::deque<App> apps_;
    absl::flat_hash_map<AppId, std::uint32_t> indexes_;
    absl::flat_hash_map<TeamId, OfTeam> of_team_;
    absl::flat_hash_map<std::pair<TeamId, std::string>, std::uint32_t> names_;
    std::vector<AppVersion> superseded_;
    AppUse use_;
};

// Bytes that an app takes in memory beside its definitions.
inline constexpr std::size_t kAppBytes = sizeof(App) + 200;

// Bytes that a definition takes in memory.
std::size_t definition_bytes(const AppDefinition& definition);

}  // namespace slipway
