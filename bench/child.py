"""One piece of work as a process: `python -m bench.child MODULE FUNCTION ARGUMENT...`."""

import json
import sys
from importlib import import_module

if __name__ == "__main__":
    module, function, *arguments = sys.argv[1:]
    result = getattr(import_module(f"bench.{module}"), function)(*arguments)
    json.dump(result or {}, sys.stdout)
