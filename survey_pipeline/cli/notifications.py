"""`notifications`: who is told what, what would be told now, and what became of it."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    DryRunOption,
    JsonOption,
    explained,
    new_table,
    opened,
    print_json,
    say,
    shown,
    stdout,
    written,
)
from survey_pipeline.i18n import N_
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import NotificationKind
from survey_pipeline.vocabulary.notification_names import NOTIFICATION_STATES, NOTIFICATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_pipeline.notifications.contacts import Contact
    from survey_pipeline.notifications.sending import NewsForContact

group = typer.Typer(
    no_args_is_help=True,
    help="Notifications by e-mail, chat or SMS to people who work with the program.",
)
CONTACTS = (N_("number"), N_("name"), N_("address"), N_("about"), N_("gets"))
SENT = (N_("at"), N_("to"), N_("what"), N_("state"))
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="The contact's number.")]


@group.command("add")
@explained
def add(  # noqa: PLR0913 - the options of the command
    name: Annotated[str, typer.Argument(help="What the contact is called.")],
    address: Annotated[
        str,
        typer.Argument(
            help="A mobile number, or an address of Apprise (mailto://..., dingtalk://...); "
            "- reads it from standard input, so that no password stands in the shell's history."
        ),
    ],
    *,
    kinds: Annotated[
        list[NotificationKind] | None,
        typer.Option("--kind", help="What it is told; may be repeated. Default: everything."),
    ] = None,
    office: Annotated[
        str | None, typer.Option(parser=as_key, metavar="CODE", help="Only about this office.")
    ] = None,
    parent: Annotated[
        str | None,
        typer.Option(
            parser=as_key, metavar="CODE", help="Only about this department and its offices."
        ),
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only about this lead agency, by its Chinese name."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="LOCALE", help="zh_CN or en; default the workspace's.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add somebody, or a group chat, that is told what happens.

    Example:  survey-pipeline notifications add "Bureau group" dingtalk://TOKEN --kind monthly
    """
    from survey_pipeline.notifications.contacts import Concern, add_contact

    if address == "-":
        address = sys.stdin.readline()
    with opened() as app:
        made = add_contact(
            app.context,
            name,
            address,
            kinds or list(NotificationKind),
            Concern(office, parent, agency),
            language,
        )
    if as_json:
        print_json(_document(made))
        return
    stdout().print(say("Contact {number}: {name}.", number=made.id, name=made.name), markup=False)


@group.command("list")
@explained
def list_all(*, as_json: JsonOption = False) -> None:
    """List who is told what; addresses without what opens them.

    Example:  survey-pipeline notifications list
    """
    from survey_pipeline.notifications.contacts import list_contacts

    with opened() as app:
        found = list_contacts(app.context)
    if as_json:
        print_json({"contacts": [_document(contact) for contact in found]})
        return
    if not found:
        stdout().print(
            say("Nobody is told anything yet. Next: survey-pipeline notifications add NAME ADDRESS")
        )
        return
    table = new_table(*(say(heading) for heading in CONTACTS))
    for contact in found:
        kinds = _kinds(contact)
        about = contact.concern.code or say("all")
        table.add_row(str(contact.id), contact.name, contact.shown_address, about, kinds)
    stdout().print(table)


@group.command("remove")
@explained
def remove(number: NumberArgument) -> None:
    """Remove a contact; its address is deleted.

    Example:  survey-pipeline notifications remove 3
    """
    from survey_pipeline.notifications.contacts import remove_contact

    with opened() as app:
        remove_contact(app.context, number)
    stdout().print(say("Contact {number} is told nothing more.", number=number))


@group.command("test")
@explained
def test(number: NumberArgument) -> None:
    """Send a test to a contact. Exit code 4 where its channel did not take it.

    Example:  survey-pipeline notifications test 3
    """
    from survey_pipeline.notifications.sending import send_test_notification

    with opened() as app:
        problem = send_test_notification(app.context, lambda: app.gateways, number)
    if problem is not None:
        stdout().print(shown(problem), markup=False)
        raise typer.Exit(EXIT_CANNOT)
    stdout().print(say("Sent. See that it arrives."))


@group.command("send")
@explained
def send(*, dry_run: DryRunOption = False, as_json: JsonOption = False) -> None:
    """Tell each contact what is new for it, once; `run` and `worker` do so every five minutes.

    Reminders go out on working days within notifications.hours alone. Exit code 4 where a channel
    did not take what it was given.

    Example:  survey-pipeline notifications send --dry-run
    """
    from survey_pipeline.notifications.sending import due_deliveries, send_notifications

    with opened() as app:
        if dry_run:
            done = due_deliveries(app.context)
        else:
            done = send_notifications(app.context, lambda: app.gateways)
    if as_json:
        print_json({"dry_run": dry_run, "deliveries": [_delivery(each) for each in done]})
    else:
        _show(done)
    if any(delivery.problem for delivery in done):
        raise typer.Exit(EXIT_CANNOT)


@group.command("log")
@explained
def log(
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that were not delivered.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the latest notifications and what became of them.

    Example:  survey-pipeline notifications log --failed
    """
    from survey_pipeline.notifications.sent import list_sent

    with opened() as app:
        found = list_sent(app.context, only_failed=failed)
    if as_json:
        print_json({"notifications": [each.to_dict() for each in found]})
        return
    table = new_table(*(say(heading) for heading in SENT))
    for each in found:
        state = say(NOTIFICATION_STATES[each.state])
        why = f": {shown(each.problem)}" if each.problem else ""
        what = f"{say(NOTIFICATIONS[each.kind])} {each.subject}"
        table.add_row(written(each.at), each.contact, what, state + why)
    if found:
        stdout().print(table)
    stdout().print(say("{count} notifications.", count=len(found)))


def _kinds(contact: "Contact") -> str:
    if len(contact.kinds) == len(NotificationKind):
        return say("everything")
    return "\n".join(say(words) for kind, words in NOTIFICATIONS.items() if kind in contact.kinds)


def _document(contact: "Contact") -> dict[str, object]:
    return {
        "id": contact.id,
        "name": contact.name,
        "address": contact.shown_address,
        "kinds": sorted(contact.kinds),
        "office_code": contact.concern.office_code,
        "parent_code": contact.concern.parent_code,
        "agency": contact.concern.agency,
        "language": contact.language,
    }


def _delivery(delivery: "NewsForContact") -> dict[str, object]:
    return {
        "contact": delivery.contact.name,
        "lines": list(delivery.text.lines),
        "problem": shown(delivery.problem) if delivery.problem else None,
    }


def _show(deliveries: "Sequence[NewsForContact]") -> None:
    for delivery in deliveries:
        stdout().print(delivery.contact.name, markup=False)
        for line in delivery.text.lines:
            stdout().print(f"  {line}", markup=False)
        if delivery.problem:
            stdout().print(f"  {shown(delivery.problem)}", markup=False)
    if not deliveries:
        stdout().print(say("There is nothing new to tell."))
