// Apps: registered, cloned once however often it is asked for, and changed by one at a time.

import assert from "node:assert/strict";
import { test } from "node:test";

import { body_of, header_of, problem_of, result_of, type Schemas } from "./client.js";
import { register, slipway } from "./world.js";

test("an app is answered whole", async () => {
    const app = await register("whole");
    assert.equal(app.infrastructure.containers[0]?.replicas, 1);
    assert.equal(app.target.timeout_seconds, 30);
    assert.equal(app.cloned_from, null);
    assert.deepEqual(app.labels, {});
});

test("a clone that is asked for twice with one key is made once", async () => {
    const source = await register("cloned");
    const twice = {
        params: { query: { source: source.id }, header: { "Idempotency-Key": "clone-1" } },
        body: { environment: "debug" } satisfies Schemas["AppPatch"],
    };
    const first = await slipway.POST("/v1/apps", twice);
    const copy = result_of(first, 201);
    assert.equal(copy.name, "cloned-clone");
    assert.equal(copy.environment, "debug");
    assert.deepEqual(copy.infrastructure, source.infrastructure);
    assert.deepEqual(copy.cloned_from, { app: source.id, version: source.version });
    assert.equal(header_of(first, "Location"), `/v1/apps/${copy.id}`);

    const again = await slipway.POST("/v1/apps", twice);
    assert.deepEqual(result_of(again, 201), copy);
    assert.equal(header_of(again, "Idempotency-Replayed"), "true");
    const query = { name: "cloned-clone" };
    const copies = body_of(await slipway.GET("/v1/apps", { params: { query } })).result;
    assert.deepEqual(copies.map((one) => one.id), [copy.id]);

    const other = await slipway.POST("/v1/apps", { ...twice, body: { environment: "staging" } });
    assert.equal(problem_of(other, 422).code, "idempotency_key_reused");
});

test("an app that did not change is not sent again", async () => {
    const { id } = await register("unchanged");
    const path = { app: id };
    const tag = header_of(await slipway.GET("/v1/apps/{app}", { params: { path } }), "ETag");
    const params = { path, header: { "If-None-Match": tag } };
    const { data, response } = await slipway.GET("/v1/apps/{app}", { params });
    assert.equal(response.status, 304);
    assert.equal(data, undefined);
});

test("a change of what has changed since is refused", async () => {
    const { id, version } = await register("changed");
    const params = { path: { app: id }, header: { "If-Match": `"${version}"` } };
    const revise = (description: string) =>
        slipway.PATCH("/v1/apps/{app}", { params, body: { description } });
    const changed = result_of(await revise("first"));
    assert.equal(changed.version, version + 1);
    const stale = problem_of(await revise("second"), 412);
    assert.equal(stale.code, "stale_version");
    assert.deepEqual(stale.errors, []);
});

test("an app that is scheduled is archived only with its schedules", async () => {
    const { id } = await register("archived");
    const at = "2029-02-10T03:00[Europe/Berlin]";
    const one = result_of(
        await slipway.POST("/v1/scheduled_deployments", { body: { app: id, at } }),
        201,
    );
    const path = { app: id };
    const refused = await slipway.DELETE("/v1/apps/{app}", { params: { path } });
    assert.equal(problem_of(refused, 409).code, "app_has_pending_schedules");
    const query = { cancel_schedules: true };
    const archived = await slipway.DELETE("/v1/apps/{app}", { params: { path, query } });
    assert.equal(result_of(archived).archived, true);
    const params = { path: { id: one.id } };
    const cancelled = await slipway.GET("/v1/scheduled_deployments/{id}", { params });
    assert.equal(result_of(cancelled).status, "cancelled");

    const history = await slipway.GET("/v1/apps/{app}/history", { params: { path } });
    const types = body_of(history).result.map((event) => event.type);
    assert.deepEqual(types, ["AppArchived", "AppCreated"] satisfies Schemas["EventType"][]);
});
