// The client that a user of the API would write: openapi-fetch over the types that
// openapi-typescript generates from server/api/openapi.yaml. Nothing here says more than the
// description does.

import assert from "node:assert/strict";
import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./api.js";

export type Schemas = components["schemas"];
export type Slipway = Client<paths>;

/** What openapi-fetch answers: `data`, or the problem document. */
interface Answer<Data, Refusal> {
    data?: Data;
    error?: Refusal;
    response: Response;
}

export function setting(name: string): string {
    const value = process.env[name];
    assert(value, `${name} is not set`);
    return value;
}

export function client_of(token?: string): Slipway {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    return createClient<paths>({ baseUrl: setting("SLIPWAY_URL"), headers });
}

/** The body of an answer of this status, which is a 2xx. */
export function body_of<Data, Refusal>(answer: Answer<Data, Refusal>, status = 200): Data {
    assert.equal(answer.response.status, status, JSON.stringify(answer.error));
    assert(answer.data !== undefined);
    return answer.data;
}

/** What an answer of one object is about. */
export function result_of<Result, Refusal>(
    answer: Answer<{ result: Result }, Refusal>,
    status = 200,
): Result {
    return body_of(answer, status).result;
}

/**
 * The problem document of a refusal. Each status has codes of its own: `status` says which of them
 * the caller may compare `code` with, and one that the operation never answers does not compile.
 */
export function problem_of<Refusal extends Schemas["Problem"], Status extends Refusal["status"]>(
    answer: Answer<unknown, Refusal>,
    status: Status,
): Extract<Refusal, { status: Status }> {
    const problem = answer.error;
    assert(problem !== undefined, `${answer.response.status} is no refusal`);
    assert.equal(answer.response.status, status, JSON.stringify(problem));
    assert(has_status(problem, status));
    return problem;
}

function has_status<Refusal extends Schemas["Problem"], Status extends Refusal["status"]>(
    problem: Refusal,
    status: Status,
): problem is Extract<Refusal, { status: Status }> {
    return problem.status === status;
}

export function header_of(answer: { response: Response }, name: string): string {
    const value = answer.response.headers.get(name);
    assert(value !== null, `the header ${name} is missing`);
    return value;
}
