"""The layout of the shipped papers, after GB/T 9704: page, fonts, line pitch, page numbers, tables.

Chinese papers keep the standard's measures; English ones use the same page with smaller type.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

WIDTH = 156
"""Millimetres between the margins: 210 - 28 - 26."""
RED = RGBColor(0xD0, 0x00, 0x00)


@dataclass(frozen=True)
class Type:
    """The type of one language."""

    latin: str
    body: tuple[str, float]
    """Font and points, as the others."""
    title: tuple[str, float]
    heading: tuple[str, float]
    number: tuple[str, float]
    table: float
    pitch: float | None
    """Exact points from line to line; None: by the font."""
    indent: float
    """Points of a paragraph's first line."""
    bold_heads: bool
    top: float = 37
    """Millimetres of margin, as the bottom one."""
    bottom: float = 35


CHINESE = Type(
    "Times New Roman", ("仿宋_GB2312", 16), ("方正小标宋简体", 22), ("黑体", 16), ("宋体", 14),
    10.5, 28, 32, bold_heads=False,
)  # fmt: skip
ENGLISH = Type(
    "Times New Roman", ("宋体", 11), ("宋体", 17), ("宋体", 13), ("宋体", 10),
    9, None, 0, bold_heads=True,
)  # fmt: skip


CHINESE_FORM = replace(
    CHINESE, body=("仿宋_GB2312", 12), heading=("黑体", 12), number=("宋体", 10.5), table=9,
    pitch=20, indent=24, top=25, bottom=22,
)  # fmt: skip
"""A form of few pages: the same fonts, smaller and closer."""
ENGLISH_FORM = replace(
    ENGLISH, body=("宋体", 10), heading=("宋体", 11), table=8.5, top=25, bottom=22
)


