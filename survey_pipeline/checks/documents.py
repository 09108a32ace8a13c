"""Whether the papers to circulate can be written: their templates, and what makes PDF of them."""

from collections.abc import Iterator

from survey_pipeline.app import App
from survey_pipeline.checks.check import Check, failed, ok, warning
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import N_, Message

NAME = "documents"


def look_at_documents(app: App) -> Iterator[Check]:
    """Read each template of the configured language, and look for LibreOffice."""
    from survey_pipeline.papers.document_template import (  # noqa: PLC0415 - Word's library is heavy
        FOLDER,
        TEMPLATES,
        DocumentTemplate,
    )
    from survey_pipeline.papers.pdf import PACKAGE, converter  # noqa: PLC0415 - loads the same

    locale, broken = app.context.settings.locale, False
    for name in TEMPLATES:
        try:
            DocumentTemplate(app.context.home / FOLDER / f"{name}.{locale}.docx")
        except ConfigurationError as error:
            broken = True
            mend = N_("mend the file under templates/documents/, or remove it and run init")
            yield failed(NAME, error.message, Message(mend))
    if not broken:
        yield ok(NAME, N_("every template of papers can be read"))
    if converter() is None:
        yield warning(
            NAME,
            Message(N_("LibreOffice Writer is not installed: papers cannot be written as PDF")),
            Message(N_("apt install {package}"), {"package": PACKAGE}),
        )
