#!/usr/bin/env python3
"""Check a month's draws from the auditor's package, without the program that made them.

    python3 verify_draw.py draws-2023-05.zip [--hash SEED_HASH]

Needs Python 3.11 and nothing else. It works the draw out anew, from the rules that were published:

* the seed of each day has the hash that was kept with the draw, and the one committed before;
* the roll (every case of the day with reason and phone group) has the two published hashes, stands
  in order and names no case twice, and its groups can be;
* each case's rank is SHA-256("seed:day:office:case"); of the eligible cases of one phone only the
  lowest rank stays; of each office the n lowest are drawn, with
  n = min(N, maximum, max(minimum, ceil(rate x N), monthly_minimum - drawn earlier in the month));
* the cases drawn are these and no others.

What it cannot see: whether the offices reported every case, whether the reasons on the roll are
true (the roll holds no citizen), and what was published; compare the hashes that it prints with
those you noted at the time, or give the committed one with --hash.

Ends with 0 if everything holds, 1 if not, 2 if the package cannot be read.
"""

import argparse
import hashlib
import json
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any

Roll = list[tuple[str, str, str, int]]
"""A line each: case ("office,case_no"), office, reason, phone group."""
Day = dict[str, Any]
"""Part of month.json."""
Counts = Counter[str]


