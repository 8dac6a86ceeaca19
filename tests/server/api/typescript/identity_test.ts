// Teams, their members, tokens and invitations: who may, and who no longer may.

import assert from "node:assert/strict";
import { test } from "node:test";

import { body_of, client_of, header_of, problem_of, result_of, setting } from "./client.js";
import type { Schemas } from "./client.js";
import { register, slipway } from "./world.js";

test("a token works until it is revoked", async () => {
    const body = { name: "pipeline", role: "viewer" } as const;
    const token = result_of(await slipway.POST("/v1/tokens", { body }), 201);
    const pipeline = client_of(token.secret);
    assert.equal((await pipeline.GET("/v1/apps", {})).response.status, 200);
    const target = { kind: "webhook", url: "http://127.0.0.1:9/" } as const;
    const forbidden = await pipeline.POST("/v1/apps", { body: { name: "no", target } });
    assert.equal(problem_of(forbidden, 403).code, "forbidden");

    const listed = body_of(await slipway.GET("/v1/tokens", {})).result;
    assert(listed.some((one) => one.id === token.id && !("secret" in one)));
    const params = { path: { token: token.id } };
    const revoked = result_of(await slipway.DELETE("/v1/tokens/{token}", { params }));
    assert.deepEqual(revoked, { id: token.id, revoked: true });
    assert.equal(problem_of(await pipeline.GET("/v1/apps", {}), 401).code, "unauthorized");
});

test("nobody without a token is let in", async () => {
    const answer = await client_of().GET("/v1/apps", {});
    assert.equal(problem_of(answer, 401).code, "unauthorized");
    assert.match(header_of(answer, "WWW-Authenticate"), /^Bearer /);
});

test("whoever is invited becomes a member, once", async () => {
    const guest = client_of(setting("SLIPWAY_GUEST_TOKEN"));
    const body = { email: "ada@example.org", role: "deployer" } as const;
    const invitation = result_of(await slipway.POST("/v1/invitations", { body }), 201);
    const open = body_of(await slipway.GET("/v1/invitations", {})).result;
    assert.deepEqual(open.map((one) => one.id), [invitation.id]);

    const accept = { body: { secret: invitation.secret, name: "Ada" } };
    const team = result_of(await guest.POST("/v1/invitations/accept", accept));
    const member = team.members.find((one) => one.name === "Ada");
    assert.equal(member?.role, "deployer");
    const again = await guest.POST("/v1/invitations/accept", accept);
    assert.equal(problem_of(again, 404).code, "invitation_not_found");

    const other = result_of(await slipway.POST("/v1/invitations", { body }), 201);
    const params = { path: { invitation: other.id } };
    const revoked = result_of(await slipway.DELETE("/v1/invitations/{invitation}", { params }));
    assert.equal(revoked.revoked, true);
    await register("of-the-team");
    assert.equal((await guest.GET("/v1/apps", {})).response.status, 200);
});

// The last one: from here on the user is in two teams.
test("a team has members in their roles", async () => {
    const created = await slipway.POST("/v1/teams", { body: { name: "payments" } });
    const team = result_of(created, 201);
    const role: Schemas["Role"] | undefined = team.members[0]?.role;
    assert.equal(role, "owner");

    const path = { team: team.id };
    const header = { "If-Match": header_of(created, "ETag") };
    const joined = result_of(
        await slipway.POST("/v1/teams/{team}/members", {
            params: { path, header },
            body: { name: "Ada", role: "viewer" },
        }),
        201,
    );
    const ada = joined.members.find((member) => member.name === "Ada");
    assert(ada !== undefined);
    const member = { path: { ...path, user: ada.user } };
    const promoted = await slipway.PATCH("/v1/teams/{team}/members/{user}", {
        params: member,
        body: { role: "deployer" },
    });
    assert.equal(promoted.response.status, 200);
    const removed = await slipway.DELETE("/v1/teams/{team}/members/{user}", { params: member });
    assert.equal(removed.response.status, 200);
    const now = result_of(await slipway.GET("/v1/teams/{team}", { params: { path } }));
    assert.deepEqual(now.members, team.members);

    const teams = body_of(await slipway.GET("/v1/teams", {})).result;
    assert(teams.some((one) => one.name === "payments"));
    // Who is in several teams says which is meant.
    const unclear = problem_of(await slipway.GET("/v1/tokens", {}), 403);
    assert.equal(unclear.code, "team_needed");
    const params = { header: { "Slipway-Team": team.id } };
    assert.deepEqual(body_of(await slipway.GET("/v1/tokens", { params })).result, []);
});
