#!/usr/bin/env python3
"""A small receiver of Slipway's webhooks, for trying it out and for tests.

    tools/receiver.py --port 9000 --secret whsec_...
    tools/receiver.py --port 9000 --secret whsec_... --answer 202 --complete succeeded --after 5

It checks signatures as Standard Webhooks says (https://www.standardwebhooks.com), prints one line a
delivery, and takes each webhook-id once, however often it arrives. It listens on this machine only,
unless told otherwise with --host.
"""

import argparse
import base64
import hashlib
import hmac
import json
import queue
import signal
import socketserver
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_BYTES_MAX = 4 << 20
TOLERANCE_SECONDS = 300  # how far a timestamp may be off; older deliveries could be replayed ones
COMPLETE_TRIES = 5
COMPLETE_TIMEOUT_SECONDS = 30


def secret_of(text):
    """The bytes of whsec_ and base64."""
    try:
        secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not whsec_ and base64: {error}") from error
    if not secret:
        raise argparse.ArgumentTypeError("is empty; whsec_ and base64 are accepted")
    return secret


def port_of(text):
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("not a port from 0 to 65535")
    return port


def status_of(text):
    status = int(text)
    if not 200 <= status <= 599:
        raise argparse.ArgumentTypeError("not a status from 200 to 599")
    return status


