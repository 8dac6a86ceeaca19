#include "projections/render.h"
#include "server/api/conditional.h"
#include "server/api/exchange.h"
#include "server/api/problem.h"
#include "server/api/resources/handlers.h"
#include "server/api/router.h"
#include "server/domain/text_rules.h"

namespace slipway {

namespace {

Reply dispatch_reply(const Call& call) {
    const Installation& installation = call.state().installation();
    return versioned(call, 200, installation.version(), Shows::itself,
                     [&](JsonWriter& json) { write_json(json, installation); });
}

Reply backup_reply(const Backups::Last& backup, int status) {
    return result(status, [&](JsonWriter& json) {
        json.begin_object();
        json.member("name", backup.name);
        json.member("state", name_of(backup.progress));
        json.member("position", backup.position.value);
        json.key("digest");
        backup.digest.empty() ? json.null() : json.value(backup.digest);
        json.member("started_at", backup.started_at);
        json.key("ended_at");
        backup.ended_at ? json.value(*backup.ended_at) : json.null();
        json.key("failure");
        backup.failure.empty() ? json.null() : json.value(backup.failure);
        json.end_object();
    });
}

}  // namespace

Reply get_dispatch(const Call& call) {
    Reply reply = dispatch_reply(call);
    reply.shows = call.services.engine.pending().of_team(TeamId{});
    return reply;
}

Reply set_dispatch(const Call& call) {
    auto body = read_body(call);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    if (fields.member("state") == nullptr) fields.fail_absent("state", "armed or held");
    const auto state = fields.text("state");
    if (state && *state != "armed" && *state != "held") {
        fields.fail("state", "is " + in_quotes(*state) + "; armed or held");
    }
    const std::string note = fields.text("reason").value_or("");
    fields.finish();
    check_note("/reason", note, errors);
    if (!errors.empty()) return problem(call.request, errors);
    if (auto other = stale(call, call.state().installation().version())) return std::move(*other);
    // A PUT says how it is to be: that it is so already is no error. Another reason is recorded.
    const Installation& installation = call.state().installation();
    const bool says_more = !note.empty() && note != installation.note();
    if ((*state == "held") == installation.is_held() && !says_more) return dispatch_reply(call);
    const Command command =
        *state == "held" ? Command{HoldDispatch{note}} : Command{ArmDispatch{note}};
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    return dispatch_reply(call);
}

Reply revoke_user_tokens(const Call& call) {
    const auto user = UserId::parse(call.parameters.front());
    if (!user) return not_found(call, "user_not_found", "user", call.parameters.front());
    auto body = read_body(call, Body::optional);
    if (auto* const refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
    std::vector<FieldError> errors;
    Fields fields{std::get<Json>(body), "", errors};
    const RevokeUserTokens command{*user, fields.text("reason").value_or("")};
    fields.finish();
    if (!errors.empty()) return refused(call, command, std::move(errors));
    auto submitted = submit(call, command);
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const Instant before = *call.state().installation().tokens_revoked_before(*user);
    return result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("user", *user);
        json.member("issued_before", before);
        json.end_object();
    });
}

Reply get_backup(const Call& call) {
    const auto& last = call.services.backups.last();
    if (!last) return not_found(call, "backup_not_found", "backup since the server was started");
    Reply reply = backup_reply(*last, 200);
    reply.shows = Position{};
    return reply;
}

Reply start_backup(const Call& call) {
    if (auto refusal = refuse_fields(call)) return std::move(*refusal);
    Backups& backups = call.services.backups;
    if (!backups.are_set_up()) {
        return problem(call.request, 409, "backups_not_set_up",
                       "the server was not told where to put backups (--backup-directory)");
    }
    if (backups.are_running()) {
        return problem(call.request, 409, "backup_under_way",
                       "backup " + backups.last()->name + " is not done yet");
    }
    // Who took everything out is on record, before there is any of it, and in it.
    auto submitted = submit(call, RecordExport{ExportKind::backup});
    if (auto* const refusal = std::get_if<Reply>(&submitted)) return std::move(*refusal);
    const Position end = std::get<Receipt>(submitted).position;
    backups.announce(end);
    call.services.engine.when_durable(end, [&backups](const Result<void>& durable) {
        if (durable) backups.start();
    });
    return backup_reply(*backups.last(), 202);
}

Reply get_health(const Call&) {
    Reply reply = result(200, [](JsonWriter& json) {
        json.begin_object();
        json.member("status", "alive");
        json.end_object();
    });
    reply.shows = Position{};
    return reply;
}

Reply get_readiness(const Call& call) {
    if (call.services.draining) return draining(call.request);
    if (call.services.engine.log().is_sealed()) {
        return problem(call.request, Error{ErrorCode::indeterminate, "the log is sealed"});
    }
    // It says what this process does now, durable or not: a probe must not wait for the disk.
    Reply reply = result(200, [&](JsonWriter& json) {
        json.begin_object();
        json.member("status", "ready");
        json.member("dispatch", call.state().installation().is_held() ? "held" : "armed");
        json.member("log", call.services.log_is_damaged ? "damaged" : "good");
        json.member("disk", call.services.engine.log().is_disk_low() ? "low" : "good");
        json.member("clock", call.services.clock_behind() > kClockBehindMax ? "behind" : "good");
        json.member("position", call.services.engine.durable_position().value);
        json.end_object();
    });
    reply.shows = Position{};
    return reply;
}

Reply get_metrics(const Call& given) {
    if (!given.services.public_metrics) {
        Call call = given;
        if (auto refusal = authorize(Permission::operate, call)) return std::move(*refusal);
    }
    Reply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.body = given.services.figures.text();
    reply.shows = Position{};
    return reply;
}

}  // namespace slipway
