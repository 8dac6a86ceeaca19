#include "server/domain/decide.h"
#include "server/domain/text_rules.h"

namespace slipway {

namespace {

Rejection no_such_member(UserId user) {
    return reject(RejectionCode::member_not_found, user.text() + " is not a member of the team");
}

// Without an owner nobody could ever add one.
bool is_last_owner(const Team& team, const Member& member) {
    return member.role == Role::owner && team.owners() == 1;
}

Rejection last_owner() {
    return reject(RejectionCode::last_owner, "a team keeps at least one owner: make another first");
}

}  // namespace

Decision decide(const State& state, const CreateTeam& command, const Context& context) {
    std::vector<FieldError> errors;
    check_name("/name", command.name, errors);
    if (!errors.empty()) return reject(std::move(errors));
    Team created;
    created.name = command.name;
    created.members[command.owner] = {};
    if (auto refused = check_founder(state, context.quotas, command.owner, created)) {
        return std::move(*refused);
    }
    const TeamId team{context.ids.next(context.now)};
    return Decided{team, {TeamCreated{team, command.name, command.owner}}};
}

Decision decide(const State& state, const AddMember& command, const Context& context) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    std::vector<FieldError> errors;
    if (!command.name.empty()) check_name("/name", command.name, errors);
    if (!errors.empty()) return reject(std::move(errors));
    const UserId user = command.user.value_or(UserId{});
    if (command.user && team->members.contains(user)) {
        return reject(RejectionCode::already_member, user.text() + " is a member already");
    }
    const Member member{command.name, command.role, context.now};
    if (auto refused =
            check_member(state, context.quotas, *team, command.user, team_entry_bytes(member))) {
        return std::move(*refused);
    }
    const UserId added = command.user ? user : UserId{context.ids.next(context.now)};
    return Decided{team->id, {MemberAdded{team->id, added, command.name, command.role}}};
}

Decision decide(const State& state, const ChangeMemberRole& command, const Context&) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    const auto member = team->members.find(command.user);
    if (member == team->members.end()) return no_such_member(command.user);
    if (member->second.role == command.role) return Decided{team->id, {}};
    if (is_last_owner(*team, member->second)) return last_owner();
    return Decided{team->id, {MemberRoleChanged{team->id, command.user, command.role}}};
}

Decision decide(const State& state, const RemoveMember& command, const Context&) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    const auto member = team->members.find(command.user);
    if (member == team->members.end()) return no_such_member(command.user);
    if (is_last_owner(*team, member->second)) return last_owner();
    return Decided{team->id, {MemberRemoved{team->id, command.user}}};
}

Decision decide(const State& state, const RecordTeamRead& command, const Context& context) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    const UserId admin = context.principal.actor.user;
    const auto last = team->read_by_admin.find(admin);
    const bool is_recorded = last != team->read_by_admin.end() && last->second <= context.now &&
                             context.now - last->second < kAdminReadsRecordedEvery;
    if (is_recorded) return Decided{team->id, {}};
    return Decided{team->id, {TeamReadByAdmin{admin, team->id}}};
}

}  // namespace slipway
