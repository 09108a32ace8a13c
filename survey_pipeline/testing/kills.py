"""Work in a process of its own that is killed (SIGKILL) before its n-th commit or renaming."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

KILLED = -signal.SIGKILL


def killed_at(moment: int, engine: Callable[[], Engine], work: Callable[[Engine], Any]) -> int:
    """Do work in a process that is killed at a moment; return its exit code, 0 if it came through.

    Args:
        moment: before which commit or renaming, from 1.
        engine: opens the engine there; one of this process must not be used in another.
        work: what is done with it.
    """

    def run() -> None:
        left = [moment]

        def step(*_: object) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        own = engine()
        event.listen(own, "commit", step)
        sys.addaudithook(lambda name, _: step() if name == "os.rename" else None)
        work(own)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join()
    return int(process.exitcode or 0)