def sha256(text: str) -> str:
    """Return SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_roll(text: str) -> Roll:
    """Return the lines of a roll."""
    lines: Roll = []
    for line in text.split("\n") if text else []:
        case, reason, group = line.rsplit(",", 2)
        lines.append((case, case.split(",", 1)[0], reason, int(group)))
    return lines


def roll_problems(day: Day, text: str, roll: Roll) -> Iterator[str]:
    """Compare a roll with its two hashes, and look at its form."""
    cases = [case for case, _, _, _ in roll]
    if sha256("\n".join(cases)) != day["frame_hash"]:
        yield "the frame has another hash than the published one"
    if sha256(text) != day["roll_hash"]:
        yield "the roll has another hash than the published one"
    if len(cases) != day["frame"]:
        yield f"the roll has {len(cases)} cases, the draw counted {day['frame']}"
    if any(earlier >= later for earlier, later in pairwise(cases)):
        yield "the roll is not in order, or names a case twice"
    for number, (case, _, _, group) in enumerate(roll, 1):
        if not 1 <= group <= number or roll[group - 1][3] != group:
            yield f"{case}: its phone group {group} cannot be"


def ranks_of(day: Day, roll: Roll) -> dict[str, str]:
    """Return the rank of each case that may be drawn, by case."""
    prefix = f"{day['seed']}:{day['day']}:"
    return {
        case: sha256(prefix + case.replace(",", ":", 1))
        for case, _, reason, _ in roll
        if reason == "eligible"
    }


def one_per_phone(roll: Roll, ranks: dict[str, str]) -> dict[str, list[str]]:
    """Return the cases left of each office, when each phone keeps its lowest rank."""
    lowest: dict[int, str] = {}
    for case, _, _, group in roll:
        if case in ranks and (group not in lowest or ranks[case] < ranks[lowest[group]]):
            lowest[group] = case
    left: dict[str, list[str]] = defaultdict(list)
    for case in lowest.values():
        left[case.split(",", 1)[0]].append(case)
    return left


def sample_size(policy: Day, count: int, earlier: int) -> int:
    """Return n of an office with `count` (N) cases left and `earlier` drawn in the month."""
    wanted: int = max(
        policy["minimum"],
        ceil(Fraction(policy["rate"]) * count),
        policy.get("monthly_minimum", 0) - earlier,
    )
    most: int = policy["maximum"]
    return min(count, most, wanted)


def draw(day: Day, roll: Roll, earlier: Counts) -> tuple[dict[str, str], Day]:
    """Work the draw out: the rank of each drawn case, and frame, N and n of each office."""
    ranks = ranks_of(day, roll)
    left = one_per_phone(roll, ranks)
    frame = Counter(office for _, office, _, _ in roll)
    drawn: dict[str, str] = {}
    offices: Day = {}
    for office, size in frame.items():
        cases = sorted(left[office], key=ranks.__getitem__)
        n = sample_size(day["policy"], len(cases), earlier[office])
        drawn.update((case, ranks[case]) for case in cases[:n])
        offices[office] = {"frame": size, "N": len(cases), "n": n}
    return drawn, offices


def draw_problems(day: Day, listed: str, drawn: dict[str, str], offices: Day) -> Iterator[str]:
    """Compare what was drawn with what had to be drawn."""
    found = dict(line.rsplit(",", 1) for line in listed.split("\n") if line)
    for case in sorted(drawn.keys() - found.keys()):
        yield f"{case} had to be drawn and was not"
    for case in sorted(found.keys() - drawn.keys()):
        yield f"{case} was drawn and should not have been"
    for case in sorted(drawn.keys() & found.keys()):
        if drawn[case] != found[case]:
            yield f"{case}: its rank is {drawn[case]}, the package says {found[case]}"
    for office in sorted(offices.keys() | day["offices"].keys()):
        if offices.get(office) != day["offices"].get(office):
            yield f"{office}: {day['offices'].get(office)} is noted, {offices.get(office)} follows"


def seed_problems(day: Day, committed: str | None) -> Iterator[str]:
    """Compare a seed with its hash, and with the committed one."""
    if sha256(day["seed"]) != day["seed_hash"]:
        yield "the seed has another hash than the one kept with the draw"
    if committed and day["seed_hash"] != committed:
        yield "the draw used another seed than the committed one"


def check_day(
    archive: zipfile.ZipFile, day: Day, committed: str | None, earlier: Counts
) -> list[str]:
    """Return what is wrong with a day; count its drawn cases into `earlier`."""
    text = archive.read(f"rolls/{day['day']}.csv").decode()
    listed = archive.read(f"drawn/{day['day']}.csv").decode()
    roll = read_roll(text)
    problems = [*seed_problems(day, committed), *roll_problems(day, text, roll)]
    drawn, offices = draw(day, roll, earlier)
    problems += draw_problems(day, listed, drawn, offices)
    for office, counts in offices.items():
        earlier[office] += counts["n"]
    return problems


def check(path: str, published: str | None) -> bool:
    """Check a package, print what was found, and return whether everything holds."""
    with zipfile.ZipFile(path) as archive:
        month = json.loads(archive.read("month.json"))
        commitment = month["commitment"]
        committed = published or (commitment and commitment["seed_hash"])
        print(f"{month['month']}: committed seed hash {committed or 'none'}")
        for remark in month["remarks"]:
            print(f"  note: {remark}")
        sound = True
        if published and commitment and commitment["seed_hash"] != published:
            sound = False
            print(f"  WRONG: the package says {commitment['seed_hash']} was committed")
        earlier: Counts = Counter()
        for day in month["days"]:
            problems = check_day(archive, day, committed, earlier)
            sound = sound and not problems
            count = sum(office["n"] for office in day["offices"].values())
            print(f"{day['day']}: {count} of {day['frame']} cases drawn, roll {day['roll_hash']}")
            for problem in problems:
                print(f"  WRONG: {problem}")
    print("Everything holds." if sound else "It does NOT hold.")
    return sound


def main() -> int:
    """Check the package that the command line names."""
    parser = argparse.ArgumentParser(description="Check a month's draws.")
    parser.add_argument("package", help="the ZIP archive of the month")
    parser.add_argument("--hash", help="the seed's hash, as you noted it before the month")
    options = parser.parse_args()
    try:
        return 0 if check(options.package, options.hash) else 1
    except (OSError, KeyError, ValueError, TypeError, IndexError, zipfile.BadZipFile) as error:
        print(f"the package cannot be read: {error!r}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
