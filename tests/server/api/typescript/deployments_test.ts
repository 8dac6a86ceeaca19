// Deployments: sent to a target, in order, and reported by it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { body_of, client_of, problem_of, result_of } from "./client.js";
import { clock, head, register, schedule, slipway, Stream, Target } from "./world.js";

const target = new Target();
let url: string;

before(async () => {
    url = await target.listen();
});
after(() => target.close());

test("what runs now is preceded by what it depends on", async () => {
    const database = await register("runs-first", `${url}/now`);
    const api = await register("runs-second", `${url}/now`);
    const one = await schedule({ app: api.id, ...clock, dependency: database.id });
    const stream = await Stream.after(await head());
    const params = { path: { id: one.id } };
    const now = await slipway.POST("/v1/scheduled_deployments/{id}/run_now", { params });
    assert.equal(now.response.status, 200);
    const first = await stream.until("DeploymentSucceeded");
    const second = await stream.until("DeploymentSucceeded");
    await stream.close();
    assert.deepEqual([first.data.http_status, second.data.http_status], [200, 200]);

    const done = result_of(await slipway.GET("/v1/scheduled_deployments/{id}", { params }));
    assert.deepEqual([done.status, done.deployment], ["succeeded", second.data.deployment]);
    assert.deepEqual(done.attempts.map((attempt) => attempt.http_status), [200]);
    const order = target.deliveries.map((delivery) => delivery.data.app.name);
    assert.deepEqual(order, ["runs-first", "runs-second"]);

    const query = { schedule: one.id };
    const runs = body_of(await slipway.GET("/v1/deployments", { params: { query } })).result;
    assert.deepEqual(runs.map((run) => [run.id, run.schedule]), [[done.deployment, one.id]]);
});

test("a target reports how it ended, with the token that it was sent", async () => {
    const app = await register("runs-later", `${url}/later`);
    const stream = await Stream.after(await head());
    const body = { app: app.id, retry: { max_attempts: 1 }, note: "a fix" };
    const { id, schedule } = result_of(await slipway.POST("/v1/deployments", { body }), 201);
    assert.equal(schedule, null);
    const accepted = await stream.until("AttemptAccepted");
    await stream.close();
    assert.deepEqual([accepted.data.deployment, accepted.data.number], [id, 1]);

    const delivery = target.deliveries.find((one) => one.data.deployment.id === id);
    assert(delivery !== undefined && delivery.type === "deployment.due");
    const params = { path: { id } };
    const report = { params, body: { outcome: "succeeded", detail: "3 of 3 are up" } } as const;
    const at_target = client_of(delivery.data.callback_token);
    const ended = result_of(await at_target.POST("/v1/deployments/{id}/complete", report));
    assert.equal(ended.status, "succeeded");
    assert.equal(ended.attempts[0]?.detail, "3 of 3 are up");

    const late = await slipway.POST("/v1/deployments/{id}/abort", { params });
    assert.equal(problem_of(late, 409).code, "already_ended");
    assert.deepEqual(result_of(await slipway.GET("/v1/deployments/{id}", { params })), ended);
});
