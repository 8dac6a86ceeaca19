#include "eventlog/base/unicode.h"
#include "server/domain/decide.h"
#include "server/domain/text_rules.h"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::uint32_t kInvitationDaysMax = 30;
constexpr std::uint32_t kTokenDaysMax = 3'650;
constexpr std::size_t kEmailBytesMax = 254;

void check_days(std::uint32_t days, std::uint32_t max, std::vector<FieldError>& errors) {
    if (days >= 1 && days <= max) return;
    errors.push_back({"/expires_in_days", RejectionCode::invalid_field,
                      "is " + std::to_string(days) + "; 1 to " + std::to_string(max)});
}

void check_email(const std::string& email, std::vector<FieldError>& errors) {
    const bool good = email.size() <= kEmailBytesMax &&
                      std::count(email.begin(), email.end(), '@') == 1 && email.find('@') != 0 &&
                      !email.ends_with('@') && hidden_in(email) == 0 &&
                      std::all_of(email.begin(), email.end(),
                                  [](char c) { return static_cast<unsigned char>(c) > 0x20; });
    if (good || email.empty()) return;
    errors.push_back({"/email", RejectionCode::invalid_field, "is no email address"});
}

Instant in_days(Instant now, std::uint32_t days) {
    return now + std::chrono::hours{24} * days;
}

}  // namespace

Decision decide(const State& state, const InviteMember& command, const Context& context) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    std::vector<FieldError> errors;
    check_email(command.email, errors);
    check_days(command.days, kInvitationDaysMax, errors);
    if (!errors.empty()) return reject(std::move(errors));
    if (auto refused = check_quota(context.quotas, &Quotas::invitations, team->invitations.size(),
                                   1, "the team")) {
        return std::move(*refused);
    }
    Invitation invitation;
    invitation.email = command.email;
    invitation.secret_sha256 = command.secret_sha256;
    if (auto refused = check_growth(state, context.quotas, team->id,
                                    {.team_bytes = team_entry_bytes(invitation)})) {
        return std::move(*refused);
    }
    return Decided{
        team->id,
        {MemberInvited{team->id, InvitationId{context.ids.next(context.now)}, command.email,
                       command.role, in_days(context.now, command.days), command.secret_sha256}}};
}

Decision decide(const State& state, const AcceptInvitation& command, const Context& context) {
    const auto known = state.teams().invitation_of(command.secret_sha256);
    const Team* const team = known ? state.teams().find(known->team) : nullptr;
    if (team == nullptr || team->invitations.at(known->id).expires_at <= context.now) {
        return reject(RejectionCode::invitation_not_found,
                      "there is no such invitation, or it was used, revoked or has expired");
    }
    std::vector<FieldError> errors;
    if (!command.name.empty()) check_name("/name", command.name, errors);
    if (!errors.empty()) return reject(std::move(errors));
    if (team->members.contains(command.user)) {
        return reject(RejectionCode::already_member,
                      command.user.text() + " is a member of " + team->id.text() + " already");
    }
    // The invitation goes when the member comes.
    const std::size_t before = team_entry_bytes(team->invitations.at(known->id));
    const std::size_t after = team_entry_bytes(Member{command.name, Role::viewer, {}});
    if (auto refused = check_member(state, context.quotas, *team, command.user,
                                    after > before ? after - before : 0)) {
        return std::move(*refused);
    }
    return Decided{
        team->id,
        {InvitationAccepted{team->id, known->id, command.user},
         MemberAdded{team->id, command.user, command.name, team->invitations.at(known->id).role}}};
}

Decision decide(const State& state, const RevokeInvitation& command, const Context&) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    if (!team->invitations.contains(command.invitation)) {
        return reject(RejectionCode::invitation_not_found,
                      "there is no open invitation " + command.invitation.text());
    }
    return Decided{team->id, {InvitationRevoked{team->id, command.invitation}}};
}

Decision decide(const State& state, const IssueToken& command, const Context& context) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    std::vector<FieldError> errors;
    check_name("/name", command.name, errors);
    check_days(command.days, kTokenDaysMax, errors);
    if (!errors.empty()) return reject(std::move(errors));
    if (auto refused =
            check_quota(context.quotas, &Quotas::tokens, team->tokens.size(), 1, "the team")) {
        return std::move(*refused);
    }
    ApiToken token;
    token.name = command.name;
    token.secret_sha256 = command.secret_sha256;
    if (auto refused = check_growth(state, context.quotas, team->id,
                                    {.team_bytes = team_entry_bytes(token)})) {
        return std::move(*refused);
    }
    return Decided{
        team->id,
        {TokenIssued{team->id, TokenId{context.ids.next(context.now)}, command.name, command.role,
                     in_days(context.now, command.days), command.secret_sha256}}};
}

Decision decide(const State& state, const RevokeToken& command, const Context&) {
    const Team* const team = state.teams().find(command.team);
    if (team == nullptr) return no_such_team();
    if (!team->tokens.contains(command.token)) {
        return reject(RejectionCode::token_not_found, "there is no token " + command.token.text());
    }
    return Decided{team->id, {TokenRevoked{team->id, command.token}}};
}

}  // namespace slipway
