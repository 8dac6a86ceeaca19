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
    {get, "/healthz", kBy<get_health>, Permission::none, kPublic | kWhileDraining, kAnyMedia},
    {get, "/readyz", kBy<get_readiness>, Permission::none, kPublic | kWhileDraining, kAnyMedia},
    // Its own check: a setting makes it public.
    {get, "/metrics", kBy<get_metrics>, Permission::operate, kPublic, kAnyMedia},
    {get, "/openapi.json", kBy<get_openapi>, Permission::none, kPublic, kAnyMedia},
    {get, "/docs", kBy<get_docs>, Permission::none, kPublic, kAnyMedia},
    {get, "/docs/{file}", kBy<get_docs_file>, Permission::none, kPublic, kAnyMedia},

    {get, "/v1/apps", kBy<list_apps>, Permission::read, kParameters},
    {post, "/v1/apps", kBy<create_app>, Permission::deploy, kParameters},
    {get, "/v1/apps/{app}", kBy<get_app>, Permission::read},
    {patch, "/v1/apps/{app}", kBy<revise_app>, Permission::deploy},
    {remove, "/v1/apps/{app}", kBy<archive_app>, Permission::deploy, kParameters},
    {get, "/v1/apps/{app}/history", kBy<get_app_history>, Permission::read, kParameters},
    {get, "/v1/apps/{app}/signing_secret", kBy<get_signing_secret>, Permission::manage},
    {post, "/v1/apps/{app}/signing_secret/rotate", kBy<rotate_signing_secret>, Permission::manage},

    {get, "/v1/scheduled_deployments", kBy<list_schedules>, Permission::read, kParameters},
    {post, "/v1/scheduled_deployments", kBy<create_schedule>, Permission::deploy},
    {post, "/v1/scheduled_deployments/preview", kBy<preview_schedule>, Permission::read},
    {get, "/v1/scheduled_deployments/{id}", kBy<get_schedule>, Permission::read},
    {patch, "/v1/scheduled_deployments/{id}", kBy<revise_schedule>, Permission::deploy},
    {remove, "/v1/scheduled_deployments/{id}", kBy<cancel_schedule>, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/cancel", kBy<cancel_schedule>, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/hold", kBy<hold_schedule>, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/release", kBy<release_schedule>, Permission::deploy},
    {post, "/v1/scheduled_deployments/{id}/run_now", kBy<run_schedule_now>, Permission::deploy},

    {get, "/v1/deployments", kBy<list_deployments>, Permission::read, kParameters},
    {post, "/v1/deployments", kBy<request_deployment>, Permission::deploy},
    {get, "/v1/deployments/{id}", kBy<get_deployment>, Permission::read},
    // Its own check: the callback token of a target opens just this.
    {post, "/v1/deployments/{id}/complete", kBy<complete_deployment>, Permission::deploy,
     kCallback | kWhileDraining, kJson, authorize_completion},
    {post, "/v1/deployments/{id}/abort", kBy<abort_deployment>, Permission::deploy},

    {get, "/v1/teams", kBy<list_teams>, Permission::none},
    {post, "/v1/teams", kBy<create_team>, Permission::none},
    {get, "/v1/teams/{team}", kBy<get_team>, Permission::none},
    {post, "/v1/teams/{team}/members", kBy<add_member>, Permission::none},
    {patch, "/v1/teams/{team}/members/{user}", kBy<change_member_role>, Permission::none},
    {remove, "/v1/teams/{team}/members/{user}", kBy<remove_member>, Permission::none},

    {get, "/v1/tokens", kBy<list_tokens>, Permission::manage},
    {post, "/v1/tokens", kBy<issue_token>, Permission::manage},
    {remove, "/v1/tokens/{token}", kBy<revoke_token>, Permission::manage},
    {get, "/v1/invitations", kBy<list_invitations>, Permission::manage},
    {post, "/v1/invitations", kBy<invite_member>, Permission::manage},
    {remove, "/v1/invitations/{invitation}", kBy<revoke_invitation>, Permission::manage},
    {post, "/v1/invitations/accept", kBy<accept_invitation>, Permission::none},

    {get, "/v1/credentials", kBy<list_credentials>, Permission::read},
    {post, "/v1/credentials", kBy<store_credential>, Permission::manage},
    {get, "/v1/credentials/{credential}", kBy<get_credential>, Permission::read},
    {post, "/v1/credentials/{credential}/rotate", kBy<rotate_credential>, Permission::manage},
    {remove, "/v1/credentials/{credential}", kBy<shred_credential>, Permission::manage,
     kParameters},

    {get, "/v1/events", kBy<list_events>, Permission::read, kParameters},
    {get, "/v1/events/stream", kBy<stream_events>, Permission::read, kParameters,
     "text/event-stream"},
    {get, "/v1/audit/head", kBy<get_audit_head>, Permission::read},

    {get, "/v1/admin/dispatch", kBy<get_dispatch>, Permission::operate},
    {put, "/v1/admin/dispatch", kBy<set_dispatch>, Permission::operate},
    {post, "/v1/admin/users/{user}/revoke_tokens", kBy<revoke_user_tokens>, Permission::operate},
    {get, "/v1/admin/backup", kBy<get_backup>, Permission::operate},
    {post, "/v1/admin/backup", kBy<start_backup>, Permission::operate},
    {get, "/v1/admin/dump", kBy<stream_dump>, Permission::operate, 0, "application/x-ndjson"},
    {get, "/v1/admin/log", kBy<stream_log>, Permission::operate, kParameters,
     "application/x-ndjson"},
};

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

std::string completion_path(DeploymentId id) {
    return "/v1/deployments/" + id.text() + "/complete";
}

}  // namespace slipway
