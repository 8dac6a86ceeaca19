// The whole API on one screen.

#include "server/http/handlers.h"
#include "server/http/router.h"

namespace slipway {

namespace {

using enum Method;

constexpr std::string_view kJson = "application/json";
constexpr bool kQuery = true;

constexpr Route kRoutes[] = {
    {get, "/healthz", get_health, Permission::none, true},
    {get, "/readyz", get_readiness, Permission::none, true},
    // Its own check: a setting makes it public.
    {get, "/metrics", get_metrics, Permission::operate, true, "text/plain"},
    {get, "/openapi.json", get_openapi, Permission::none, true, ""},
    {get, "/docs", get_docs, Permission::none, true, ""},
    {get, "/docs/{file}", get_docs_file, Permission::none, true, ""},

    {get, "/v1/apps", list_apps, Permission::read, false, kJson, kQuery},
    {post, "/v1/apps", create_app, Permission::deploy, false, kJson, kQuery},
    {get, "/v1/apps/{app}", get_app, Permission::read},
    {patch, "/v1/apps/{app}", revise_app, Permission::deploy},
    {remove, "/v1/apps/{app}", archive_app, Permission::deploy, false, kJson, kQuery},
    {get, "/v1/apps/{app}/history", get_app_history, Permission::read, false, kJson, kQuery},
    {get, "/v1/apps/{app}/signing_secret", get_signing_secret, Permission::manage},
    {post, "/v1/apps/{app}/signing_secret/rotate", rotate_signing_secret, Permission::manage},

    {get, "/v1/scheduled_deployments", list_schedules, Permission::read, false, kJson, kQuery},
    {post, "/v1/scheduled_deployments", create_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/preview", preview_schedule, Permission::deploy},
    {get, "/v1/scheduled_deployments/{id}", get_schedule, Permission::read},
    {patch, "/v1/scheduled_deployments/{id}", revise_schedule, Permission::deploy},
    {remove, "/v1/scheduled_deployments/{id}", cancel_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/cancel", cancel_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/hold", hold_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/release", release_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/run_now", run_schedule_now, Permission::deploy},

    {get, "/v1/deployments", list_deployments, Permission::read, false, kJson, kQuery},
    {post, "/v1/deployments", request_deployment, Permission::deploy},
    {get, "/v1/deployments/{id}", get_deployment, Permission::read},
    // Its own check: the callback token of a target opens just this.
    {post, "/v1/deployments/{id}/complete", complete_deployment, Permission::deploy, true},
    {post, "/v1/deployments/{id}/abort", abort_deployment, Permission::deploy},

    {get, "/v1/teams", list_teams, Permission::none},
    {post, "/v1/teams", create_team, Permission::none},
    {get, "/v1/teams/{team}", get_team, Permission::none},
    {post, "/v1/teams/{team}/members", add_member, Permission::none},
    {patch, "/v1/teams/{team}/members/{user}", change_member_role, Permission::none},
    {remove, "/v1/teams/{team}/members/{user}", remove_member, Permission::none},

    {get, "/v1/tokens", list_tokens, Permission::manage},
    {post, "/v1/tokens", issue_token, Permission::manage},
    {remove, "/v1/tokens/{token}", revoke_token, Permission::manage},
    {get, "/v1/invitations", list_invitations, Permission::manage},
    {post, "/v1/invitations", invite_member, Permission::manage},
    {remove, "/v1/invitations/{invitation}", revoke_invitation, Permission::manage},
    {post, "/v1/invitations/accept", accept_invitation, Permission::none},

    {get, "/v1/events", list_events, Permission::read, false, kJson, kQuery},
    {get, "/v1/events/stream", stream_events, Permission::read, false, "text/event-stream", kQuery},
    {get, "/v1/audit/head", get_audit_head, Permission::read},

    {get, "/v1/admin/dispatch", get_dispatch, Permission::operate},
    {put, "/v1/admin/dispatch", set_dispatch, Permission::operate},
    {get, "/v1/admin/log", stream_log, Permission::operate, false, "application/x-ndjson", kQuery},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace slipway
