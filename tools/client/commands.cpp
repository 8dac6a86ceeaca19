#include "tools/client/commands.h"

#include "eventlog/base/ascii.h"
#include "eventlog/events/vocabulary.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace slipway {

namespace {

using enum Kind;
using Arguments = std::vector<Argument>;

// Every word of a closed list, with blanks between.
template <class Enum>
std::string_view words() {
    static const std::string kAll = [] {
        std::string all;
        for (const auto name : names_of<Enum>()) {
            if (!all.empty()) all += ' ';
            all += name;
        }
        return all;
    }();
    return kAll;
}

constexpr Argument kApp{"APP", "{app}", app, "The app's name or id"};
constexpr Argument kId{"ID", "{id}", text, "Its id"};
constexpr Argument kTeam{"TEAM", "{team}", text, "The team's id"};
constexpr Argument kUser{"USER", "{user}", text, "The user's id"};
constexpr Argument kReason{"reason", "/reason", text, "Why; kept in the log"};
constexpr Argument kFile{"file", "", file, "The request as JSON, - for standard input"};
constexpr Argument kWatch{"watch", "", local, "Go on watching it until it ends"};
constexpr Argument kIfVersion{"if-version", "If-Match", version,
                              "Only if this is still its version"};

// Not constexpr objects: initialised when they are first asked for, whoever asks first.
Arguments join(std::initializer_list<Arguments> parts) {
    Arguments all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

Arguments paging() {
    return {{"limit", "?limit", number, "Rows on a page, 1 to 200"},
            {"cursor", "?cursor", text, "Go on after an earlier page"},
            {"all", "", local, "Follow the cursors to the end"}};
}

Arguments window() {
    return {{"from", "?from", instant, "Not before this time"},
            {"to", "?to", instant, "Not after this time"}};
}

Arguments definition() {
    return {kFile,
            {"name", "/name", text, "Unique in the team"},
            {"description", "/description", text, "Free text"},
            {"environment", "/environment", text, "production, staging, …"},
            {"label", "/labels", label, "NAME=VALUE; repeatable"},
            {"provider", "/infrastructure/provider", text, "Where it runs", words<Provider>()},
            {"region", "/infrastructure/region", text, "Where there"},
            {"target-url", "/target/url", text, "The webhook that deploys it"},
            {"credential", "/target/credential", text, "Its id: what the webhook is shown"},
            {"timeout-seconds", "/target/timeout_seconds", number, "For the webhook's answer"},
            {"completion-timeout-seconds", "/target/completion_timeout_seconds", number,
             "For its report, after it answered 202"}};
}

Arguments note_and_labels() {
    return {{"note", "/note", text, "Free text"},
            {"label", "/labels", label, "NAME=VALUE; repeatable"}};
}

Arguments retries() {
    return {{"max-attempts", "/retry/max_attempts", number, "Tries, the first included"},
            {"backoff-seconds", "/retry/backoff_seconds", number, "The first pause between tries"},
            {"max-backoff-seconds", "/retry/max_backoff_seconds", number, "The longest pause"}};
}

Arguments plan() {
    return join(
        {{{"at", "/at", wall_clock,
           "The wall clock: \"2027-02-10 03:00\", \"tomorrow 03:00\", \"friday 3:00\""},
          {"in", "/at", from_now, "Instead: so long from now, 2h, 1h30m, 2d"},
          {"disambiguation", "/disambiguation", text, "For a clock that comes twice or never",
           words<Disambiguation>()},
          {"on-dependency-failure", "/on_dependency_failure", text,
           "When one fails that it depends on", words<DependencyFailurePolicy>()},
          {"dependency-timeout-seconds", "/dependency_timeout_seconds", number,
           "How long to wait for one"},
          {"grace-seconds", "/misfire/grace_seconds", number, "How late it may still run"},
          {"misfire", "/misfire/then", text, "When it is later than that", words<MisfireAction>()}},
         retries(),
         note_and_labels()});
}

Arguments new_schedule() {
    return join(
        {{{"APP", "/app", app, "The app's name or id"},
          kFile,
          {"depends-on", "/dependency", dependency,
           "APP[:LEAD_MINUTES], deployed before it (15); repeatable"},
          {"app-version", "/app_version", text, "As it is now, or when due", "pinned latest"}},
         plan()});
}

// One entry after the other, each as short as it can be read.
// clang-format off
constexpr std::string_view kEventColumns =
    "POSITION=/position RECORDED=/recorded_at TYPE=/type STREAM=/stream ACTOR=/actor/kind";

using Commands = std::vector<ClientCommand>;

Commands app_commands() {
    return {
        {"apps list", "GET /v1/apps", "The team's apps",
         join({{{"name", "?name", text, "Of this name"},
                {"environment", "?environment", text, "Of this environment"},
                {"label", "?label", text, "With this label: NAME or NAME=VALUE"},
                {"archived", "?archived", flag, "The archived ones"},
                {"sort", "?sort", text, "The order", "created_at -created_at name -name"}},
               paging()}),
         "ID=/id NAME=/name ENVIRONMENT=/environment PROVIDER=/infrastructure/provider "
         "TARGET=/target/url VERSION=/definition_version"},
        {"apps get", "GET /v1/apps/{app}", "One app", {kApp}},
        {"apps create", "POST /v1/apps", "Register an app", definition(), {},
         R"({"target": {"kind": "webhook"}})"},
        {"apps clone", "POST /v1/apps?source={app}", "Copy an app, with changes laid over it",
         join({{kApp}, definition()})},
        {"apps revise", "PATCH /v1/apps/{app}", "Change it; what is scheduled keeps its version",
         join({{kApp, kIfVersion}, definition(),
               {{"remove-label", "/labels", unlabel, "A label's name; repeatable"}}})},
        {"apps archive", "DELETE /v1/apps/{app}", "Retire an app",
         {kApp, kIfVersion,
          {"cancel-schedules", "?cancel_schedules", flag, "Cancel what is still to come"}}},
        {"apps history", "GET /v1/apps/{app}/history", "Its events, newest first",
         {kApp, {"limit", "?limit", number, "At most so many, 1 to 200"}}, kEventColumns},
        {"apps signing-secret", "GET /v1/apps/{app}/signing_secret",
         "What its webhooks are signed with", {kApp}},
        {"apps rotate-signing-secret", "POST /v1/apps/{app}/signing_secret/rotate",
         "Sign with a new secret", {kApp, kIfVersion}},
    };
}

constexpr std::string_view kSchedule = "/v1/scheduled_deployments/{id}";

Commands schedule_commands() {
    return {
        {"schedules list", "GET /v1/scheduled_deployments", "What is still to come or under way",
         join({{{"status", "?status", text, "Of this status", words<ScheduleStatus>()},
                {"app", "?app", app, "Of this app"},
                {"completed", "?include", flag, "What has ended, too", "completed"},
                {"sort", "?sort", text, "The order", "due_at -due_at"}},
               window(), paging()}),
         "ID=/id STATUS=/status REASON=/status_reason DUE=/due_at APP=/app NOTE=/note"},
        {"schedules get", "GET /v1/scheduled_deployments/{id}",
         "One, with its dependencies and attempts", {kId}},
        {"schedules create", "POST /v1/scheduled_deployments", "Schedule a deployment",
         join({new_schedule(), {kWatch}}), {}, {}, kSchedule},
        {"schedules preview", "POST /v1/scheduled_deployments/preview",
         "What create would answer; nothing is recorded", new_schedule()},
        {"schedules reschedule", "PATCH /v1/scheduled_deployments/{id}",
         "Another time, or other terms", join({{kId, kIfVersion, kFile}, plan()})},
        {"schedules cancel", "POST /v1/scheduled_deployments/{id}/cancel",
         "Cancel it, and what it depends on", {kId, kReason, kIfVersion}},
        {"schedules hold", "POST /v1/scheduled_deployments/{id}/hold",
         "Keep it from running until it is released",
         {kId, kReason,
          {"dependencies", "/dependencies", text, "Hold along what is only there for it, or not",
           "hold keep"},
          kIfVersion}},
        {"schedules release", "POST /v1/scheduled_deployments/{id}/release",
         "Let a held one go", {kId, kReason, kIfVersion}},
        {"schedules run-now", "POST /v1/scheduled_deployments/{id}/run_now",
         "Make it due at once, its dependencies first",
         {kId,
          {"release-held", "/release_held", flag, "Also the dependencies that a person holds"},
          kIfVersion, kWatch}, {}, {},
         kSchedule},
        {"schedules watch", "GET /v1/scheduled_deployments/{id}",
         "Print each change of it until it ends", {kId}},
    };
}

Commands deployment_commands() {
    return {
        {"deployments list", "GET /v1/deployments", "Runs, newest first",
         join({{{"status", "?status", text, "Of this status", words<ScheduleStatus>()},
                {"app", "?app", app, "Of this app"},
                {"schedule", "?schedule", text, "Of this scheduled deployment"},
                {"sort", "?sort", text, "The order", "due_at -due_at"}},
               window(), paging()}),
         "ID=/id STATUS=/status REASON=/status_reason DUE=/due_at APP=/app VERSION=/app_version "
         "TRIES=/attempts LAG_MS=/lag_ms WAITS_FOR=/waiting_for"},
        {"deployments get", "GET /v1/deployments/{id}", "One, with its attempts", {kId}},
        {"deployments create", "POST /v1/deployments", "Deploy an app at once",
         join({{{"APP", "/app", app, "The app's name or id"}, kFile},
               retries(), note_and_labels(), {kWatch}}),
         {}, {}, "/v1/deployments/{id}"},
        {"deployments complete", "POST /v1/deployments/{id}/complete",
         "Report how it ended, for a target that answered 202",
         {kId, {"OUTCOME", "/outcome", text, "How it ended", "succeeded failed"},
          {"detail", "/detail", text, "Free text"}, kIfVersion}},
        {"deployments abort", "POST /v1/deployments/{id}/abort", "Give it up",
         {kId, kReason, kIfVersion}},
        {"deployments watch", "GET /v1/deployments/{id}", "Print each change of it until it ends",
         {kId}},
    };
}

Commands team_commands() {
    const Argument role{"ROLE", "/role", text, "What they may do", words<Role>()};
    constexpr Argument kDays{"days", "/expires_in_days", number, "For how many days it is good"};
    return {
        {"teams list", "GET /v1/teams", "The teams that you are in", {},
         "ID=/id NAME=/name MEMBERS=/members CREATED=/created_at"},
        {"teams get", "GET /v1/teams/{team}", "One team, with its members", {kTeam}},
        {"teams create", "POST /v1/teams", "Found a team, as its owner",
         {{"NAME", "/name", text, "Its name"}}},
        {"teams add-member", "POST /v1/teams/{team}/members", "Add a user to a team",
         {kTeam, {"USER", "/user", text, "The user's id"}, role,
          {"name", "/name", text, "What people call them"}, kIfVersion}},
        {"teams set-role", "PATCH /v1/teams/{team}/members/{user}", "Change what a member may do",
         {kTeam, kUser, role, kIfVersion}},
        {"teams remove-member", "DELETE /v1/teams/{team}/members/{user}",
         "Take a user out of a team", {kTeam, kUser, kIfVersion}},
        {"tokens list", "GET /v1/tokens", "The team's API tokens, without their secrets", {},
         "ID=/id NAME=/name ROLE=/role EXPIRES=/expires_at"},
        {"tokens create", "POST /v1/tokens", "Make one; its secret is shown this once",
         {{"NAME", "/name", text, "What it is for"}, role, kDays}},
        {"tokens revoke", "DELETE /v1/tokens/{id}", "Good for nothing from now on", {kId}},
        {"tokens revoke-user", "POST /v1/admin/users/{user}/revoke_tokens",
         "Refuse all tokens (JWT) that a user has now; for admins", {kUser, kReason}},
        {"invitations list", "GET /v1/invitations", "Those that nobody accepted yet", {},
         "ID=/id EMAIL=/email ROLE=/role EXPIRES=/expires_at"},
        {"invitations create", "POST /v1/invitations",
         "Invite to the team; the secret is shown this once",
         {role, {"email", "/email", text, "For people; nothing is sent there"}, kDays}},
        {"invitations revoke", "DELETE /v1/invitations/{id}", "Nobody can accept it any more",
         {kId}},
        {"invitations accept", "POST /v1/invitations/accept", "Become a member of the team",
         {{"SECRET_FILE", "/secret", secret, "A file with its secret, - for standard input"},
          {"name", "/name", text, "How the team sees you"}}},
    };
}

Commands credential_commands() {
    constexpr Argument kSecret{"SECRET_FILE", "/secret", secret,
                               "A file with the secret, - for standard input"};
    return {
        {"credentials list", "GET /v1/credentials", "What targets are shown, without the secrets",
         {}, "ID=/id NAME=/name KIND=/kind ORIGIN=/origin ROTATED=/rotated_at VERSION=/version"},
        {"credentials get", "GET /v1/credentials/{id}", "One, without its secret", {kId}},
        {"credentials create", "POST /v1/credentials", "Store one; nobody can read it again",
         {{"NAME", "/name", text, "What it is for"}, kSecret,
          {"kind", "/kind", text, "How it is shown", words<CredentialKind>()},
          {"origin", "/origin", text, "To whom alone: https://deploy.example.com"},
          {"username", "/username", text, "Of basic authentication"},
          {"header", "/header", text, "The header that holds it"}}, {},
         R"({"kind": "bearer"})"},
        {"credentials rotate", "POST /v1/credentials/{id}/rotate",
         "Replace its secret; the one before is destroyed", {kId, kSecret, kIfVersion}},
        {"credentials delete", "DELETE /v1/credentials/{id}", "Destroy it for ever",
         {kId, {"force", "?force", flag, "Also if something uses it, which then fails"},
          kIfVersion}},
    };
}

Commands server_commands() {
    constexpr Argument kAfter{"after", "?after", number, "After this position"};
    const Arguments events = join({{kAfter,
                                    {"type", "?type", text, "Of this type, as DeploymentDue"},
                                    {"stream", "?stream", text,
                                     "Of this app, schedule, deployment or team"}},
                                   window()});
    return {
        {"events list", "GET /v1/events", "What happened, in order", join({events, paging()}),
         kEventColumns},
        {"events stream", "GET /v1/events/stream", "What happened and what comes, until Ctrl-C",
         events, {}, {}, {}, Answered::in_events},
        {"events watch", "GET /v1/events/stream", "The same as stream", events, {}, {}, {},
         Answered::in_events},
        {"audit head", "GET /v1/audit/head", "The last position and its digest, to be pinned"},
        {"dispatch show", "GET /v1/admin/dispatch", "Whether anything is dispatched"},
        {"dispatch hold", "PUT /v1/admin/dispatch", "Stop everything from being dispatched",
         {kReason, kIfVersion}, {}, R"({"state": "held"})"},
        {"dispatch arm", "PUT /v1/admin/dispatch", "Let it be dispatched again",
         {kReason, kIfVersion}, {}, R"({"state": "armed"})"},
        {"admin dump", "GET /v1/admin/dump", "The whole state of all teams, as JSON lines", {},
         {}, {}, {}, Answered::in_lines},
        {"backup start", "POST /v1/admin/backup", "Copy the log, beside everything else"},
        {"backup show", "GET /v1/admin/backup", "Whether the last one is done"},
        {"admin log", "GET /v1/admin/log", "The raw log of all teams, as JSON lines", {kAfter},
         {}, {}, {}, Answered::in_lines},
        {"health", "GET /healthz", "Whether the server is alive"},
        {"ready", "GET /readyz", "Whether it can serve, and whether dispatch is held"},
        {"completion bash", "", "source <(slipway completion bash)"},
        {"completion zsh", "", "source <(slipway completion zsh)"},
        {"completion fish", "", "slipway completion fish | source"},
    };
}
// clang-format on

}  // namespace

std::string_view ClientCommand::group() const {
    const auto blank = words.find(' ');
    return words.substr(0, blank == words.npos ? 0 : blank);
}

bool ClientCommand::may_omit(const Argument& argument) const {
    if (!argument.is_positional()) return true;
    if (argument.to.front() == '{') return false;
    for (const auto& other : arguments) {
        if (other.kind == Kind::file) return true;
    }
    return false;
}

const std::vector<ClientCommand>& client_commands() {
    static const std::vector<ClientCommand> kAll = [] {
        std::vector<ClientCommand> joined;
        for (const auto& part : {app_commands(), schedule_commands(), deployment_commands(),
                                 team_commands(), credential_commands(), server_commands()}) {
            joined.insert(joined.end(), part.begin(), part.end());
        }
        return joined;
    }();
    return kAll;
}

const std::vector<Argument>& connection_arguments() {
    static const std::vector<Argument> kAll = {
        {"url", "", text, "The server; else SLIPWAY_URL, else the settings"},
        {"ca-file", "", text,
         "A file (PEM) of who vouches for it; else SLIPWAY_CA_FILE, the settings, the machine"},
        {"token-file", "", text, "A file with the token; else SLIPWAY_TOKEN, else the settings"},
        {"team", "", text, "The team's id; else SLIPWAY_TEAM, else the settings"},
    };
    return kAll;
}

const std::vector<Argument>& global_arguments() {
    static const std::vector<Argument> kAll = {
        {"tz", "", text, "Your time zone, as America/New_York; else the machine's"},
        {"json", "", local, "Print the answer as the server gave it"},
        {"idempotency-key", "", text, "Instead of a fresh one: the same call may come twice"},
    };
    return kAll;
}

namespace {

// How many characters must be put in, taken out or replaced to make one text of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

// How far `option` is from what was typed; nothing if it is too far to be meant. An option that
// ends in the typed word is near: --target-url for --url.
std::optional<std::size_t> distance_to(std::string_view option, std::string_view typed) {
    if (option.ends_with("-" + std::string{typed})) return 0;
    constexpr std::size_t kTypos = 2;
    const std::size_t distance = edit_distance(option, typed);
    if (distance > kTypos || distance >= typed.size()) return std::nullopt;
    return distance;
}

}  // namespace

std::string_view nearest_option(const ClientCommand* command, std::string_view name) {
    std::string_view nearest;
    std::size_t smallest = std::string_view::npos;
    const std::vector<Argument> none;
    for (const auto* const list :
         {command == nullptr ? &none : &command->arguments, &global_arguments(),
          command == nullptr ? &connection_arguments() : &none}) {
        for (const Argument& argument : *list) {
            if (argument.is_positional()) continue;
            const auto distance = distance_to(argument.name, name);
            if (!distance || *distance >= smallest) continue;
            smallest = *distance;
            nearest = argument.name;
        }
    }
    return nearest;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto word = cut_off(text, ' ');
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

const std::string& first_value(const Values& values, std::string_view name) {
    static const std::string kNothing;
    const auto at = values.find(name);
    return at == values.end() || at->second.empty() ? kNothing : at->second.front();
}

}  // namespace slipway
