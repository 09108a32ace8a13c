"""Word documents as PDF: LibreOffice converts them, so that the office's own template rules.

Each call has a profile folder of its own, so that calls beside each other do not block, and writes
fonts that stand in for the official ones: a machine with 仿宋_GB2312 uses it, another the next of
the list.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

from survey_pipeline.errors import CannotProceed

PROGRAMS = ("soffice", "libreoffice")
PACKAGE = "libreoffice-writer-nogui"
"""Debian's package with the converter alone."""
WRITER = "libswlo.so"
"""The library of Writer, beside the program."""
START_SECONDS, PAPER_SECONDS = 60, 5
"""How long a call may take: to start, and for each document."""
PASSED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")
"""Variables that LibreOffice is given."""
MOST_AT_ONCE = 50
"""Documents a call."""
FONTS: Mapping[str, Sequence[str]] = {
    "仿宋_GB2312": ("FangSong_GB2312", "仿宋", "FangSong", "STFangsong", "Noto Serif CJK SC"),
    "楷体_GB2312": ("KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "Noto Serif CJK SC"),
    "方正小标宋简体": ("FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "STZhongsong", "Noto Serif CJK SC"),
    "黑体": ("SimHei", "STHeiti", "Noto Sans CJK SC"),
    "宋体": ("SimSun", "STSong", "Noto Serif CJK SC"),
    "Times New Roman": ("Liberation Serif", "Tinos", "Noto Serif CJK SC"),
}
"""The fonts of the shipped documents, and which installed one stands in, the best first."""


def converter() -> str | None:
    """Return the path of LibreOffice's program, or None if it or its Writer is not installed."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    return found if found is not None and _has_writer(Path(found)) else None


def _has_writer(program: Path) -> bool:
    """Return whether LibreOffice can read documents: Debian has its Writer in a package apart."""
    folder = program.resolve().parent
    is_its_own = (folder / "soffice.bin").exists()  # not a wrapper of another packager
    return not is_its_own or (folder / WRITER).exists()


def require_converter() -> str:
    """Return the path of LibreOffice's program.

    Raises:
        CannotProceed: it is not installed.
    """
    found = converter()
    if found is None:
        raise CannotProceed(
            "PDF needs LibreOffice Writer, which is not installed. Install it (apt install "
            "{package}), or write Word documents alone: --format docx",
            package=PACKAGE,
        )
    return found


def convert(documents: Sequence[Path], folder: Path) -> list[Path]:
    """Convert documents by one call of LibreOffice.

    Args:
        documents: Word documents, of different names; at most `MOST_AT_ONCE`.
        folder: where the PDF files go, under the documents' names.

    Raises:
        CannotProceed: LibreOffice is not installed, takes too long, or leaves a document out.
    """
    program = require_converter()
    made = [folder / document.with_suffix(".pdf").name for document in documents]
    with TemporaryDirectory(prefix="paper-") as work:
        profile = (Path(work) / "profile").as_uri()
        told = _run(
            [program, f"-env:UserInstallation={profile}", "--headless", "--norestore",
             "--convert-to", "pdf", "--outdir", str(folder), *map(str, documents)],
            _environment(Path(work)),
            START_SECONDS + PAPER_SECONDS * len(documents),
        )  # fmt: skip
    missing = [path.name for path in made if not path.is_file()]
    if missing:
        raise CannotProceed(
            "LibreOffice made no {file} ({problem}). Write the Word document with --format docx, "
            "and open it by hand to see what is wrong",
            file=missing[0],
            problem=told or "-",
        )
    return made


def _run(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> str:
    """Run a program; return the last line of what it says. It is ended when its time is over.

    Raises:
        CannotProceed: it takes longer.
    """
    process = subprocess.Popen(  # noqa: S603 - the program found on the path, and files of ours
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        told, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise CannotProceed(
            "LibreOffice did not finish within {count} seconds. Try again; if it stays so, write "
            "Word documents with --format docx",
            count=round(seconds),
        ) from error
    finally:
        if process.poll() is None:  # with what it started: it is the leader of a group of its own
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return told.strip().splitlines()[-1] if told.strip() else ""


def _environment(work: Path) -> dict[str, str]:
    """Return the environment of a call: no secrets, and fonts that stand in for others."""
    path = work / "fonts.conf"
    path.write_text(_font_list(), encoding="utf-8")
    passed = {name: os.environ[name] for name in PASSED if name in os.environ}
    return {**passed, "FONTCONFIG_FILE": str(path)}


def _font_list() -> str:
    aliases = "".join(
        f'<alias binding="same"><family>{escape(wanted)}</family><prefer>'
        + "".join(f"<family>{escape(name)}</family>" for name in (wanted, *others))
        + "</prefer></alias>"
        for wanted, others in FONTS.items()
    )
    system = "/etc/fonts/fonts.conf"
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">{system}</include>{aliases}</fontconfig>'
    )
