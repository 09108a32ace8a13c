"""`scripts/bench [NAME...]`: measures, prints the table, and ends with 0 either way."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figures import FIGURES, Bench, Figure

HEADINGS = ("figure", "what", "asked", "found", "", "measured")


def main(words: Sequence[str] | None = None) -> None:
    """Run the figures named, or all of them."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure the product against plain code, side by side. All of it takes about "
        "ten minutes and three gigabytes of temporary files.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"only these: {', '.join(FIGURES)}"
    )
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="how many cases and surveys (default a million)"
    )
    given = parser.parse_args(words)
    unknown = [name for name in given.names if name not in FIGURES]
    if unknown or given.rows < 1_000:
        parser.error(f"no figure {unknown[0]}" if unknown else "--rows: at least 1000")
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), given.rows, tell)
        for name in given.names or FIGURES:
            found += FIGURES[name](bench)
    print(table(found))


def tell(line: str) -> None:
    """Show how far it is."""
    print(line, file=sys.stderr, flush=True)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table; what falls short is marked."""
    rows = [HEADINGS]
    rows += [
        (one.name, one.what, one.asked, one.found, "" if one.met else "MISSED", one.detail)
        for one in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


if __name__ == "__main__":
    main()
