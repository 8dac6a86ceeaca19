"""A target in the test's own process: records each delivery, and answers when it is let."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Target:
    def __init__(self):
        self.deliveries = []  # (webhook-id, deployment id)
        self.changed = threading.Condition()
        self.open_gate = threading.Event()
        self.open_gate.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer.changed:
                    outer.deliveries.append(
                        (self.headers["webhook-id"], body["data"]["deployment"]["id"])
                    )
                    outer.changed.notify_all()
                outer.open_gate.wait()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """The record says all."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1024

            def handle_error(self, *_):
                """A server that is killed ends its connections."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/deploy"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, count, seconds=30):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.deliveries) >= count, seconds):
                raise AssertionError(f"{len(self.deliveries)} deliveries; {count} were expected")

    def close(self):
        self.open_gate.set()
        self.server.shutdown()
        self.server.server_close()
