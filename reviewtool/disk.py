"""How much room is left where the server writes, and who is told before it is none.

Looked at are the data folder, the folder of temporary files (uploads pass through it) and
the second folder of checkpoints. The disk of a PostgreSQL server is out of sight: it says
itself when it is full, and then everything here says so too.
"""

import logging
import shutil
import tempfile
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from reviewtool.db.faults import NOTHING
from reviewtool.settings import Settings
from reviewtool.words import filesize

log = logging.getLogger(__name__)

MEGABYTE = 1 << 20
ENOUGH = 8 * MEGABYTE  # what must be free before a paused job is tried again
SAID_AGAIN = 3600  # seconds until the log repeats what has not changed


class State(str, Enum):
    """How a disk stands."""

    FULL = "full"
    LOW = "low"
    OK = "ok"


@dataclass(frozen=True)
class Disk:
    """One disk that the server writes to; sizes in bytes."""

    use: str
    folder: Path
    free: int
    total: int
    state: State

    @property
    def sentence(self) -> str:
        """What an administrator should know and do."""
        if self.state is State.OK:
            return f"{filesize(self.free)} of {filesize(self.total)} are free."
        if self.state is State.FULL:
            what = "is full: nothing can be stored there"
        else:
            what = f"has {filesize(self.free)} left of {filesize(self.total)}"
        return f"The disk of the {self.use} ({self.folder}) {what}. Make room on it."


def _state(free: int, settings: Settings) -> State:
    if free < NOTHING:
        return State.FULL
    return State.LOW if free < settings.disk_warning_mb * MEGABYTE else State.OK


def disks(settings: Settings) -> list[Disk]:
    """Every disk that the server writes to, once; first the one with the least room."""
    uses = [("data folder", settings.data.resolve()), ("temporary files", Path(_temporary()))]
    if settings.checkpoints is not None:
        uses.append(("checkpoints", settings.checkpoints.resolve()))
    found: dict[int, Disk] = {}
    for use, folder in uses:
        try:
            device, room = folder.stat().st_dev, shutil.disk_usage(folder)
        except OSError:  # not made yet, or a machine that is away
            continue
        state = _state(room.free, settings)
        found.setdefault(device, Disk(use, folder, room.free, room.total, state))
    return sorted(found.values(), key=lambda disk: disk.free)


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # no folder that can be written to: a full disk
        return "/tmp"  # noqa: S108


def short(settings: Settings) -> list[Disk]:
    """The disks that somebody should make room on."""
    return [disk for disk in disks(settings) if disk.state is not State.OK]


def has_room(settings: Settings) -> bool:
    """Whether it makes sense to try again what the disk had no room for."""
    return all(disk.free >= ENOUGH for disk in disks(settings))


_said: dict[Path, tuple[State, float]] = {}


def watch(settings: Settings) -> None:
    """Tell the log about disks with little room: when that changes, and every hour."""
    for disk in disks(settings):
        before, at = _said.get(disk.folder, (State.OK, 0.0))
        if disk.state is before and (disk.state is State.OK or time.monotonic() - at < SAID_AGAIN):
            continue
        _said[disk.folder] = disk.state, time.monotonic()
        level = logging.INFO if disk.state is State.OK else logging.WARNING
        log.log(level, "%s", disk.sentence)
