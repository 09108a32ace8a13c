"""The sandbox in which edited templates are filled in: texts and documents that operators edit.

Whoever may edit a template must not thereby run programs, read secrets or stop the service. So a
template has variables, conditions, simple expressions and some filters; its loops, strings and
numbers are bounded. Source: Jinja, "Sandbox".
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

LONGEST_PART = 2_000
"""Characters of what a template computes on the way."""
LONGEST_RANGE = 1_000
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
FAULTS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading or filling in a template may raise."""


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """An environment that refuses what a template does not have, and bounds what it does."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, *, longest_loop: int, deepest_loop: int, autoescape: bool) -> None:
        """Make it.

        Args:
            longest_loop: rounds.
            deepest_loop: how many loops may stand in each other.
            autoescape: whether values are escaped for XML.
        """
        super().__init__(undefined=StrictUndefined, autoescape=autoescape)
        self._longest_loop, self._deepest_loop = longest_loop, deepest_loop
        self.globals = {"range": _range}
        filters = {name: _bounding(self.filters[name]) for name in FILTERS}
        self.filters = {**filters, "replace": _replace, _LOOP: self._short}

    def compiled(self, source: str) -> Template:
        """Check and compile a template.

        Raises:
            TemplateError: it is none, or asks for what a template does not have.
        """
        tree = self.parse(source)
        self._check(tree, loops=0)
        return super().from_string(_Bounding(self).visit(tree))

    def _check(self, node: nodes.Node, *, loops: int) -> None:
        """Refuse what a template does not have, and what could run or grow without end."""
        if word := _WORDS.get(type(node)):
            raise TemplateSyntaxError(f"a text has no {{% {word} %}}", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateSyntaxError(f"a text has no filter {node.name}", node.lineno)
        if isinstance(node, nodes.For):
            loops += 1
            if loops > self._deepest_loop or node.recursive:
                raise TemplateSyntaxError("a text has no loop within a loop", node.lineno)
        for child in node.iter_child_nodes():
            self._check(child, loops=loops)

    def _short(self, values: Any) -> Any:
        if hasattr(values, "__len__") and len(values) > self._longest_loop:
            raise SecurityError(f"a loop is longer than {self._longest_loop} rounds")
        return values

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


class _Bounding(NodeTransformer):
    """Puts what the sandbox does not see through filters of ours that bound it."""

    def __init__(self, environment: TemplateSandbox) -> None:
        self._environment = environment

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        return self._filtered(nodes.List(node.nodes, lineno=node.lineno), "join")

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        node.iter = self._filtered(node.iter, _LOOP)
        return node

    def _filtered(self, node: nodes.Node, name: str) -> nodes.Filter:
        made = nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
        made.set_environment(self._environment)
        return made


_LOOP = "bounded loop"
"""A name that no template can write."""


def _bounded(value: Any) -> Any:
    size = abs(value) / LARGEST_NUMBER if isinstance(value, int | float) else 0
    if hasattr(value, "__len__"):
        size = len(value) / LONGEST_PART
    if size > 1:
        raise SecurityError("a part of the text is too large")
    return value


def _range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > LONGEST_RANGE:
        raise SecurityError(f"a loop is longer than {LONGEST_RANGE} rounds")
    return found


def _replace(text: Any, old: str, new: str, count: int = -1) -> str:
    text, old, new = str(text), str(old), str(new)
    if not old or len(text) + text.count(old) * len(new) > LONGEST_PART:
        raise SecurityError("a part of the text is too large")
    return str(text.replace(old, new, count))


def _bounding(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter whose result is bounded."""

    @wraps(work)  # Jinja looks at marks that it has put onto the function
    def bounded(*args: Any, **kwargs: Any) -> Any:
        return _bounded(work(*args, **kwargs))

    return bounded


def line_of(error: Exception) -> int | None:
    """Return the line of a template that a fault is on: Jinja names it, or the traceback does."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
