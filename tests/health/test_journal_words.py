"""The journal has a word for whatever the program writes into the audit log."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import survey_pipeline
from survey_pipeline.vocabulary import AuditAction, RecordKind
from survey_pipeline.vocabulary.names import AUDIT_ACTIONS
from survey_pipeline.web.words import THINGS

ROOT = Path(str(survey_pipeline.__file__)).parent


@dataclass(frozen=True)
class Module:
    """A file of the package: its dotted name and its tree."""

    name: str
    tree: ast.Module

    def constant(self, name: str) -> str:
        """Return the text of a module's own constant."""
        value = getattr(importlib.import_module(self.name), name)
        assert isinstance(value, str), f"{self.name}: {name} is no text"
        return value


def modules() -> Iterator[Module]:
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "audit" in text:
            dotted = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            yield Module(dotted.removesuffix(".__init__"), ast.parse(text))


def written_kinds(module: Module) -> set[str]:
    """Return the kinds of a module's calls of `audit.entry`."""
    return {
        kind
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.entry"
        for keyword in call.keywords
        if keyword.arg == "kind"
        for kind in read(module, function, keyword.value)
    }


def read(module: Module, function: ast.FunctionDef, value: ast.expr) -> set[str]:
    """Return what an expression may be: a text, a constant, a `RecordKind`, or an argument."""
    arguments = [one.arg for one in function.args.args]
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.Attribute) and value.attr == "value":
        return {one.value for one in RecordKind}
    assert isinstance(value, ast.Name), f"{module.name}: cannot read {ast.unparse(value)}"
    if value.id not in arguments:
        return {module.constant(value.id)}
    place = arguments.index(value.id)
    given = [
        read(module, function, call.args[place])
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == function.name
    ]
    assert given, f"{module.name}: nobody calls {function.name}"
    return set[str]().union(*given)


def test_whatever_is_audited_has_a_word_in_the_journal() -> None:
    found = {module.name: written_kinds(module) for module in modules()}
    written = set[str]().union(*found.values())
    assert {"call_attempts", "cases", "objections", "users", "uploads", "answers"} <= written
    assert {name: kinds - set(THINGS) for name, kinds in found.items() if kinds - set(THINGS)} == {}


def test_the_journal_has_no_word_for_what_nobody_writes() -> None:
    written = set[str]().union(*(written_kinds(module) for module in modules()))
    assert set(THINGS) - written == set()


def test_every_action_has_a_word() -> None:
    assert set(AUDIT_ACTIONS) == set(AuditAction)
