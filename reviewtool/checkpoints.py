"""Signed checkpoints: where each chain of the audit log ended, kept outside the database.

Whoever can write to the database can hash a forged log anew and correct its heads. A
checkpoint is a small file beside the database (and, if set, in a second folder) that says
how far a chain had come, signed with the server's secret; ``reviewtool verify`` asks
whether the log still contains what was signed.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewtool import private
from reviewtool.db.types import now
from reviewtool.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """What one file says; ``genuine`` when our secret signed it."""

    path: Path
    chain: int
    sequence: int
    hash: str
    at: str
    genuine: bool


class Checkpoints:
    """The folders of checkpoints of one server."""

    def __init__(self, folders: Sequence[Path], secret: str) -> None:
        self.folders = tuple(folders)
        # Ends that could not be written, as on a full disk: (folder, chain) -> end.
        self._missed: dict[tuple[Path, int], tuple[int, str]] = {}
        # A key of its own, so that no other signature of the server passes for one of these.
        self._key = hmac.new(secret.encode(), b"reviewtool checkpoints", hashlib.sha256).digest()

    @classmethod
    def of(cls, settings: Settings) -> "Checkpoints":
        """Those that the settings name: in the data folder, and in a second one if set."""
        folders = [settings.data.resolve() / "checkpoints"]
        if settings.checkpoints is not None:
            folders.append(settings.checkpoints.resolve())
        return cls(folders, settings.session_secret)

    def keep(self, chain: int, sequence: int, hash: str, *, anew: bool = False) -> None:
        """Sign the end of a chain; what is signed already and further along stays.

        A folder that cannot be written to is told to the server's log only: the change is
        stored already. What was missed is signed with the next change of any chain that this
        process makes. anew: sign even a shorter chain, as after a restore.
        """
        for folder in self.folders:
            try:
                self._keep(folder, chain, sequence, hash, anew)
                self._missed.pop((folder, chain), None)
                for where, end in list(self._missed.items()):
                    if where[0] == folder:
                        self._keep(folder, where[1], *end, anew=False)
                        self._missed.pop(where, None)
            except OSError as error:
                self._missed.setdefault((folder, chain), (sequence, hash))
                if self._missed[folder, chain][0] < sequence:
                    self._missed[folder, chain] = sequence, hash
                log.warning("no checkpoint of the audit log in %s: %s", folder, error)

    def _keep(self, folder: Path, chain: int, sequence: int, hash: str, anew: bool) -> None:
        path = folder / f"chain_{chain}.json"
        with _alone(folder):
            before = self._read(path) if path.exists() else None
            if before and before.genuine and before.sequence >= sequence and not anew:
                return
            at = now().isoformat()
            said = {"chain": chain, "sequence": sequence, "hash": hash, "at": at}
            signed = said | {"signature": self._signature(chain, sequence, hash, at)}
            fresh = path.with_suffix(".new")
            private.touch(fresh)
            fresh.write_text(json.dumps(signed))
            os.replace(fresh, path)

    def _signature(self, chain: int, sequence: int, hash: str, at: str) -> str:
        text = f"{chain} {sequence} {hash} {at}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _read(self, path: Path) -> Checkpoint:
        try:
            said = json.loads(path.read_text())
            chain, sequence = int(said["chain"]), int(said["sequence"])
            hash, at = str(said["hash"]), str(said["at"])
            genuine = hmac.compare_digest(
                str(said["signature"]), self._signature(chain, sequence, hash, at)
            )
        except (ValueError, KeyError, TypeError):
            return Checkpoint(path, 0, 0, "", "", genuine=False)
        return Checkpoint(path, chain, sequence, hash, at, genuine)

    def signed(self) -> list[Checkpoint]:
        """Every checkpoint in every folder."""
        return [
            self._read(path)
            for folder in self.folders
            for path in sorted(folder.glob("chain_*.json"))
        ]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time: two that sign at once must leave the later end."""
    lock = private.folder(folder) / "lock"
    private.touch(lock)
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
