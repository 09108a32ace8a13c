"""Texts that operators edit, as Jinja2 files: rendered in a sandbox that bounds time and size.

Whoever may edit a text must not thereby run programs, read secrets or stop the service. So a text
has variables, conditions, simple expressions, some filters, and loops that are not nested; strings
stay short, and numbers small. Source: Jinja, "Sandbox".
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from survey_pipeline.edited import Unreadable, read_edited
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import N_

LARGEST_FILE = 8_192
"""Characters of a file."""
LONGEST_TEXT = 2_000
"""Characters of a text, and of any part of it on the way: no provider takes as many."""
LONGEST_LOOP = 1_000
LARGEST_NUMBER = 10**9

FILTERS = frozenset(
    {
        "abs", "capitalize", "d", "default", "first", "float", "int", "join", "last", "length",
        "lower", "max", "min", "replace", "reverse", "round", "string", "title", "trim",
        "truncate", "upper",
    }
)  # fmt: skip
METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(
        {
            "capitalize", "endswith", "find", "isdigit", "lower", "lstrip", "removeprefix",
            "removesuffix", "replace", "rstrip", "split", "startswith", "strip", "title",
            "upper",
        }
    ),
    date: frozenset({"isoformat", "isoweekday", "strftime", "weekday"}),
    LoopContext: frozenset({"cycle"}),
}  # fmt: skip
"""What a text may call, by the type it is called on."""
_WORDS: Mapping[type[nodes.Node], str] = {
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Extends: "extends",
    nodes.Block: "block",
}
"""Statements that a text does not have."""
_PLACE_PARTS = 3
"""Of a template's path: `templates/sms/survey.txt`."""
_FAULTS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class TextTemplate:
    """One file, read and checked."""

    def __init__(self, path: Path, source: str, compiled: Template) -> None:
        self.source = source
        self._path = path
        self._compiled = compiled

    def render(self, variables: Mapping[str, Any]) -> str:
        """Fill the text in; line ends and blanks around it are cut.

        Raises:
            ConfigurationError: the file uses a variable that there is not, or does what it may not.
        """
        written, size = [], 0
        try:
            for piece in self._compiled.generate(variables):
                size += len(piece)
                if size > LONGEST_TEXT:
                    raise SecurityError(f"the text is longer than {LONGEST_TEXT} characters")
                written.append(piece)
        except _FAULTS as error:
            raise _unusable(self._path, error) from error
        return "".join(written).strip()


def read_text_template(path: Path) -> TextTemplate:
    """Read a file of a folder under `templates/`.

    Raises:
        ConfigurationError: it is missing, is no template, or asks for what a text does not have.
    """
    try:
        source = read_edited(path)
        compiled = _compiled(source)
    except FileNotFoundError as error:
        raise ConfigurationError(
            "{file} is missing. Run init: it puts the shipped text there",
            file=shown(path),
        ) from error
    except (*_FAULTS, Unreadable) as error:
        raise _unusable(path, error) from error
    return TextTemplate(path, source, compiled)


def shown(path: Path) -> str:
    """Return how messages name a template: by its place in the workspace."""
    return "/".join(path.parts[-_PLACE_PARTS:])


def _unusable(path: Path, error: Exception) -> ConfigurationError:
    """Return the error for a text that cannot be used: the file, the line, what to do."""
    known = {"file": shown(path), "problem": _problem(error), "line": _line(error)}
    text = N_("{file} cannot be used: {problem}. Correct it; no restart is needed")
    if known["line"]:
        text = N_("{file} cannot be used: line {line}: {problem}. Correct it; no restart is needed")
    return ConfigurationError(text, **known)


def _problem(error: Exception) -> object:
    if isinstance(error, Unreadable):
        return error.problem
    return str(error).rstrip(".") or type(error).__name__


def _line(error: Exception) -> int | None:
    """Return the line of the file: Jinja names it, or puts it into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _compiled(source: str) -> Template:
    if len(source) > LARGEST_FILE:
        raise SecurityError(f"the file has more than {LARGEST_FILE} characters")
    tree = _ENVIRONMENT.parse(source)
    _check(tree)
    return _ENVIRONMENT.from_string(_Bounding().visit(tree))


def _check(node: nodes.Node, *, looping: bool = False) -> None:
    """Refuse what a text does not have, and what could run for ever or grow without end."""
    if word := _WORDS.get(type(node)):
        raise TemplateSyntaxError(f"a text has no {{% {word} %}}", node.lineno)
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise TemplateSyntaxError(f"a text has no filter {node.name}", node.lineno)
    if isinstance(node, nodes.For):
        if looping or node.recursive:
            raise TemplateSyntaxError("a text has no loop within a loop", node.lineno)
        looping = True
    for child in node.iter_child_nodes():
        _check(child, looping=looping)


class _Bounding(NodeTransformer):
    """Puts what the sandbox does not see through filters of ours that bound it."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "join")

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        node.iter = _filtered(node.iter, _LOOP)
        return node


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    made = nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
    made.set_environment(_ENVIRONMENT)
    return made


_LOOP = "bounded loop"
"""A name that no text can write."""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def is_safe_callable(self, obj: Any) -> bool:
        """Return whether a text may call it."""
        if obj is _range:
            return True
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        return any(isinstance(owner, kind) and name in METHODS[kind] for kind in METHODS)

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a text calls; the result is bounded."""
        if getattr(obj, "__name__", "") == "replace" and self.is_safe_callable(obj):
            return _replace(obj.__self__, *args, **kwargs)
        return _bounded(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute; only sums may be of strings, and there are no powers."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or (operator in {"*", "%"} and not numbers):
            raise SecurityError(f"a text has no {operator} of these values")
        return _bounded(super().call_binop(context, operator, left, right))


def _bounded(value: Any) -> Any:
    size = abs(value) / LARGEST_NUMBER if isinstance(value, int | float) else 0
    if hasattr(value, "__len__"):
        size = len(value) / LONGEST_TEXT
    if size > 1:
        raise SecurityError("a part of the text is too large")
    return value


def _short(values: Any) -> Any:
    if hasattr(values, "__len__") and len(values) > LONGEST_LOOP:
        raise SecurityError(f"a loop is longer than {LONGEST_LOOP} rounds")
    return values


def _range(*bounds: int) -> range:
    found: range = _short(range(*bounds))
    return found


def _replace(text: Any, old: str, new: str, count: int = -1) -> str:
    text, old, new = str(text), str(old), str(new)
    if not old or len(text) + text.count(old) * len(new) > LONGEST_TEXT:
        raise SecurityError("a part of the text is too large")
    return str(text.replace(old, new, count))


def _bounding(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter whose result is bounded."""

    @wraps(work)  # Jinja looks at marks that it has put onto the function
    def bounded(*args: Any, **kwargs: Any) -> Any:
        return _bounded(work(*args, **kwargs))

    return bounded


def _sandbox() -> _Sandbox:
    made = _Sandbox(
        undefined=StrictUndefined,
        autoescape=False,
    )
    made.globals = {"range": _range}
    filters = {name: _bounding(made.filters[name]) for name in FILTERS}
    made.filters = {**filters, "replace": _replace, _LOOP: _short}
    return made


_ENVIRONMENT = _sandbox()
