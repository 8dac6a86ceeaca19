// What the generated types refuse. This file is compiled and never run: a line that follows
// `@ts-expect-error` and compiles is an error. Beside them stands what is right.

import type { Schemas, Slipway } from "./client.js";

const clock = { year: 2029, month: 2, day: 10, hour: 3, minute: 0 };
const target = { kind: "webhook", url: "https://deploy.example.com/" } as const;

export async function fields(slipway: Slipway, app: string): Promise<void> {
    const right: Schemas["NewSchedule"] = { app, ...clock, timezone: "UTC", note: "" };
    const text: Schemas["NewSchedule"] = { app, at: "2029-02-10T03:00[UTC]" };
    // @ts-expect-error: a name that there is not
    const named: Schemas["NewSchedule"] = { app, ...clock, timezone: "UTC", nota: "" };
    // @ts-expect-error: a number as text
    const typed: Schemas["NewSchedule"] = { app, ...clock, hour: "3", timezone: "UTC" };
    // @ts-expect-error: a wall clock without its zone
    const without_zone: Schemas["NewSchedule"] = { app, ...clock };
    // @ts-expect-error: no time at all
    const without_time: Schemas["NewSchedule"] = { app };
    // @ts-expect-error: a name that there is not, further in
    const inner: Schemas["NewSchedule"] = { ...text, dependency: { app, minutes: 5 } };
    for (const body of [right, text, named, typed, without_zone, without_time, inner]) {
        await slipway.POST("/v1/scheduled_deployments", { body });
    }
    // @ts-expect-error: a body that is none
    await slipway.POST("/v1/scheduled_deployments", { body: { app, ...clock, timezone: 1 } });
    // @ts-expect-error: no body
    await slipway.POST("/v1/scheduled_deployments", {});
}

export function values(app: string): unknown[] {
    const text = { app, at: "2029-02-10T03:00[UTC]" };
    const right: Schemas["NewSchedule"] = { ...text, disambiguation: "reject" };
    return [
        right,
        // @ts-expect-error: a value that there is not
        { ...text, disambiguation: "latest" } satisfies Schemas["NewSchedule"],
        // @ts-expect-error: a value that there is not
        { ...text, misfire: { then: "retry" } } satisfies Schemas["NewSchedule"],
        { name: "a", target } satisfies Schemas["AppDefinition"],
        // @ts-expect-error: a provider that there is not
        { provider: "heroku" } satisfies Schemas["Infrastructure"],
        // @ts-expect-error: an app without a target
        { name: "a" } satisfies Schemas["AppDefinition"],
        // @ts-expect-error: a target without its URL
        { name: "a", target: { kind: "webhook" } } satisfies Schemas["AppDefinition"],
    ];
}

export async function parameters(slipway: Slipway, id: string): Promise<void> {
    const path = "/v1/scheduled_deployments/{id}";
    await slipway.GET(path, { params: { path: { id }, header: { "If-None-Match": '"1"' } } });
    // @ts-expect-error: a path that there is not
    await slipway.GET("/v1/schedules", {});
    // @ts-expect-error: a method that there is not
    await slipway.PUT(path, { params: { path: { id } } });
    // @ts-expect-error: no id
    await slipway.GET(path, {});
    // @ts-expect-error: another path's parameter
    await slipway.GET(path, { params: { path: { app: id } } });
    // @ts-expect-error: a header that it does not heed
    await slipway.GET(path, { params: { path: { id }, header: { "Idempotency-Key": "k" } } });
    // @ts-expect-error: a status that there is not
    await slipway.GET("/v1/scheduled_deployments", { params: { query: { status: "planned" } } });
    // @ts-expect-error: a filter that there is not
    await slipway.GET("/v1/deployments", { params: { query: { team: id } } });
    // @ts-expect-error: a number as text
    await slipway.GET("/v1/apps", { params: { query: { limit: "10" } } });
}

export async function answers(slipway: Slipway, id: string): Promise<unknown> {
    const params = { path: { id } };
    const { data, error } = await slipway.GET("/v1/scheduled_deployments/{id}", { params });
    if (data === undefined) {
        const right = error.status === 404 && error.code === "schedule_not_found";
        // @ts-expect-error: a code that this operation never answers
        const code = error.code === "already_held";
        // @ts-expect-error: a code of another status
        const other = error.status === 404 && error.code === "unauthorized";
        // @ts-expect-error: a status that this operation never answers
        const status = error.status === 409;
        return [right, code, other, status];
    }
    const one = data.result;
    const due: string = one.due_at;
    const grace: number = one.misfire.grace_seconds;
    // @ts-expect-error: it may be null, or several
    const dependency: string = one.dependency.id;
    // @ts-expect-error: null while there is no run
    const run: string = one.deployment;
    // @ts-expect-error: a member that there is not
    const ends: string = one.ends_at;
    // @ts-expect-error: a status that there is not
    const planned = one.status === "planned";
    return [due, grace, dependency, run, ends, planned];
}

export function events(event: Schemas["Event"]): unknown[] {
    if (event.type === "AppCloned") {
        const right: string = event.data.source;
        // @ts-expect-error: a member of another event
        const other: string = event.data.schedule;
        return [right, other];
    }
    // @ts-expect-error: not before its type is known
    return [event.data.app];
}
