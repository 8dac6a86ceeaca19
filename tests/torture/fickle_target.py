"""A target that records each delivery, and answers as it likes: done, later, no, or not at all."""

import asyncio
import collections
import json
import random
import time

# How often it does each, of 100: 200; 202, and reports the end later; 500; no answer until the
# sender gives up; a reset connection.
MOODS = {"done": 62, "later": 18, "no": 8, "hang": 4, "reset": 8}
HANG_SECONDS = 1.5  # longer than a sender waits

Delivery = collections.namedtuple("Delivery", "at webhook_id deployment token mood authorization")


class FickleTarget:
    """In the event loop of its load, through which it reports what it has accepted."""

    secret = "of the first target"

    def __init__(self, load):
        self.load = load
        self.chance = random.Random(f"{load.seed}/target")
        self.deliveries = []
        self.is_kind = False  # then it only answers 200
        self.server = None
        self.origin = None
        self.url = None

    async def listen(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1024)
        self.origin = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        self.url = f"{self.origin}/deploy"

    async def serve(self, reader, writer):
        try:
            while await self.answer(reader, writer):
                pass
        except (OSError, EOFError):
            pass  # a server that is killed ends its connections
        finally:
            writer.transport.abort()

    async def answer(self, reader, writer):
        """Whether the connection is kept."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in head)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))["data"]
        mood = self.chance.choices(list(MOODS), list(MOODS.values()))[0]
        mood = "done" if self.is_kind and mood != "later" else mood
        self.deliveries.append(
            Delivery(
                time.time(), headers["webhook-id"], body["deployment"]["id"],
                int(headers["slipway-attempt-token"]), mood, headers.get("authorization")
            )
        )
        if mood == "hang":
            await asyncio.sleep(HANG_SECONDS)
        if mood in ("hang", "reset"):
            return False
        status = {"done": "200 OK", "later": "202 Accepted", "no": "500 No"}[mood]
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        if mood == "later":
            self.load.spawn(self.report(len(self.deliveries), body))
        return True

    async def report(self, number, body):
        await asyncio.sleep(self.chance.uniform(0.0, 2.0))
        outcome = self.chance.choice(("succeeded", "succeeded", "failed"))
        await self.load.report(
            f"c{number}", body["deployment"]["id"], body["callback_url"], body["callback_token"],
            outcome
        )
