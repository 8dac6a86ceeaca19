// Scheduled deployments: on a wall clock, after what they depend on, until a person says otherwise.

import assert from "node:assert/strict";
import { test } from "node:test";

import { body_of, header_of, problem_of, result_of, type Schemas } from "./client.js";
import { clock, register, schedule, slipway } from "./world.js";

const path_of = (one: { id: string }) => ({ params: { path: { id: one.id } } });

async function read(one: { id: string }): Promise<Schemas["ScheduledDeployment"]> {
    return result_of(await slipway.GET("/v1/scheduled_deployments/{id}", path_of(one)));
}

test("a schedule holds its dependency as a whole object", async () => {
    const database = await register("database");
    const api = await register("api");
    const body = {
        app: api.id,
        ...clock,
        dependency: { app: database.id, lead_minutes: 30 },
        misfire: { then: "skip" },
    } satisfies Schemas["NewSchedule"];
    const preview = result_of(await slipway.POST("/v1/scheduled_deployments/preview", { body }));
    assert.equal(preview.due_at, "2029-02-10T08:00:00Z");
    const query = { app: api.id };
    const planned = await slipway.GET("/v1/scheduled_deployments", { params: { query } });
    assert.deepEqual(body_of(planned).result, []);

    const made = await slipway.POST("/v1/scheduled_deployments", { body });
    const one = await read(result_of(made, 201));
    assert.equal(header_of(made, "Location"), `/v1/scheduled_deployments/${one.id}`);
    assert.deepEqual([one.year, one.hour, one.timezone], [2029, 3, "America/New_York"]);
    assert.deepEqual([one.due_at, one.resolution], [preview.due_at, "exact"]);
    assert.deepEqual(one.misfire, { grace_seconds: 900, then: "skip" });
    const { dependency } = one;
    assert(dependency !== null && !Array.isArray(dependency));
    assert.equal(dependency.app, database.id);
    assert.equal(dependency.parent, one.id);
    assert.equal(dependency.lead_minutes, 30);
    assert.equal(dependency.due_at, "2029-02-10T07:30:00Z");
    assert.equal(dependency.dependency, null);
});

test("several dependencies are a list", async () => {
    const [first, second, third] = [await register("a"), await register("b"), await register("c")];
    const dependency = [first.id, { app: second.id, lead_minutes: 5 }];
    const one = await schedule({ app: third.id, ...clock, dependency });
    assert(Array.isArray(one.dependency));
    assert.deepEqual(one.dependency.map((each) => each.lead_minutes).sort(), [15, 5]);
});

test("a list is read page by page", async () => {
    const { id } = await register("paged");
    for (const day of [3, 1, 4, 2, 5]) {
        await schedule({ app: id, ...clock, day });
    }
    const days: number[] = [];
    let pages = 0;
    let cursor: string | null = null;
    do {
        const query = { app: id, limit: 2, ...(cursor === null ? {} : { cursor }) };
        const page: { result: Schemas["ScheduledDeployment"][]; next_cursor: string | null } =
            body_of(await slipway.GET("/v1/scheduled_deployments", { params: { query } }));
        days.push(...page.result.map((one) => one.day));
        cursor = page.next_cursor;
        pages += 1;
    } while (cursor !== null);
    assert.deepEqual(days, [1, 2, 3, 4, 5]);
    assert.equal(pages, 3);
});

test("every field that is wrong is named", async () => {
    const { id } = await register("wrong");
    const body = { app: id, ...clock, month: 13, minute: 60 };
    const problem = problem_of(await slipway.POST("/v1/scheduled_deployments", { body }), 422);
    const pointers: string[] = problem.errors.map((error) => error.pointer);
    assert.deepEqual(pointers.sort(), ["/minute", "/month"]);
    const codes: Schemas["Code"][] = problem.errors.map((error) => error.code);
    assert.deepEqual(codes, ["invalid_field", "invalid_field"]);
    const unknown = { app: id, ...clock, timezone: "Mars/Olympus" };
    const other = await slipway.POST("/v1/scheduled_deployments", { body: unknown });
    assert.equal(problem_of(other, 422).code, "unknown_timezone");
});

test("it is rescheduled, held and released", async () => {
    const { id } = await register("held");
    const one = await schedule({ app: id, ...clock });
    const moved = await slipway.PATCH("/v1/scheduled_deployments/{id}", {
        ...path_of(one),
        body: { hour: 4, note: "an hour later" },
    });
    assert.equal(result_of(moved).due_at, "2029-02-10T09:00:00Z");

    const body = { reason: "not yet" };
    const act = { ...path_of(one), body };
    const held = result_of(await slipway.POST("/v1/scheduled_deployments/{id}/hold", act));
    const reason: Schemas["HoldReason"] | null = held.hold_reason;
    assert.deepEqual([held.status, reason], ["held", "by_user"]);
    const twice = await slipway.POST("/v1/scheduled_deployments/{id}/hold", act);
    assert.equal(problem_of(twice, 409).code, "already_held");
    const released = await slipway.POST("/v1/scheduled_deployments/{id}/release", act);
    assert.equal(result_of(released).status, "scheduled");
});

test("it is cancelled, and cancelled again", async () => {
    const [database, api] = [await register("cancelled-database"), await register("cancelled-api")];
    const one = await schedule({ app: api.id, ...clock, dependency: database.id });
    const { dependency } = one;
    assert(dependency !== null && !Array.isArray(dependency));
    const cancel = "/v1/scheduled_deployments/{id}/cancel";
    const alone = problem_of(await slipway.POST(cancel, path_of(dependency)), 409);
    assert.equal(alone.code, "is_a_dependency");

    const body = { reason: "not this time" };
    const first = result_of(await slipway.POST(cancel, { ...path_of(one), body }));
    assert.deepEqual([first.status, first.status_note], ["cancelled", "not this time"]);
    assert.deepEqual(result_of(await slipway.POST(cancel, { ...path_of(one), body })), first);
    assert.equal((await read(dependency)).status, "cancelled");
    const late = await slipway.POST("/v1/scheduled_deployments/{id}/run_now", path_of(one));
    assert.equal(problem_of(late, 409).code, "already_ended");
});

test("what there is not is not found", async () => {
    const { id } = await register("unknown");
    const missing = { id: id.replace("app_", "sched_") };
    const answer = await slipway.GET("/v1/scheduled_deployments/{id}", path_of(missing));
    assert.equal(problem_of(answer, 404).code, "schedule_not_found");
});
