// The handlers, one file a resource: from a request to a command or a look at the state, and on to
// the reply. Which path leads to which is in routes.cpp.

#pragma once

#include "server/api/services.h"

#include <optional>

namespace slipway {

// apps.cpp
Reply create_app(const Call& call);  // or clone, with ?source=
Reply list_apps(const Call& call);
Reply get_app(const Call& call);
Reply revise_app(const Call& call);
Reply archive_app(const Call& call);
Reply get_app_history(const Call& call);
Reply get_signing_secret(const Call& call);
Reply rotate_signing_secret(const Call& call);

// scheduled_deployments.cpp
Reply create_schedule(const Call& call);
Reply preview_schedule(const Call& call);
Reply list_schedules(const Call& call);
Reply get_schedule(const Call& call);
Reply revise_schedule(const Call& call);
Reply cancel_schedule(const Call& call);
Reply hold_schedule(const Call& call);
Reply release_schedule(const Call& call);
Reply run_schedule_now(const Call& call);

// deployments.cpp
Reply request_deployment(const Call& call);
Reply list_deployments(const Call& call);
Reply get_deployment(const Call& call);
// As authorize(): lets the target of the deployment in the path in, too, by its callback token.
std::optional<Reply> authorize_completion(Call& call);
Reply complete_deployment(const Call& call);
Reply abort_deployment(const Call& call);

// teams.cpp
Reply create_team(const Call& call);
Reply list_teams(const Call& call);
Reply get_team(const Call& call);
Reply add_member(const Call& call);
Reply change_member_role(const Call& call);
Reply remove_member(const Call& call);

// identity.cpp
Reply issue_token(const Call& call);
Reply list_tokens(const Call& call);
Reply revoke_token(const Call& call);
Reply invite_member(const Call& call);
Reply list_invitations(const Call& call);
Reply revoke_invitation(const Call& call);
Reply accept_invitation(const Call& call);

// credentials.cpp
Reply store_credential(const Call& call);
Reply list_credentials(const Call& call);
Reply get_credential(const Call& call);
Reply rotate_credential(const Call& call);
Reply shred_credential(const Call& call);

// events.cpp
Reply list_events(const Call& call);
Reply get_audit_head(const Call& call);

// event_stream.cpp, log_stream.cpp, dump_stream.cpp
Reply stream_events(const Call& call);
Reply stream_log(const Call& call);
Reply stream_dump(const Call& call);

// operation.cpp
Reply get_dispatch(const Call& call);
Reply set_dispatch(const Call& call);
Reply revoke_user_tokens(const Call& call);
Reply get_backup(const Call& call);
Reply start_backup(const Call& call);
Reply get_health(const Call& call);
Reply get_readiness(const Call& call);
Reply get_metrics(const Call& call);

// static_files.cpp
Reply get_openapi(const Call& call);
Reply get_docs(const Call& call);
Reply get_docs_file(const Call& call);

}  // namespace slipway
