#include "projections/render.h"
#include "server/api/conditional.h"
#include "server/api/exchange.h"
#include "server/api/page_read.h"
#include "server/api/problem.h"
#include "server/api/resources/handlers.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace slipway {

namespace {

// The team in the path, if the one who asks is a member of it or an admin.
const Team* find_team(const Call& call) {
    const auto id = TeamId::parse(call.parameters.front());
    const Team* const team = id ? call.state().teams().find(*id) : nullptr;
    if (team == nullptr) return nullptr;
    if (call.only_team && *call.only_team != team->id) return nullptr;
    if (call.token_role) return team;
    const bool member = team->members.contains(call.principal.actor.user);
    return member || call.principal.admin ? team : nullptr;
}

Reply no_such_team(const Call& call) {
    return not_found(call, "team_not_found", "team", call.parameters.front());
}

bool may_manage(const Call& call, const Team& team) {
    if (call.token_role) return allows(*call.token_role, Permission::manage);
    const auto role = call.state().teams().role_of(call.principal.actor.user, team.id);
    return call.principal.admin || (role && allows(*role, Permission::manage));
}

Reply team_reply(const Call& call, int status, TeamId id) {
    const Team* const team = call.state().teams().find(id);
    Reply reply = versioned(call, status, team->version, Shows::itself,
                            [&](JsonWriter& json) { write_json(json, *team); });
    reply.shows = call.services.engine.pending().of_stream(id.uuid);
    if (status == 201) add_location(call, reply, "/v1/teams/" + id.text());
    return reply;
}

// That an admin who is no member looks at the team is on record before they see any of it.
std::optional<Reply> record_read(const Call& call, TeamId id) {
    const Team& team = *call.state().teams().find(id);
    if (call.token_role || team.members.contains(call.principal.actor.user)) return std::nullopt;
    auto submitted = submit(call, RecordTeamRead{id});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return std::nullopt;
}

// Looks up the team, checks that its members may be managed, and puts what `make` reads out of the
// body to the lane.
Reply manage(const Call& call, int status, Body needs,
             const std::function<Command(const Team&, Fields&)>& make) {
    const Team* const team = find_team(call);
    if (team == nullptr) return no_such_team(call);
    if (!may_manage(call, *team)) {
        return problem(call.request, 403, "forbidden", "only an owner manages the members");
    }
    auto body = read_body(call, needs);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const Command command = make(*team, fields);
    fields.finish();
    Call as_team = call;
    as_team.principal.team = team->id;
    if (!errors.empty()) return refused(as_team, command, std::move(errors));
    if (auto other = stale(call, team->version)) return std::move(*other);
    const TeamId id = team->id;
    auto submitted = submit(as_team, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    // A change is on record itself. One that changes nothing shows the team all the same.
    const bool is_change = !std::get<Receipt>(submitted).events.empty();
    if (auto refusal = is_change ? std::nullopt : record_read(call, id)) return std::move(*refusal);
    return team_reply(call, status, id);
}

// The user in the path; nil, which is nobody's, if it is no id.
UserId user_of(const Call& call) {
    return UserId::parse(call.parameters.at(1)).value_or(UserId{});
}

// The teams that somebody is in, written as a whole.
class TeamsRead final : public PageRead {
  public:
    TeamsRead(const Call& call, std::vector<TeamId> ids)
        : PageRead(call.request, kWhole),
          call_(call),
          ids_(std::move(ids)),
          seen_(call.services.engine.pending().of_any_team(PendingChanges::Part::team)) {}

  protected:
    Result<Found> find(const Turn&) override {
        return next_ == ids_.size() ? Found::end : Found::row;
    }
    Result<bool> take(JsonWriter& json) override {
        const TeamId id = ids_[next_++];
        write_json(json, *call_.state().teams().find(id));
        seen_ = std::max(seen_, call_.services.engine.pending().of_stream(id.uuid));
        return true;
    }
    std::string cursor() const override { return {}; }
    std::optional<Position> shows() const override { return seen_; }

  private:
    const Call& call_;
    std::vector<TeamId> ids_;
    std::size_t next_ = 0;
    // That a team is not shown, because somebody left it, is seen too.
    Position seen_;
};

}  // namespace

Reply create_team(const Call& call) {
    if (call.only_team) return not_for_tokens(call);
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const CreateTeam command{fields.text("name").value_or(""), call.principal.actor.user};
    fields.finish();
    if (!errors.empty()) return refused(call, command, std::move(errors));
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return team_reply(call, 201, TeamId{stream_of(std::get<Receipt>(submitted).events.front())});
}

Reply list_teams(const Call& call) {
    auto ids = call.token_role ? std::vector<TeamId>{call.team()}
                               : call.state().teams().teams_of(call.principal.actor.user);
    if (call.only_team) std::erase_if(ids, [&](TeamId id) { return id != *call.only_team; });
    return reading(call, std::make_shared<TeamsRead>(call, std::move(ids)));
}

Reply get_team(const Call& call) {
    const Team* const team = find_team(call);
    if (team == nullptr) return no_such_team(call);
    const TeamId id = team->id;
    if (auto refusal = record_read(call, id)) return std::move(*refusal);
    return team_reply(call, 200, id);
}

// Nobody is made a member who did not ask for it: they are invited, or made here with a new id.
Reply add_member(const Call& call) {
    auto body = read_body(call);
    const Json* const json = std::get_if<Json>(&body);
    const bool known = json != nullptr && json->is_object() && json->contains("user");
    if (known && !call.principal.admin && find_team(call) != nullptr) {
        return problem(call.request, 403, "forbidden",
                       "only an admin adds a user by id: invite them (POST /v1/invitations)");
    }
    return manage(call, 201, Body::required, [](const Team& team, Fields& fields) -> Command {
        return AddMember{team.id, fields.id<UserId>("user"), fields.text("name").value_or(""),
                         required_role(fields)};
    });
}

Reply change_member_role(const Call& call) {
    return manage(call, 200, Body::required, [&](const Team& team, Fields& fields) -> Command {
        return ChangeMemberRole{team.id, user_of(call), required_role(fields)};
    });
}

Reply remove_member(const Call& call) {
    return manage(call, 200, Body::optional, [&](const Team& team, Fields&) -> Command {
        return RemoveMember{team.id, user_of(call)};
    });
}

}  // namespace slipway
