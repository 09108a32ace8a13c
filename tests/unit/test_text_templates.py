"""Whoever may edit a text must not thereby run programs, read secrets or stop the service."""

from datetime import date
from pathlib import Path

import pytest

from survey_pipeline.edited import shipped
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.text_templates import read_text_template

VARIABLES = {"office": "注册处", "item": "企业设立登记", "served_on": date(2023, 5, 4)}


def render(tmp_path: Path, source: str) -> str:
    path = tmp_path / "templates" / "sms" / "survey.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return read_text_template(path).render(VARIABLES)


def refused(tmp_path: Path, source: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        render(tmp_path, source)
    return str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ item|attr('__class__') }}",
        "{{ item['__class__'] }}",
        "{{ served_on.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ range.__globals__ }}",
        "{{ '{0.__class__.__init__}'.format(item) }}",
        "{{ '%s' % item.__class__ }}",
        "{{ '{a.__class__}'.format_map({'a': item}) }}",
        "{{ '%(x)s'|format(x=item.__class__) }}",
        "{{ ['__class__']|map('attr') }}",
        "{{ [item]|map(attribute='__class__')|list }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'survey.txt' %}",
        "{% set item.x = 1 %}",
        "{{ served_on.replace(year=1) }}",
        "{{ item.encode() }}",
    ],
)
def test_a_text_reaches_nothing_but_its_variables(tmp_path: Path, source: str) -> None:
    assert "survey.txt" in refused(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(1000000000) %}x{% endfor %}",
        (
            "{% for a in range(900) %}{% for b in range(900) %}{% for c in range(900) %}"
            "{% endfor %}{% endfor %}{% endfor %}"
        ),
        "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set f %}{{ 'x' * 1000000000 }}{% endset %}",
        "{{ 'x' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ 999999999 * 999999999 * 999999999 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x'|indent(1000000000) }}",
        "{{ ['x']|batch(1000000000, 'y')|list }}",
        "{{ lipsum(100000) }}",
        "{% set a = 'xx' %}" + "{% set a = a ~ a %}" * 100 + "{{ a }}",
        "{% set a = 'xx' %}" + "{% set a = a + a %}" * 100 + "{{ a }}",
        "{% set a = 'xx' %}" + "{% set a = a|replace('x', 'xxxxxxxxxx') %}" * 100 + "{{ a }}",
        "{% set a = 'xx' %}" + "{% set a = a.replace('', 'xxxxxxxxxx') %}" * 100 + "{{ a }}",
        "{% set a = 'xx' %}" + "{% set a = [a, a]|join %}" * 100 + "{{ a }}",
        "{% set a = 2 %}" + "{% set a = a * a %}" * 100 + "{{ a }}",
        "{% for a in range(1000) %}xxxxxxxxxx{% endfor %}",
        "x" * 1_000_000,
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    ],
)
def test_a_text_can_neither_run_for_long_nor_grow_large(tmp_path: Path, source: str) -> None:
    """Each would otherwise take hours, or all memory there is."""
    assert "survey.txt" in refused(tmp_path, source)


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("{{ item|truncate(4, true, '…', 0) }}", "企业设…"),
        ("{{ office ~ '/' ~ served_on.day }}", "注册处/4"),
        ("{% for one in ['a', 'b'] %}{{ loop.index }}{{ one }}{% endfor %}", "1a2b"),
        ("{% for one in range(3) %}{{ loop.cycle('x', 'y') }}{% endfor %}", "xyx"),
        ("{% if item.startswith('企业') %}A{% else %}B{% endif %}", "A"),
        ("{{ served_on.strftime('%Y-%m-%d') }}", "2023-05-04"),
        ("{{ served_on.month + 1 }}/{{ 10 - 3 * 2 }}", "6/4"),
        ("{{ item.replace('企业', '公司')|replace('登记', '') }}", "公司设立"),
        ("{% set name = office + '！' %}{{ name|trim }}", "注册处！"),
    ],
)
def test_what_a_text_needs_is_there(tmp_path: Path, source: str, written: str) -> None:
    assert render(tmp_path, source) == written


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("a\n{{ ofice }}", 2),
        ("a\nb\n{% if %}", 3),
        ("a\n\n\n{{ item.x.y }}", 4),
        ("{{ item\n", 1),
        ("a\n{{ 1 / 0 }}", 2),
    ],
)
def test_the_error_names_file_line_and_remedy(tmp_path: Path, source: str, line: int) -> None:
    said = refused(tmp_path, source)
    assert said.startswith(f"templates/sms/survey.txt cannot be used: line {line}: ")
    assert said.endswith("Correct it; no restart is needed")


def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "survey.txt").write_bytes("满意".encode("gbk"))
    with pytest.raises(ConfigurationError, match="save it as UTF-8"):
        read_text_template(tmp_path / "survey.txt")


def test_the_shipped_texts_render() -> None:
    known = {
        "organisation": "市评议办",
        "parent": "市场监督管理局",
        "year": 2023,
        "link": "https://x",
    }
    for path in (shipped() / "templates").rglob("*.txt"):
        assert read_text_template(path).render({**VARIABLES, **known})
