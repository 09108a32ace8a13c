"""The words of `--help` in the reader's language.

Help is written beside its command, in English, and translated as it is shown: by paragraph, so that
an example is never rewritten. `extract` hands the same paragraphs to the catalogue.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from survey_pipeline.i18n import N_, translate

EXAMPLE = re.compile(r"^Examples?:", re.MULTILINE)
"""Begins the paragraphs that hold commands: their label alone is translated."""
LABELS = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "ERRORS_PANEL_TITLE": N_("Error"),
    "DEFAULT_STRING": N_("[default: {}]"),
    "ENVVAR_STRING": N_("[env var: {}]"),
    "REQUIRED_LONG_STRING": N_("[required]"),
}
"""Typer's own words around the help: the constants of `typer.rich_utils`."""
USAGE, OPTIONS = N_("Usage: "), N_("[OPTIONS]")
COMMAND = "COMMAND [ARGS]..."
"""How Typer writes that a group has commands below it."""
TYPES = (N_("int range"), N_("int"), N_("str"), N_("float"))
"""What Typer calls the values of an option, between angle brackets."""
EXAMPLE_LABELS = (N_("Example:"), N_("Examples:"))
LABELLED = (N_("Example:"), N_("Examples:"), N_("Show this message and exit."))


def shows_help(command: Any, arguments: Sequence[str]) -> bool:
    """Return whether a call ends in help: it is asked for, or a group is named alone."""
    for argument in arguments:
        command = getattr(command, "commands", {}).get(argument, command)
    return "--help" in arguments or bool(getattr(command, "commands", None))


def speak(command: Any, locale: str) -> None:
    """Translate the help of a command and of all below it, in place.

    Args:
        command: the root of the command line, as `typer.main.get_command` returns it.
        locale: of the catalogue; English is left as it is.
    """
    import typer.rich_utils

    if locale == "en":
        return
    for name, text in LABELS.items():
        setattr(typer.rich_utils, name, translate(text, locale))
    for shown in _with_help(command):
        shown.help = "\n\n".join(_translated(text, locale) for text in paragraphs(shown.help))
    _speak_usage(command, locale)


def _speak_usage(command: Any, locale: str) -> None:
    """Translate the line of usage and the types of values, of a command and of all below it."""
    written = command.get_usage
    command.get_usage = lambda ctx: written(ctx).replace(USAGE, translate(USAGE, locale), 1)
    if command.options_metavar == OPTIONS:
        command.options_metavar = translate(OPTIONS, locale)
    if getattr(command, "subcommand_metavar", None) == COMMAND:
        words = translate(N_("COMMAND"), locale), translate(N_("ARGS"), locale)
        command.subcommand_metavar = "{} [{}]...".format(*words)
    for parameter in command.params:
        _speak_type(parameter, locale)
    for below in getattr(command, "commands", {}).values():
        _speak_usage(below, locale)


def _speak_type(parameter: Any, locale: str) -> None:
    written = parameter.display_type_rich

    def spoken(ctx: Any) -> str | None:
        shown: str | None = written(ctx)
        for name in TYPES:
            shown = shown and shown.replace(f"<{name}>", f"<{translate(name, locale)}>")
        return shown

    parameter.display_type_rich = spoken


def name_choices(command: Any, locale: str) -> None:
    """Write the values of a choice into its help text, and give switches no value type.

    Typer writes choices beside the option's name, in a column so narrow that words break.
    """
    import typer

    for parameter in (*command.params, command.get_help_option(typer.Context(command))):
        described = parameter.type_descriptor
        if getattr(parameter, "is_flag", False):
            parameter.display_type_rich = lambda ctx: None
        elif described.is_choice:
            parameter.display_type_rich = lambda ctx: None
            choices = ", ".join(
                str(getattr(choice, "value", choice)) for choice in described.choices
            )
            said = translate(N_("One of: {choices}."), locale).format(choices=choices)
            parameter.help = f"{parameter.help or ''} {said}".strip()
    for below in getattr(command, "commands", {}).values():
        name_choices(below, locale)


def _with_help(command: Any) -> Iterator[Any]:
    """Yield a command, its parameters and all below it, where they have help."""
    import typer

    help_option = command.get_help_option(typer.Context(command))  # made when first asked for
    for shown in (command, *command.params, help_option):
        if getattr(shown, "help", None):
            yield shown
    for below in getattr(command, "commands", {}).values():
        yield from _with_help(below)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a help text; a paragraph of prose on one line."""
    found = re.split(r"\n\s*\n", text.strip())
    return [part if EXAMPLE.match(part) else " ".join(part.split()) for part in found]


def _translated(paragraph: str, locale: str) -> str:
    if EXAMPLE.match(paragraph):
        return EXAMPLE.sub(lambda label: translate(label[0], locale), paragraph)
    return translate(paragraph, locale)


def extract(file: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """Yield the texts of `cli/main.py` and the paragraphs of all help (an extractor of Babel)."""
    import typer.main
    from babel.messages.extract import extract_python

    from survey_pipeline.cli.main import app

    yield from extract_python(file, keywords, comment_tags, options)
    for shown in _with_help(typer.main.get_command(app)):
        for paragraph in paragraphs(shown.help):
            if not EXAMPLE.match(paragraph):
                yield 1, None, paragraph, []