def flaw_of(headers, body, secrets, now):
    """Why a delivery is not to be trusted; nothing if one secret has signed it."""
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not webhook_id or not timestamp.isascii() or not timestamp.isdigit():
        return "no webhook-id or webhook-timestamp"
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return f"timestamp {timestamp} is off by {now - int(timestamp):.0f} s"
    content = f"{webhook_id}.{timestamp}.".encode() + body
    given = [s.encode() for s in headers.get("webhook-signature", "").split()]
    for secret in secrets:
        digest = hmac.new(secret, content, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(digest)
        if any(hmac.compare_digest(expected, one) for one in given):
            return None
    return "signature of none of the secrets given"


def parsed(body):
    """The delivery as JSON, or an empty object: a receiver must stand whatever it is sent."""
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def part(document, *names):
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def printable(value, length=80):
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    return text if len(text) <= length else text[: length - 1] + "…"


class Completions(threading.Thread):
    """Reports outcomes to the callback URLs, each some seconds after its delivery."""

    def __init__(self, outcome, after, say):
        super().__init__(daemon=True)
        self.outcome = outcome
        self.after = after
        self.say = say
        self.due = queue.SimpleQueue()
        # Straight to the server, whatever proxy the environment names.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def add(self, webhook_id, url, token):
        self.due.put((time.monotonic() + self.after, webhook_id, url, token))

    def run(self):
        # All wait equally long, so the first in the queue is the first due.
        while True:
            at, webhook_id, url, token = self.due.get()
            time.sleep(max(0.0, at - time.monotonic()))
            self.say(f"{webhook_id}  reported {self.outcome}: {self.report(url, token)}")

    def report(self, url, token):
        answer = "not tried"
        for attempt in range(COMPLETE_TRIES):
            if attempt > 0:
                time.sleep(attempt)
            try:
                request = urllib.request.Request(
                    url,
                    data=json.dumps({"outcome": self.outcome}).encode(),
                    headers={
                        "Authorization": f"Bearer {token}",
                        "Content-Type": "application/json",
                    },
                    method="POST",
                )
                with self.opener.open(request, timeout=COMPLETE_TIMEOUT_SECONDS) as response:
                    return response.status
            except urllib.error.HTTPError as error:
                detail = printable(error.read(500).decode(errors="replace"), 200)
                answer = f"{error.code} {detail}"
                if error.code < 500 and error.code != 429:
                    return answer
            except (OSError, ValueError) as error:
                answer = str(error)
        return answer


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # connections that come at once, as many deployments do

    def __init__(self, options):
        super().__init__((options.host, options.port), Delivery)
        self.options = options
        self.lock = threading.Lock()
        self.taken = set()  # each webhook-id that was answered with 2xx
        self.deliveries = 0
        self.record = open(options.record, "a", encoding="utf-8") if options.record else None
        self.completions = None
        if options.complete:
            self.completions = Completions(options.complete, options.after, self.say)
            self.completions.start()

    def server_bind(self):
        # Without the base class's look-up of the host's name, which may take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        # A client may end a connection whenever it likes.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def say(self, line):
        print(f"{datetime.now():%H:%M:%S.%f}"[:12] + "  " + line, flush=True)

    def take(self, headers, body):
        """Judges one delivery and returns the status to answer it with."""
        received = datetime.now(timezone.utc)
        options = self.options
        webhook_id = headers.get("webhook-id", "")
        document = parsed(body)
        flaw = flaw_of(headers, body, options.secret, received.timestamp())
        verdict = "VERIFIED" if flaw is None else f"NOT VERIFIED ({flaw})"
        if not options.secret:
            flaw, verdict = None, "not checked (no --secret)"
        status = options.answer if flaw is None else 401
        attempts = part(document, "data", "deployment", "attempts")
        number = part(attempts[-1], "number") if isinstance(attempts, list) and attempts else "?"
        app = part(document, "data", "app", "name")
        with self.lock:
            self.deliveries += 1
            again = flaw is None and webhook_id in self.taken
            if flaw is None and 200 <= status <= 299:
                self.taken.add(webhook_id)
            self.say(
                f"{printable(webhook_id)}  {printable(app)}  attempt {printable(number)}  "
                f"{printable(verdict, 200)}  "
                + (f"again, ignored  → {status}" if again else f"→ {status}")
            )
            self.write_record(
                {
                    "received_at": received.isoformat(timespec="microseconds"),
                    "webhook_id": webhook_id,
                    "webhook_timestamp": headers.get("webhook-timestamp"),
                    "attempt_token": headers.get("Slipway-Attempt-Token"),
                    "traceparent": headers.get("traceparent"),
                    "app": app,
                    "attempt": number,
                    "verified": bool(options.secret) and flaw is None,
                    "again": again,
                    "status": status,
                    "body": document,
                }
            )
        url = part(document, "data", "callback_url")
        token = part(document, "data", "callback_token")
        if status == 202 and not again and self.completions and url and token:
            self.completions.add(printable(webhook_id), str(url), str(token))
        return status

    def write_record(self, entry):
        if self.record:
            self.record.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self.record.flush()


class Delivery(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # headers and body in one packet
    timeout = 120  # an idle connection ends

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            self.answer(411, close=True)
        elif int(length) > BODY_BYTES_MAX:
            self.answer(413, close=True)
        else:
            self.answer(self.server.take(self.headers, self.rfile.read(int(length))))

    def do_GET(self):
        self.answer(200, {"deliveries": self.server.deliveries})

    def answer(self, status, document=None, close=False):
        body = b"" if document is None else json.dumps(document).encode() + b"\n"
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        if body:
            self.send_header("Content-Type", "application/json")
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, format, *args):
        """The line of take() says all."""


def options_of(arguments):
    parser = argparse.ArgumentParser(
        description="Receives Slipway's webhooks, checks their signatures and prints them."
    )
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("--port", type=port_of, default=9000, help="0 takes a free one (%(default)s)")
    parser.add_argument(
        "--secret",
        type=secret_of,
        action="append",
        default=[],
        metavar="whsec_…",
        help="what signs; may be given several times, one match is enough",
    )
    parser.add_argument(
        "--answer",
        type=status_of,
        default=200,
        metavar="STATUS",
        help="200 it is done, 202 it will be reported, 500 try again (%(default)s)",
    )
    parser.add_argument(
        "--complete", choices=["succeeded", "failed"], help="with 202: what to report"
    )
    parser.add_argument(
        "--after", type=float, default=1.0, metavar="SECONDS", help="when (%(default)s)"
    )
    parser.add_argument("--record", metavar="FILE", help="append each delivery as a line of JSON")
    options = parser.parse_args(arguments)
    if options.complete and options.answer != 202:
        parser.error("--complete needs --answer 202")
    return options


def main():
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        receiver = Receiver(options)
    except OSError as error:
        where = error.filename or f"{options.host}:{options.port}"
        sys.exit(f"receiver: {where}: {error.strerror}")
    with receiver:
        host, port = receiver.server_address[:2]
        print(f"receiver: listening on http://{host}:{port}/", flush=True)
        try:
            receiver.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
