"""Papers as files: a Word document, a PDF of it, or an archive with those of many offices."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from survey_pipeline.context import Context
from survey_pipeline.papers.document_template import FOLDER, DocumentTemplate
from survey_pipeline.papers.paper import OutgoingPaper
from survey_pipeline.papers.pdf import MOST_AT_ONCE, convert, require_converter
from survey_pipeline.stages.export.destination import replaced

FORMS = ("docx", "pdf")


def write_paper(context: Context, paper: OutgoingPaper, path: Path, form: str) -> None:
    """Write one paper; a reader never sees half of it.

    Args:
        context: the workspace, which holds the template.
        paper: what to write.
        path: where to; an older file is replaced.
        form: one of `FORMS`.

    Raises:
        ConfigurationError: the template is missing or cannot be used.
        CannotProceed: nothing can be written there, or PDF cannot be made.
    """
    with TemporaryDirectory(prefix="paper-") as work:
        [made] = _Desk(context).make([paper], Path(work), form)
        with replaced(path) as temporary:
            temporary.write_bytes(made.read_bytes())


def write_archive(
    context: Context,
    papers: Iterable[OutgoingPaper],
    path: Path,
    forms: Sequence[str],
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write papers of one template into a zip archive; return how many there are.

    Args:
        context: the workspace, which holds the template.
        papers: what to write; taken a few at a time.
        path: where to; an older file is replaced.
        forms: of `FORMS`, each paper in each.
        progress: called with how many papers are done.

    Raises:
        ConfigurationError: the template is missing or cannot be used.
        CannotProceed: nothing can be written there, or PDF cannot be made.
    """
    if "pdf" in forms:
        require_converter()
    waiting, desk, done = iter(papers), _Desk(context), 0
    with replaced(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
        while batch := list(islice(waiting, MOST_AT_ONCE)):
            with TemporaryDirectory(prefix="paper-") as work:
                for form in forms:
                    for made in desk.make(batch, Path(work), form):
                        file.write(made, made.name)
            done += len(batch)
            progress(done)
    return done


class _Desk:
    """Fills in templates, each read once."""

    def __init__(self, context: Context) -> None:
        self._folder = context.home / FOLDER
        self._templates: dict[str, DocumentTemplate] = {}

    def make(self, papers: Sequence[OutgoingPaper], work: Path, form: str) -> list[Path]:
        """Write papers into a folder; a PDF is made of the document that is there already."""
        documents = []
        for paper in papers:
            document = work / f"{paper.name}.docx"
            if not document.exists():
                document.write_bytes(self._template(paper).fill_in(paper.fields))
            documents.append(document)
        return convert(documents, work) if form == "pdf" else documents

    def _template(self, paper: OutgoingPaper) -> DocumentTemplate:
        name = f"{paper.template}.{paper.locale}.docx"
        if name not in self._templates:
            self._templates[name] = DocumentTemplate(self._folder / name)
        return self._templates[name]
