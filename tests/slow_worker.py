"""The worker with one more job, which tells that it began and works until it may end."""

import os
import time
from pathlib import Path

from reviewtool.jobs import job
from worker import celery

__all__ = ["celery"]


@job("test.slow")
def slow(run: object, folder: str) -> None:
    """Write the process into ``begun``; wait, silent, until there is a file ``end``."""
    with (Path(folder) / "begun").open("a") as begun:
        begun.write(f"{os.getpid()}\n")
    while not (Path(folder) / "end").exists():
        time.sleep(0.05)