class Sheet:
    """One document in the making."""

    def __init__(self, type_: Type, title: str) -> None:
        self.type = type_
        self.document = Document()
        self._page()
        self._styles()
        self._numbers()
        self._named(title)

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(self.type.top), Mm(self.type.bottom)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(self.type.bottom - 9)

    def _styles(self) -> None:
        styles = self.document.styles
        for name, (font, size) in {
            "Normal": self.type.body, "Title": self.type.title,
            "Heading 1": self.type.heading, "Heading 2": self.type.body,
        }.items():  # fmt: skip
            style: Any = styles[name]
            self._font(style, font, size)
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.font.italic = False
            style.font.bold = self.type.bold_heads and name != "Normal"
            self._spacing(style.paragraph_format)
            style.paragraph_format.keep_with_next = name != "Normal"
            for border in style.element.findall(".//" + qn("w:pBdr")):
                border.getparent().remove(border)
        title: Any = styles["Title"]
        title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.paragraph_format.space_after = Pt(14)
        if self.type.pitch:
            title.paragraph_format.line_spacing = Pt(35)
        small: Any = styles.add_style("Small", WD_STYLE_TYPE.PARAGRAPH)
        small.base_style, small.font.size = styles["Normal"], Pt(self.type.table)
        small.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        small.paragraph_format.line_spacing = 1.0
        small.paragraph_format.space_before = small.paragraph_format.space_after = Pt(1.5)
        for name in ("Heading 1", "Heading 2"):
            heading: Any = styles[name]
            heading.paragraph_format.first_line_indent = Pt(self.type.indent)
            heading.paragraph_format.space_before = Pt(0 if self.type.pitch else 8)

    def _font(self, style: Any, font: str, size: float) -> None:
        style.font.name, style.font.size = self.type.latin, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for name in list(fonts.attrib):
            if name.endswith("Theme"):
                del fonts.attrib[name]
        fonts.set(qn("w:eastAsia"), font)

    def _spacing(self, form: Any) -> None:
        form.space_before = form.space_after = Pt(0)
        form.widow_control = True
        if self.type.pitch:
            form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(self.type.pitch)
        else:
            form.line_spacing, form.space_after = 1.15, Pt(4)

    def _numbers(self) -> None:
        """Put `— 1 —` at the outer edge: odd pages on the right, even ones on the left."""
        self.document.settings.odd_and_even_pages_header_footer = True
        section = self.document.sections[0]
        for footer, side in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ):
            paragraph = footer.paragraphs[0]
            paragraph.alignment = side
            for part in ("— ", "PAGE", " —"):
                run = paragraph.add_run("" if part == "PAGE" else part)
                font, size = self.type.number
                run.font.size, run.font.name = Pt(size), self.type.latin
                run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
                if part == "PAGE":
                    for kind in ("begin", None, "separate", "end"):
                        run._element.append(_field(kind))

    def _named(self, title: str) -> None:
        core = self.document.core_properties
        core.title, core.author, core.comments = title, "", ""

    def red_heading(self) -> None:
        """Add the issuing office's name in red over a red line, if there is one."""
        self.tag("{%p if heading %}")
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.SINGLE, 1.0
        form.space_after = Pt(20)
        run = paragraph.add_run("{{ heading }}")
        run.font.color.rgb, run.font.size = RED, Pt(36 if self.type.pitch else 28)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), self.type.title[0])
        border, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
        for name, value in (("val", "single"), ("sz", "16"), ("space", "8"), ("color", "D00000")):
            line.set(qn(f"w:{name}"), value)
        border.append(line)
        paragraph._p.get_or_add_pPr().append(border)
        self.tag("{%p endif %}")

    def title(self, text: str) -> None:
        """Add the title."""
        self.document.add_paragraph(text, style="Title")

    def head(self, text: str, level: int = 1) -> None:
        """Add a heading."""
        self.document.add_paragraph(text, style=f"Heading {level}")

    def tag(self, text: str) -> None:
        """Add a paragraph that holds a condition or a loop, and is gone when it is filled in."""
        self.document.add_paragraph(text)

    def say(self, text: str, *, indent: bool = True, bold: bool = False) -> None:
        """Add a paragraph of running text."""
        paragraph = self.document.add_paragraph()
        if indent:
            paragraph.paragraph_format.first_line_indent = Pt(self.type.indent)
        paragraph.paragraph_format.alignment = (
            WD_ALIGN_PARAGRAPH.JUSTIFY if self.type.pitch else WD_ALIGN_PARAGRAPH.LEFT
        )
        paragraph.add_run(text).bold = bold

    def each(self, names: str, text: str = "{{ sentence }}", *, bold: bool = False) -> None:
        """Add a paragraph for each of some sentences."""
        self.tag(f"{{%p for sentence in {names} %}}")
        self.say(text, bold=bold)
        self.tag("{%p endfor %}")

    def when(self, name: str, *texts: str) -> None:
        """Add paragraphs that are there if a field has something."""
        self.tag(f"{{%p if {name} %}}")
        for text in texts:
            self.say(text)
        self.tag("{%p endif %}")

    def small(self, text: str) -> None:
        """Add a remark under a table."""
        form = self.document.add_paragraph(text, style="Small").paragraph_format
        form.space_before, form.space_after = Pt(3), Pt(6)

    def small_each(self, names: str) -> None:
        """Add a remark for each of some sentences."""
        self.tag(f"{{%p for sentence in {names} %}}")
        self.document.add_paragraph("{{ sentence }}", style="Small")
        self.tag("{%p endfor %}")

    def offices_named(self, field: str, none: str, text: str) -> None:
        """Add a paragraph for each category with offices that are named, or say that none are."""
        self.tag(f"{{%p for group in {field} %}}")
        self.say(text)
        self.tag("{%p else %}")
        self.say(none)
        self.tag("{%p endfor %}")

    def signature(self) -> None:
        """Add who issues it and when, kept together at the right."""
        for text in ("{{ organisation }}", "{{ today }}"):
            paragraph = self.document.add_paragraph(text)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            form = paragraph.paragraph_format
            form.right_indent = Pt(2 * self.type.body[1])
            form.keep_with_next = form.keep_together = True
            if text == "{{ organisation }}":
                form.space_before = Pt(self.type.pitch or 16)

    def table(
        self,
        heads: Sequence[str],
        widths: Sequence[float],
        rows: Sequence[Sequence[str] | str],
        figures: Sequence[int] = (),
    ) -> None:
        """Add a table whose heading repeats on each page and whose rows stay whole.

        Args:
            heads: of the columns.
            widths: in millimetres; together `WIDTH`.
            rows: cells, or the tag of a condition or loop that takes a row of its own; a cell
                that begins with `**` is bold.
            figures: columns that are set to the right.
        """
        assert sum(widths) == WIDTH, widths
        table = self.document.add_table(rows=0, cols=len(heads), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        self._row(table, [f"**{head}" for head in heads], widths, figures)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell in table.rows[0].cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
        for row in rows:
            if isinstance(row, str):
                cells = table.add_row().cells
                cells[0].merge(cells[-1]).paragraphs[0].add_run(row)
            else:
                self._row(table, row, widths, figures)

    def _row(
        self,
        table: Any,
        texts: Sequence[str],
        widths: Sequence[float],
        figures: Sequence[int],
    ) -> None:
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for place, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
            cell.width = Mm(width)
            paragraph = cell.paragraphs[0]
            paragraph.style = self.document.styles["Small"]
            if place in figures:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for number, part in enumerate(text.removeprefix("**").split("\n")):
                if number:
                    paragraph.add_run().add_break()
                paragraph.add_run(part).bold = text.startswith("**") or None


def _field(kind: str | None) -> Any:
    """Return a piece of the field that is the page's number; None is its instruction."""
    if kind is None:
        made = OxmlElement("w:instrText")
        made.text = "PAGE"
        return made
    made = OxmlElement("w:fldChar")
    made.set(qn("w:fldCharType"), kind)
    return made
