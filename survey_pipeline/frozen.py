"""Values that are made by the hundred thousand: frozen for whoever writes code, cheap to make.

A frozen dataclass sets each field by way of `object.__setattr__`, and takes many times as long as
another one. `frozen` promises the same to the type checker, which refuses every assignment, and
leaves the check at run time out.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[T]) -> type[T]:
    """Make a class a dataclass whose values compare and hash by their fields and never change."""
    return dataclass(unsafe_hash=True)(kind)
