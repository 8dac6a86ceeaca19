#include "eventlog/base/origin.h"
#include "eventlog/base/quote.h"
#include "server/domain/decide.h"
#include "server/domain/text_rules.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::size_t kUsersListedMax = 20;

Rejection no_such_credential(CredentialId id) {
    return reject(RejectionCode::credential_not_found, "there is no credential " + id.text());
}

// What is said must fit its kind.
void check_kind(const StoreCredential& command, const TargetRules& targets,
                std::vector<FieldError>& errors) {
    const bool basic = command.kind == CredentialKind::basic;
    const bool header = command.kind == CredentialKind::header;
    if (basic) check_username("/username", command.username, errors);
    if (header) check_header("/header", command.header, targets, errors);
    if (!basic && !command.username.empty()) {
        errors.push_back(
            {"/username", RejectionCode::invalid_field, "is for credentials of kind basic"});
    }
    if (!header && !command.header.empty()) {
        errors.push_back(
            {"/header", RejectionCode::invalid_field, "is for credentials of kind header"});
    }
}

// Apps that name it, and what is still to run of one that did when it was scheduled.
std::vector<std::string> users_of(const State& state, TeamId team, CredentialId id) {
    std::vector<std::string> users;
    for (const auto index : state.apps().of_team(team)) {
        const App& app = state.apps().at(index);
        if (!app.archived && app.definition().target.credential == id) {
            users.push_back(app.id.text());
        }
        for (const auto& [version, definition] : app.definitions) {
            if (definition.target.credential != id) continue;
            if (!state.schedules().is_pinned({index, version})) continue;
            users.push_back("what is to run version " + std::to_string(version.value) + " of " +
                            app.id.text());
        }
    }
    return users;
}

Rejection in_use(const std::vector<std::string>& users) {
    std::string list;
    for (std::size_t i = 0; i < users.size() && i < kUsersListedMax; ++i) {
        list += (i == 0 ? "" : ", ") + users[i];
    }
    if (users.size() > kUsersListedMax) list += ", …";
    return reject(RejectionCode::credential_in_use,
                  "it is used by " + list + "; change them, or say ?force=true and they fail");
}

}  // namespace

Decision decide(const State& state, const StoreCredential& command, const Context& context) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    std::vector<FieldError> errors;
    check_name("/name", command.name, errors);
    check_kind(command, context.targets, errors);
    check_origin("/origin", command.origin, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const bool taken =
        std::any_of(team->credentials.begin(), team->credentials.end(),
                    [&](const auto& entry) { return entry.second.name == command.name; });
    if (taken) {
        return reject(RejectionCode::credential_name_taken,
                      "the team has a credential named " + in_quotes(command.name) + " already");
    }
    if (auto refused = check_quota(context.quotas, &Quotas::credentials, team->credentials.size(),
                                   1, "the team")) {
        return std::move(*refused);
    }
    Credential credential;
    credential.name = command.name;
    credential.username = command.username;
    credential.header = command.header;
    credential.origin = origin_of(command.origin);
    credential.secret = command.secret;
    if (auto refused = check_growth(state, context.quotas, team->id,
                                    {.team_bytes = team_entry_bytes(credential)})) {
        return std::move(*refused);
    }
    return Decided{team->id,
                   {CredentialStored{team->id, CredentialId{context.ids.next(context.now)},
                                     command.name, command.kind, command.username, command.header,
                                     origin_of(command.origin), command.secret}}};
}

// A longer secret is refused by no quota of bytes: a secret that leaked must be replaced also where
// others filled the memory. The number of credentials and the length of a secret bound it.
Decision decide(const State& state, const RotateCredential& command, const Context&) {
    if (state.teams().find(command.team, command.credential) == nullptr) {
        return no_such_credential(command.credential);
    }
    return Decided{command.team,
                   {CredentialRotated{command.team, command.credential, command.secret}}};
}

Decision decide(const State& state, const ShredCredential& command, const Context&) {
    if (state.teams().find(command.team, command.credential) == nullptr) {
        return no_such_credential(command.credential);
    }
    const auto users = users_of(state, command.team, command.credential);
    if (!users.empty() && !command.in_use_too) return in_use(users);
    return Decided{command.team, {CredentialShredded{command.team, command.credential}}};
}

}  // namespace slipway
