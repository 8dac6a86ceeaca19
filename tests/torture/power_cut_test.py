"""Cuts the power of the disk of a loaded server, again and again: what it said is there.

    power_cut_test.py --cuts 200 --file-system xfs --seed 7

A kill cannot show that something was acknowledged before it was synced, since the kernel keeps what
a process wrote. So the data is on a file system of its own, on a loop device, which is shut down in
the middle of the load without writing anything more (FS_IOC_SHUTDOWN): all that is in the kernel's
memory only is lost. Each cut proves that it is one by a file that was not synced. Held is all that
kill_test.py holds; and a server that outlives the cut acknowledges nothing more, and ends with its
own status.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from disks import CuttableDisk, in_own_namespace
from processes import STATUS_OUTCOME_UNKNOWN, eventually
from skips import skip
from torture import Torture, torture


class Cuts(Torture):
    def __init__(self, options, directory, stack):
        kind = options.file_system
        if shutil.which(f"mkfs.{kind}") is None:
            skip(f"there is no mkfs.{kind}")
        try:
            self.disk = CuttableDisk(directory / "image", directory / "disk", 512, kind)
        except subprocess.CalledProcessError as error:
            skip(f"no file system on a loop device: {error.stderr.strip()}")
        stack.callback(self.disk.close)
        super().__init__(options, directory, stack, self.disk.place / "data")
        self.load.unsettled.add(500)  # a disk that is gone cannot be read either

    def live(self):
        for number in range(self.options.times):
            self.look()
            time.sleep(self.chance.uniform(0.02, 1.2))
            self.cut(number)
            self.start()

    def cut(self, number):
        unsynced, synced = (self.disk.place / f"{name}-{number}" for name in ("unsynced", "synced"))
        with synced.open("w") as file:
            file.write("x" * 9_000)
            file.flush()
            os.fsync(file.fileno())
        unsynced.write_text("x" * 9_000)
        # A server without power answers nothing: what it synced in this instant stays unsaid.
        self.server.process.process.send_signal(signal.SIGSTOP)
        self.counts["cuts"] += 1
        if self.chance.random() < 0.3:
            self.outlive()
        else:
            self.disk.cut()
            self.kill()
        self.disk.restore()
        if unsynced.exists() and unsynced.read_text():
            raise AssertionError("the cut lost nothing: it proves nothing")
        if synced.read_text() != "x" * 9_000:
            raise AssertionError("what was synced is gone: the disk is to blame")
        unsynced.unlink(missing_ok=True)
        synced.unlink()

    def outlive(self):
        """The disk is gone, and the server is still there."""
        process = self.server.process.process
        # What is under way in the kernel ends before the cut; what comes later fails.
        eventually(lambda: is_stopped(process.pid))
        self.disk.cut()
        process.send_signal(signal.SIGCONT)
        eventually(lambda: not self.server.process.is_running)
        self.uptime.end(time.time())
        process.stdout.close()
        self.counts["ends of its own"] += 1
        if process.returncode != STATUS_OUTCOME_UNKNOWN:
            self.wrong.append(f"it ended with {process.returncode} as the disk was gone")


def is_stopped(pid):
    """Whether no thread of it is in the kernel any more."""
    threads = pathlib.Path(f"/proc/{pid}/task").glob("*/stat")
    return all(one.read_text().rpartition(")")[2].split()[0] == "T" for one in threads)


if __name__ == "__main__":
    in_own_namespace()
    torture(Cuts, __doc__, ("cuts", 30), 60, ("file-system", "ext4"))
