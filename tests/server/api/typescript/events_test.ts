// Events: all that happened, in pages and as it comes, and each of its own type.

import assert from "node:assert/strict";
import { test } from "node:test";

import { body_of, client_of, header_of, result_of, type Schemas } from "./client.js";
import { clock, head, register, schedule, slipway, Stream } from "./world.js";

type Event = Schemas["Event"];

/** Which app an event is about, if it is about one; its type says what its data has. */
function app_of(event: Event): string | undefined {
    switch (event.type) {
        case "AppCreated":
        case "AppArchived":
        case "DeploymentScheduled":
            return event.data.app;
        case "AppCloned":
            return event.data.source;
        default:
            return undefined;
    }
}

test("the log is read page by page", async () => {
    const after = await head();
    const app = await register("in-the-log");
    const one = await schedule({ app: app.id, ...clock });
    const found: Event[] = [];
    let cursor: string | null = null;
    do {
        const query = { after, limit: 1, ...(cursor === null ? {} : { cursor }) };
        const page: { result: Event[]; next_cursor: string | null } =
            body_of(await slipway.GET("/v1/events", { params: { query } }));
        found.push(...page.result);
        cursor = page.next_cursor;
    } while (cursor !== null);
    assert.deepEqual(found.map((event) => event.type), ["AppCreated", "DeploymentScheduled"]);
    assert.deepEqual(found.map(app_of), [app.id, app.id]);
    const [created, scheduled] = found;
    assert(created?.type === "AppCreated" && scheduled?.type === "DeploymentScheduled");
    assert.equal(created.data.definition.infrastructure.containers[0]?.cpu_millis, 0);
    assert.equal(scheduled.data.time.due_at, one.due_at);
    assert.equal(scheduled.data.policies.misfire_then, "hold");

    const query = { type: "AppCreated", stream: app.id } as const;
    const same = body_of(await slipway.GET("/v1/events", { params: { query } })).result;
    assert.deepEqual(same, [created]);
});

test("events come as they happen, and from where a reader was", async () => {
    const position = await head();
    const stream = await Stream.after(position);
    const app = await register("streamed");
    const created = await stream.next();
    await stream.close();
    assert.equal(app_of(created), app.id);
    assert(created.position > position);

    await slipway.DELETE("/v1/apps/{app}", { params: { path: { app: app.id } } });
    const resumed = await Stream.after(created.position);
    const archived = await resumed.next();
    await resumed.close();
    assert.deepEqual([archived.type, archived.stream_version], ["AppArchived", 2]);
    const actor: Schemas["Actor"]["kind"] = archived.actor.kind;
    assert.equal(actor, "user");
});

test("what was written is read, and the head of the log is its last record", async () => {
    const body = { name: "last", target: { kind: "webhook", url: "http://127.0.0.1:9/" } } as const;
    const written = Number(header_of(await slipway.POST("/v1/apps", { body }), "Slipway-Position"));
    const header = { "Slipway-Min-Position": written };
    const { position, digest } = result_of(
        await slipway.GET("/v1/audit/head", { params: { header } }),
    );
    assert(position >= written);
    assert.match(digest, /^[0-9a-f]{64}$/);
});

test("a server says without a token whether it is ready", async () => {
    const ready = result_of(await client_of().GET("/readyz", {}));
    const states: [Schemas["DispatchState"], "good" | "damaged"] = [ready.dispatch, ready.log];
    assert.deepEqual(states, ["armed", "good"]);
    assert.equal(result_of(await client_of().GET("/healthz", {})).status, "alive");
});
