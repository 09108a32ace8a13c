"""One caller as a process of its own, for `test_callbacks_processes.py`.

    python one_caller.py HOME NAME

Takes and logs calls until none is left, and prints what it did as one JSON document. Two in five
results are sent twice (a double Enter), and some calls are first grabbed and put back.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.errors import CallHeld
from survey_pipeline.stages.callbacks import CallResult, log_result, next_call, release
from survey_pipeline.testing import NOON, reopened
from survey_pipeline.vocabulary import CallOutcome, Rating

MORNING = NOON - timedelta(hours=2)
OUTCOMES = (
    CallResult(CallOutcome.ANSWERED, Rating.SATISFIED),
    CallResult(CallOutcome.REFUSED),
    CallResult(CallOutcome.NO_ANSWER),
)


def work(context: Context, name: str) -> dict[str, object]:
    logged: list[int] = []
    held: list[str] = []
    while (call := next_call(context, name).call) is not None:
        if call.id % 7 == 0 and call.id not in logged and len(held) < 3:
            release(context, call.id, name)
            held.append(f"{call.id} put back")
            continue
        result = OUTCOMES[call.id % 3]
        try:
            log_result(context, call.id, name, result)
            logged.append(call.id)
            if call.id % 5 < 2:
                assert log_result(context, call.id, name, result).repeated
        except CallHeld as error:
            held.append(str(error))
    return {"logged": logged, "held": held}


if __name__ == "__main__":
    home, name = Path(sys.argv[1]), sys.argv[2]
    json.dump(work(reopened(home, MORNING).acting(name), name), sys.stdout)
