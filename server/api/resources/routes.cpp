// The whole API on one screen.

#include "server/api/resources/routes.h"

#include "server/api/resources/handlers.h"

namespace slipway {

namespace {

using enum Method;

constexpr unsigned kPublic = Route::kPublic;
constexpr unsigned kWhileDraining = Route::kWhileDraining;
constexpr unsigned kParameters = Route::kParameters;
constexpr unsigned kCallback = Route::kCallback;

// A probe or a scraper takes what there is, whatever its Accept says (RFC 9110, 12.5.1).
constexpr std::string_view kAnyMedia = "";
constexpr std::string_view kJson = "application/json";

constexpr Route kRoutes[] = {
    {get, "/healthz", get_health, Permission::none, kPublic | kWhileDraining, kAnyMedia},
    {get, "/readyz", get_readiness, Permission::none, kPublic | kWhileDraining, kAnyMedia},
    // Its own check: a setting makes it public.
    {get, "/metrics", get_metrics, Permission::operate, kPublic, kAnyMedia},
    {get, "/openapi.json", get_openapi, Permission::none, kPublic, kAnyMedia},
    {get, "/docs", get_docs, Permission::none, kPublic, kAnyMedia},
    {get, "/docs/{file}", get_docs_file, Permission::none, kPublic, kAnyMedia},

    {get, "/v1/apps", list_apps, Permission::read, kParameters},
    {post, "/v1/apps", create_app, Permission::deploy, kParameters},
    {get, "/v1/apps/{app}", get_app, Permission::read},
    {patch, "/v1/apps/{app}", revise_app, Permission::deploy},
    {remove, "/v1/apps/{app}", archive_app, Permission::deploy, kParameters},
    {get, "/v1/apps/{app}/history", get_app_history, Permission::read, kParameters},
    {get, "/v1/apps/{app}/signing_secret", get_signing_secret, Permission::manage},
    {post, "/v1/apps/{app}/signing_secret/rotate", rotate_signing_secret, Permission::manage},

    {get, "/v1/scheduled_deployments", list_schedules, Permission::read, kParameters},
    {post, "/v1/scheduled_deployments", create_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/preview", preview_schedule, Permission::read},
    {get, "/v1/scheduled_deployments/{id}", get_schedule, Permission::read},
    {patch, "/v1/scheduled_deployments/{id}", revise_schedule, Permission::deploy},
    {remove, "/v1/scheduled_deployments/{id}", cancel_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/cancel", cancel_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/hold", hold_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/release", release_schedule, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/run_now", run_schedule_now, Permission::deploy},

    {get, "/v1/deployments", list_deployments, Permission::read, kParameters},
    {post, "/v1/deployments", request_deployment, Permission::deploy},
    {get, "/v1/deployments/{id}", get_deployment, Permission::read},
    // Its own check: the callback token of a target opens just this.
    {post, "/v1/deployments/{id}/complete", complete_deployment, Permission::deploy,
     kCallback | kWhileDraining, kJson, authorize_completion},
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

    {get, "/v1/credentials", list_credentials, Permission::read},
    {post, "/v1/credentials", store_credential, Permission::manage},
    {get, "/v1/credentials/{credential}", get_credential, Permission::read},
    {post, "/v1/credentials/{credential}/rotate", rotate_credential, Permission::manage},
    {remove, "/v1/credentials/{credential}", shred_credential, Permission::manage, kParameters},

    {get, "/v1/events", list_events, Permission::read, kParameters},
    {get, "/v1/events/stream", stream_events, Permission::read, kParameters, "text/event-stream"},
    {get, "/v1/audit/head", get_audit_head, Permission::read},

    {get, "/v1/admin/dispatch", get_dispatch, Permission::operate},
    {put, "/v1/admin/dispatch", set_dispatch, Permission::operate},
    {post, "/v1/admin/users/{user}/revoke_tokens", revoke_user_tokens, Permission::operate},
    {get, "/v1/admin/backup", get_backup, Permission::operate},
    {post, "/v1/admin/backup", start_backup, Permission::operate},
    {get, "/v1/admin/dump", stream_dump, Permission::operate, 0, "application/x-ndjson"},
    {get, "/v1/admin/log", stream_log, Permission::operate, kParameters, "application/x-ndjson"},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

}  // namespace slipway
