"""One change of a file that people edit: checked, on record with before and after, put in place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.context import Context
from survey_pipeline.edited import Unreadable, read_edited
from survey_pipeline.errors import CannotProceed, ConfigurationError
from survey_pipeline.store import audit
from survey_pipeline.store.files import replace_content
from survey_pipeline.validation import os_problem
from survey_pipeline.vocabulary import AuditAction, Audited


@dataclass(frozen=True)
class EditedPlace:
    """A file of the workspace, and how the audit log calls it."""

    context: Context
    file: Path
    """Relative to the workspace."""
    kind: Audited
    key: str

    def text(self) -> str | None:
        """Return what stands in the file; None where there is none.

        Raises:
            ConfigurationError: it cannot be read.
        """
        try:
            return read_edited(self.context.home / self.file)
        except FileNotFoundError:
            return None
        except Unreadable as error:
            raise ConfigurationError(
                "{file} cannot be read: {problem}", file=self.file, problem=error.problem
            ) from error

    def replace(
        self,
        connection: Connection,
        text: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
        reason: str | None = None,
    ) -> None:
        """Note a change, and put the new text in place.

        Args:
            connection: a transaction that writes; it holds the entry, and is rolled back if the
                file cannot be written.
            text: of the file.
            before: what is noted of the old one; None: it is new.
            after: what is noted of the new one.
            reason: why.

        Raises:
            CannotProceed: the file cannot be written.
        """
        noted = audit.entry(
            at=self.context.now(),
            actor=self.context.actor,
            action=AuditAction.CREATED if before is None else AuditAction.UPDATED,
            kind=self.kind,
            key=self.key,
            before=before,
            after=after,
            reason=reason,
        )
        audit.append(connection, [noted])
        try:
            replace_content(self.context.home / self.file, text.encode())
        except OSError as error:
            raise CannotProceed(
                "{file} cannot be written: {problem}. See that this program's user may write in "
                "its folder",
                file=self.file,
                problem=os_problem(error),
            ) from error
