// What the tests share: the client of the first user, apps, a target, and the events as they come.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { client_of, result_of, setting, type Schemas, type Slipway } from "./client.js";

type Event = Schemas["Event"];
type Delivery = Schemas["WebhookBody"];

/** What has not come by then never will. */
const kStreamMsMax = 60_000;

/** Acts for the first user, who is an admin and the owner of the only team. */
export const slipway = client_of(setting("SLIPWAY_TOKEN"));

/** 08:00 in UTC. */
export const clock = {
    year: 2029,
    month: 2,
    day: 10,
    hour: 3,
    minute: 0,
    timezone: "America/New_York",
} satisfies Partial<Schemas["NewSchedule"]>;

export async function register(
    name: string,
    url = "http://127.0.0.1:9/deploy",
): Promise<Schemas["App"]> {
    const body = {
        name,
        environment: "production",
        infrastructure: {
            provider: "kubernetes",
            containers: [{ name, image: `registry.example.com/${name}:1`, ports: [8080] }],
        },
        target: { kind: "webhook", url },
    } satisfies Schemas["AppDefinition"];
    return result_of(await slipway.POST("/v1/apps", { body }), 201);
}

export async function schedule(
    body: Schemas["NewSchedule"],
): Promise<Schemas["ScheduledDeployment"]> {
    return result_of(await slipway.POST("/v1/scheduled_deployments", { body }), 201);
}

/** Where deployments are sent. It answers 200 at /now and 202 at /later. */
export class Target {
    readonly deliveries: Delivery[] = [];
    private readonly server = createServer((request, response) => {
        let text = "";
        request.setEncoding("utf8");
        request.on("data", (part: string) => (text += part));
        request.on("end", () => {
            const delivery: Delivery = JSON.parse(text);
            this.deliveries.push(delivery);
            response.writeHead(request.url === "/later" ? 202 : 200).end();
        });
    });

    async listen(): Promise<string> {
        await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
        const address = this.server.address();
        assert(is_address(address));
        return `http://127.0.0.1:${address.port}`;
    }

    close(): void {
        this.server.closeAllConnections();
        this.server.close();
    }
}

function is_address(address: AddressInfo | string | null): address is AddressInfo {
    return typeof address === "object" && address !== null;
}

/** A reader of /v1/events/stream. That each `data` is an Event the description says in words only. */
export class Stream {
    private text = "";

    private constructor(private readonly reader: ReadableStreamDefaultReader<string>) {}

    /** The events that come after this position. */
    static async after(position: number, client: Slipway = slipway): Promise<Stream> {
        const { data, response } = await client.GET("/v1/events/stream", {
            params: { header: { "Last-Event-ID": position } },
            headers: { Accept: "text/event-stream" },
            parseAs: "stream",
            signal: AbortSignal.timeout(kStreamMsMax),
        });
        assert.equal(response.status, 200);
        assert(data);
        return new Stream(data.pipeThrough(new TextDecoderStream()).getReader());
    }

    async next(): Promise<Event> {
        for (;;) {
            const end = this.text.indexOf("\n\n");
            if (end >= 0) {
                const lines = this.text.slice(0, end).split("\n");
                this.text = this.text.slice(end + 2);
                const fields = new Map(lines.map((line) => field_of(line)));
                const data = fields.get("data");
                if (data !== undefined) {
                    const event: Event = JSON.parse(data);
                    assert.equal(fields.get("id"), String(event.position));
                    assert.equal(fields.get("event"), event.type);
                    return event;
                }
                continue;
            }
            const { done, value } = await this.reader.read();
            assert(!done, "the stream ended");
            this.text += value;
        }
    }

    /** The next event of this type; those before it are passed over. */
    async until<Type extends Event["type"]>(type: Type): Promise<Extract<Event, { type: Type }>> {
        for (;;) {
            const event = await this.next();
            if (is_of(event, type)) {
                return event;
            }
        }
    }

    async close(): Promise<void> {
        await this.reader.cancel();
    }
}

function is_of<Type extends Event["type"]>(
    event: Event,
    type: Type,
): event is Extract<Event, { type: Type }> {
    return event.type === type;
}

function field_of(line: string): [string, string] {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)];
}

/** The position that the log has come to. */
export async function head(): Promise<number> {
    return result_of(await slipway.GET("/v1/audit/head", {})).position;
}
