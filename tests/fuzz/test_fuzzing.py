"""A short run of `scripts/fuzz`, with the same inputs each time (specification, section 10.6)."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
INPUTS = 20


def test_no_input_is_a_fault_and_none_is_kept_of_a_refused_one() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--inputs", str(INPUTS), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["targets"]
    assert [(result["target"], result["fault"]) for result in found if result["fault"]] == []
    assert done.returncode == 0
    assert len(found) == 8
    assert all(result["inputs"] >= INPUTS for result in found)


def test_a_fault_is_found_and_shown_with_its_smallest_input(tmp_path: Path) -> None:
    """A reader that breaks on one word is put in the place of ours."""
    program = tmp_path / "broken.py"
    program.write_text(
        "import sys\n"
        "from tests.fuzz import __main__ as fuzz, targets\n"
        "def break_down(_, text):\n"
        "    assert '退订' not in text, 'it broke'\n"
        "broken = targets.FuzzTarget(targets.TARGETS['replies'].strategy, break_down)\n"
        "targets.TARGETS['replies'] = broken\n"
        "sys.argv[1:] = ['replies', '--inputs', '300']\n"
        "sys.exit(fuzz.main())\n"
    )
    command = [sys.executable, str(program)]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "FAULT" in done.stdout
    assert "it broke" in done.stdout
    assert "'退订'" in done.stdout
