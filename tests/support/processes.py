"""The real programs, as tests use them: a server on a free port of this machine, and a receiver.

Every process is ended by the one that started it; nothing is left when a test ends.
"""

import http.client
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("SLIPWAY_PROGRAMS", ROOT / "build/release/bin"))
START_SECONDS_MAX = 300  # a server that hangs is ended
ANSWER_SECONDS_MAX = 120
# Options of a server that is loaded for hours, or as hard as it can be.
RAISED_QUOTAS = [
    "--team-pending-max", "20000000", "--team-apps-max", "100000", "--team-texts-mib-max", "8192",
    "--team-definitions-mib-max", "8192", "--user-mib-max", "16384", "--memory-mib-max", "16384",
]
STATUS_OUTCOME_UNKNOWN = 3  # of a server that could not write its log any more


class Answer:
    """What a server answered: `status`, `headers` (names in lower case), `text`, and `json`."""

    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.status} {self.text}"


class Client:
    """One kept connection. Not for several threads at once."""

    # Called with each request and its answer: method, path, headers, body, Answer. A test that sets
    # it has every exchange looked at.
    witness = None

    def __init__(self, port, token=None, headers=None, tls=None):
        """With `tls`, an ssl.SSLContext, it speaks that."""
        self.port = port
        self.tls = tls
        self.token = token
        self.headers = headers or {}
        self.connection = None

    def request(self, method, path, body=None, headers=None):
        """Sends once: what got no answer raises OSError or HTTPException, and is not repeated."""
        sent = {**self.headers, **(headers or {})}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        if self.connection is None and self.tls is not None:
            self.connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX, context=self.tls
            )
        elif self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX
            )
        try:
            self.connection.request(method, path, body=body, headers=sent)
            response = self.connection.getresponse()
            text = response.read().decode()
        except BaseException:
            self.close()
            raise
        named = {name.lower(): value for name, value in response.getheaders()}
        if response.will_close:
            self.close()
        answer = Answer(response.status, named, text)
        if Client.witness is not None:
            lower = {name.lower(): value for name, value in sent.items()}
            Client.witness(method, path, lower, body, answer)
        return answer

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body, **more)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Process:
    """A program that says on standard output where it listens."""

    def __init__(self, command, pattern, **more):
        self.log = []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)
        # One that hangs says nothing, and does not end.
        patience = threading.Timer(START_SECONDS_MAX, self.process.kill)
        patience.start()
        try:
            self.port = self.read_port(pattern)
            if self.port is None:
                self.process.wait()
        finally:
            patience.cancel()
        if self.port is None:
            self.process.stdout.close()
            raise RuntimeError(f"{command[0]} did not say within {START_SECONDS_MAX} s where it "
                               f"listens; it ended with {self.process.returncode}: {self.log}")

    def read_port(self, pattern):
        for line in self.process.stdout:
            self.log.append(line)
            found = re.search(pattern, line)
            if found:
                return int(found.group(1))
        return None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def terminate(self, seconds=120):
        """Asks it to end, and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(seconds)
        self.process.stdout.close()
        return status

    @property
    def is_running(self):
        return self.process.poll() is None


class Server:
    """A Slipway server over a data directory. It can be killed, and started again on the same."""

    def __init__(self, data, *options, stderr=None, plain=True, file_bytes_max=None):
        """With `plain`, targets may be on this machine and without TLS. A file that would grow past
        `file_bytes_max` cannot be written, as on a disk that is full."""
        self.plain = plain
        self.file_bytes_max = file_bytes_max
        self.data = pathlib.Path(data)
        self.options = options
        self.stderr = stderr
        self.process = None
        self.start()

    def command(self, *more):
        command = [PROGRAMS / "slipway-server", "run", "--create", "--data", self.data]
        command += ["--listen", f"127.0.0.1:{self.port if self.process else 0}"]
        if self.plain:
            command += ["--allow-http-targets", "--allow-private-targets"]
        return [str(part) for part in (*command, *self.options, *more)]

    def start(self, *more):
        self.process = Process(
            self.command(*more), r"listening on https?://[^ ]*:(\d+)", stderr=self.stderr,
            preexec_fn=self.limit_files if self.file_bytes_max else None
        )

    def limit_files(self):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes_max, self.file_bytes_max))

    @property
    def port(self):
        return self.process.port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def token(self, *options):
        """A token of the first user, who is an admin, or as the options of `token` say."""
        return run_program("slipway-server", "token", "--data", self.data, *options).strip()

    def client(self, token=None, **more):
        return Client(self.port, token or self.token(), **more)

    @property
    def memory_bytes(self):
        """What it has of the machine's memory now."""
        status = pathlib.Path(f"/proc/{self.process.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10

    def kill(self):
        self.process.kill()

    def terminate(self, seconds=120):
        return self.process.terminate(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.is_running:
            self.kill()


class Receiver(Process):
    """tools/receiver.py, recording each delivery in a file of JSON lines."""

    # Called with the body of each delivery that is looked at, as Client's.
    witness = None

    def __init__(self, record, *options):
        self.record = pathlib.Path(record)
        command = [sys.executable, ROOT / "tools/receiver.py", "--port", "0"]
        command += ["--record", record, *options]
        super().__init__(
            [str(part) for part in command], r"listening on http://[^ ]*:(\d+)"
        )

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/deploy"

    def deliveries(self):
        if not self.record.exists():
            return []
        with self.record.open(encoding="utf-8") as lines:
            found = [json.loads(line) for line in lines]
        for one in found if Receiver.witness is not None else []:
            Receiver.witness(one["body"])
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_running:
            self.kill()


def run_program(name, *arguments, check=True):
    """What the program prints; with check=False, what it did, whatever that was."""
    command = [str(PROGRAMS / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if not check:
        return done
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def eventually(what, seconds=120.0, pause=0.02):
    """Asks `what` until it gives something true, and returns that; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)
