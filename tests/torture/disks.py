"""Small disks of a test's own: one that can be filled, and one whose power can be cut.

Mounts are made in a namespace of the test's own, so that nothing of them is left, however it ends.
"""

import errno
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import time

from skips import skip

FS_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
WITHOUT_FLUSH = 2


def in_own_namespace(as_any_user=False):
    """Starts this program again where mounts are its own; with `as_any_user` not as root only."""
    if os.environ.get("SLIPWAY_OWN_MOUNTS"):
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"] if as_any_user else None
    if user is None:
        skip("a file system on a loop device needs root")
    if shutil.which("unshare") is None:
        skip("there is no unshare (util-linux)")
    command = ["unshare", "--mount", *user]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True)
    if tried.returncode != 0:
        skip(f"no mounts of its own may be made here: {tried.stderr.strip()}")
    os.environ["SLIPWAY_OWN_MOUNTS"] = "yes"
    os.execvp("unshare", [*command, sys.executable, *sys.argv])


def done(*command):
    command = [str(part) for part in command]
    return subprocess.run(command, check=True, capture_output=True, text=True)


class FillableDisk:
    """In memory, of some MiB."""

    def __init__(self, place, mib):
        self.place = place
        self.ballast = place / "ballast"
        place.mkdir()
        done("mount", "-t", "tmpfs", "-o", f"size={mib}m", "none", place)

    @property
    def free_bytes(self):
        space = os.statvfs(self.place)
        return space.f_bavail * space.f_frsize

    def fill(self, leave_bytes):
        """Until there are as many bytes free; what is written meanwhile may take some of them."""
        with self.ballast.open("ab", buffering=0) as ballast:
            while (more := self.free_bytes - leave_bytes) > 0:
                try:
                    if ballast.write(bytes(min(more, 1 << 20))) == 0:
                        return
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return

    def free(self):
        self.ballast.unlink(missing_ok=True)

    def enlarge(self, mib):
        self.free()
        done("mount", "-o", f"remount,size={mib}m", self.place)

    def close(self):
        done("umount", "--lazy", self.place)


class CuttableDisk:
    """A file system on a loop device. A cut loses what was not synced, as a power failure does."""

    def __init__(self, image, place, mib, kind):
        self.image = image
        self.place = place
        self.kind = kind
        place.mkdir()
        with image.open("wb") as file:
            file.truncate(mib << 20)
        done(f"mkfs.{kind}", "-q", image)
        self.mount()

    def mount(self):
        done("mount", "-o", "loop", self.image, self.place)

    def cut(self):
        """From here on nothing is written any more; not even the journal."""
        place = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(place, FS_IOC_SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(place)

    def restore(self):
        """Power is back: the file system recovers what its journal holds."""
        self.close()
        self.mount()

    def close(self):
        for _ in range(50):
            tried = subprocess.run(["umount", str(self.place)], capture_output=True, text=True)
            if tried.returncode == 0:
                return
            time.sleep(0.1)  # a process that was killed may not have let go of its files yet
        raise AssertionError(f"{self.place} cannot be unmounted: {tried.stderr}")
