"""`replies list`, `code` and `try`: what came in, and how it was read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    DateOption,
    JsonOption,
    explained,
    invocation,
    new_table,
    opened,
    print_json,
    say,
    stdout,
)
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.vocabulary import ReaderDecision
from survey_pipeline.vocabulary.names import INBOUND_USES, READ_AS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_pipeline.calendar import Calendar
    from survey_pipeline.stages.replies import Coded, ListedReply

group = typer.Typer(
    no_args_is_help=True, help="What citizens wrote, how it was read, and a reader's decisions."
)

TABLE_OF_REPLIES = ("text", "reply")
"""The first heading of a table, tab-separated, whose first column holds the replies."""
HEADINGS = (N_("reply"), N_("came"), N_("phone"), N_("text"), N_("read as"), N_("used as"))


@group.command("list")
@explained
def list_all(
    day: DateOption = None,
    *,
    unclear: Annotated[
        bool, typer.Option("--unclear", help="Only those that wait for a reader.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List replies, numbers masked and without the office; by default of every day.

    Example:  survey-pipeline replies list --unclear
    """
    from survey_pipeline.stages.replies import list_replies

    with opened() as app:
        calendar, locale = app.context.calendar, invocation().locale
        found = list_replies(app.context, day=day, unclear=unclear, limit=limit)
    if as_json:
        print_json({"replies": [_document(reply, calendar, locale) for reply in found]})
    else:
        _show(found, calendar, locale)


def _document(reply: "ListedReply", calendar: "Calendar", locale: str) -> dict[str, object]:
    at = calendar.local(reply.received_at).isoformat(timespec="seconds")
    return {**reply.to_json(locale), "received_at": at}


def _show(found: "Sequence[ListedReply]", calendar: "Calendar", locale: str) -> None:
    table = new_table(*(translate(heading, locale) for heading in HEADINGS))
    for reply in found:
        at = calendar.written(reply.received_at)
        read_as = say(READ_AS.get(reply.decision or reply.reply_class or "", ""))
        used_as = say(INBOUND_USES.get(reply.use, reply.use))
        cells = (str(reply.id), at, reply.phone, reply.text or "", read_as, used_as)
        table.add_row(*cells)
    console = stdout()
    if found:
        console.print(table)
    counted = Message("{count} replies.", {"count": len(found)})
    console.print(counted.render(locale), markup=False)


@group.command("code")
@explained
def code(
    reply_id: Annotated[int, typer.Argument(metavar="ID", help="The reply, as `list` shows it.")],
    *,
    answer: Annotated[
        ReaderDecision, typer.Option(help="What the text says; cannot_tell sends it to the phone.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who reads.")],
    correct: Annotated[
        str | None,
        typer.Option(
            metavar="WHY", help="Put the answer in the place of a decision that was wrong, and why."
        ),
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(
            metavar="WHY", help="Decide a text that somebody else is reading, and why; on record."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Decide what an unclear text says.

    Deciding the same once more changes nothing. Exit code 4 where somebody else has decided, or is
    reading the text.

    Example:  survey-pipeline replies code 12 --answer neutral --by Wang
    """
    from survey_pipeline.stages.replies import code_reply, correct_decision

    with opened(actor=by) as app:
        if correct is None:
            coded = code_reply(app.context, reply_id, answer, by, override=override)
        else:
            coded = correct_decision(app.context, reply_id, answer, by, correct)
    if as_json:
        print_json({"reply": coded.reply_id, **_coded_document(coded)})
        return
    for line in _coded_lines(coded):
        stdout().print(line.render(invocation().locale), markup=False)


def _coded_document(coded: "Coded") -> dict[str, object]:
    return {
        "decision": coded.decision,
        "use": coded.use,
        "rating": coded.rating,
        "repeated": coded.repeated,
    }


def _coded_lines(coded: "Coded") -> list[Message]:
    lines = [
        Message(
            "Reply {reply}: {decision}.",
            {"reply": coded.reply_id, "decision": Message(READ_AS[coded.decision])},
        )
    ]
    if coded.repeated:
        lines.append(Message("This was decided before: nothing changed."))
    elif coded.decision is ReaderDecision.CANNOT_TELL:
        lines.append(Message("The case goes to the phone, unless the citizen opted out."))
    return lines


@group.command("try")
@explained
def try_texts(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT...", help="Replies as citizens write them.")
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            exists=True,
            dir_okay=False,
            help=r"One reply a line, or a table by tabs headed text; \n for a line break.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    r"""Show how replies would be read, and why; nothing is stored, and no workspace is needed.

    Example:  survey-pipeline replies try "1，谢谢" "不是很满意"
    """
    from survey_pipeline.stages.replies.reading import read_reply

    found = [
        {
            "text": text,
            "class": reading.reply_class.value,
            "why": say(reading.why),
        }
        for text in _given(texts or [], file)
        if (reading := read_reply(text))
    ]
    if as_json:
        print_json(found)
        return
    for read in found:
        words = READ_AS[read["class"]]
        line = say(
            "{text}: {reading}. {why}", text=read["text"], reading=say(words), why=read["why"]
        )
        stdout().print(line, markup=False)


def _given(texts: list[str], file: Path | None) -> list[str]:
    from survey_pipeline.errors import UsageError

    lines = _lines(file) if file is not None else []
    if not texts and not lines:
        raise UsageError("give a reply, or a file of replies with --file")
    return [*texts, *lines]


def _lines(file: Path) -> list[str]:
    from survey_pipeline.edited import Unreadable, read_edited
    from survey_pipeline.errors import UnreadableFile

    try:
        content = read_edited(file)
    except Unreadable as error:
        text = "{file} cannot be read: {problem}"
        raise UnreadableFile(text, file=file, problem=error.problem) from error
    lines = content.removesuffix("\n").split("\n")
    head = lines[0].split("\t")
    if len(head) > 1 and head[0] in TABLE_OF_REPLIES:
        lines = [line.split("\t")[0] for line in lines[1:]]
    return [line.replace("\\n", "\n") for line in lines]
