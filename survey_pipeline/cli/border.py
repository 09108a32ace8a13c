"""The border of the command line: how a call ends, whatever went wrong on the way.

What the user can put right is one line on stderr and an exit code (`support.explained`, around
every command); here a call ends that was typed wrong, was interrupted, or has lost its reader.
"""

import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import typer

from survey_pipeline.cli.support import EXIT_BROKEN_PIPE, EXIT_CANNOT, EXIT_INTERRUPTED, say, shown
from survey_pipeline.cli.terminal import prepare_streams, silence, tell
from survey_pipeline.i18n import N_
from survey_pipeline.validation import problem_of

_NO_COMMAND = re.compile(r"No such command '(.*)'\.", re.DOTALL)
"""Typer's sentence; Click has no exception of its own for it."""

_SENTENCES = {
    re.compile(r"Got unexpected extra argument\(s\) \((.*)\)", re.DOTALL): N_(
        "there are too many arguments: {found}"
    ),
    re.compile(r"Option '(.*)' does not take a value\.", re.DOTALL): N_("{found} takes no value"),
    re.compile(r"Option '(.*)' requires .*", re.DOTALL): N_("{found} needs a value behind it"),
}
"""Others of Typer's sentences that come without their parts."""


def run(command: Any, arguments: Sequence[str], name: str) -> int:
    """Run the command line; return its exit code."""
    prepare_streams()
    try:
        code = command.main(list(arguments), prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        _tell_usage(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except (OSError, SystemExit) as error:  # Typer ends the program where a pipe is closed
        return _ended(error)
    return code if isinstance(code, int) else 0


def _ended(error: BaseException) -> int:
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        silence()
        return EXIT_BROKEN_PIPE
    if isinstance(error, OSError):
        silence()  # the rest of what was to be printed has nowhere to go
        return EXIT_CANNOT
    raise error


def _tell_usage(error: typer.TyperException) -> None:
    """Print what is wrong with the command line, and where its help is."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return  # the help stands there already
    tell(_usage(error))
    if context is not None:
        tell(say(N_("Help: {command} --help"), command=context.command_path))


def _usage(error: typer.TyperException) -> str:
    kind, name = type(error).__name__, _parameter(error)
    if kind == "NoSuchOption":
        return _unknown_option(error)
    if unknown := _NO_COMMAND.match(error.message):
        return _unknown_command(unknown[1], getattr(error, "ctx", None))
    if error.message == "Missing command.":
        return say(N_("a command is missing"))
    for sentence, text in _SENTENCES.items():
        if found := sentence.fullmatch(error.message):
            return say(text, found=found[1])
    choices = _choices(error)
    if kind == "MissingParameter":
        text = (
            N_("{name} is missing; choose from {choices}") if choices else N_("{name} is missing")
        )
        return say(text, name=name, choices=choices)
    problem = say(N_("choose from {choices}"), choices=choices) if choices else _problem(error)
    return say(N_("{name}: {problem}"), name=name, problem=problem) if name else problem


def _unknown_option(error: Any) -> str:
    near = [option for option in error.possibilities or () if option != "--help"]
    text = N_("there is no option {option}")
    if near:
        text = N_("there is no option {option}. Did you mean {near}?")
    return say(text, option=error.option_name, near=" / ".join(near))


def _unknown_command(typed: str, context: Any) -> str:
    near = get_close_matches(typed, list(getattr(context.command, "commands", {})))
    text = N_("there is no command {command}")
    if near:
        text = N_("there is no command {command}. Did you mean {near}?")
    return say(text, command=typed, near=" / ".join(near))


def _parameter(error: typer.TyperException) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.display_name_raw)


def _choices(error: typer.TyperException) -> str:
    described = getattr(getattr(error, "param", None), "type_descriptor", None)
    return (
        ", ".join(str(getattr(choice, "value", choice)) for choice in described.choices or ())
        if described
        else ""
    )


def _problem(error: typer.TyperException) -> str:
    """Return what Typer's check found, in words of the catalogue where they have it."""
    found = getattr(error.__cause__, "errors", None)
    if found is None:
        return _of_path(error.message)
    first = found()[0]
    if first["type"] != "value_error":
        return shown(problem_of(first))
    return _of_path(str(first["ctx"]["error"]))


def _of_path(said: str) -> str:
    """Return what Typer says of a path in our words; another sentence as it is."""
    for end, text in _PATHS.items():
        if found := re.fullmatch(rf".*?'(.*)' {re.escape(end)}", said, re.DOTALL):
            return say(text, path=found[1])
    return said


_PATHS = {
    "does not exist.": N_("there is no {path}"),
    "is a file.": N_("{path} is a file, not a folder"),
    "is a directory.": N_("{path} is a folder, not a file"),
    "is not readable.": N_("{path} may not be read"),
    "is not writable.": N_("{path} may not be written"),
}
"""By the ends of Typer's sentences."""
