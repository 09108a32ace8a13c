"""A mother process that forks senders on demand: each is a whole dispatch that may be killed.

Forking saves the second that importing takes, so that a hundred kills are a matter of a minute.

    python sender.py HOME       reads moments (ISO) on stdin, a line each

For every line it forks a sender whose clock stands at that moment, prints its process number, and
after its end how it ended. Environment variables configure the gateway (`SURVEY_GATEWAY__0__...`).
"""

import os
import sys
import traceback
from datetime import datetime
from pathlib import Path

from survey_pipeline.app import open_app
from survey_pipeline.calendar import SetClock
from survey_pipeline.pipeline import hear
from survey_pipeline.stages.dispatch import dispatch


def send(home: Path, at: datetime) -> None:
    app = open_app(home, clock=SetClock(at))
    hear(app.context, app.gateways)
    dispatch(app.context, app.gateways, ignore_hours=True)
    app.close()


def main() -> None:
    home = Path(sys.argv[1])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                send(home, datetime.fromisoformat(line.strip()))
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
