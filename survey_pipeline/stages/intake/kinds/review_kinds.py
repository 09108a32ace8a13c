"""The kinds of files of the online review: the pool of representatives, and ballots on paper.

A ballot is secret: a reason repeats no cell of its row, and `FileKind.secret` keeps answers out of
the rejected file and the file's hash out of the database.
"""

from collections.abc import Collection

from survey_pipeline.i18n import Message
from survey_pipeline.phones import COUNTRY, KNOWN_MOBILE
from survey_pipeline.stages.intake.file_summary import RefusedRow
from survey_pipeline.stages.intake.kinds.file_kind import OFFICE_CODE, FileColumn, FileKind
from survey_pipeline.stages.intake.values.cells import ANSWER_WORDS, read_key, read_phone, read_text
from survey_pipeline.typed import folded, tidy
from survey_pipeline.vocabulary import RecordKind

TELLING = ("满", "一般", "satis", "neutral")
"""Parts of words by which a cell may be an answer, in any column and any spelling."""
NO_ANSWER = Message("the answer is none of the three: satisfied, neutral, dissatisfied")


def read_answer(cell: str) -> object:
    """Read a ballot's answer; the reason for refusing one does not repeat it."""
    return ANSWER_WORDS.get("".join(folded(tidy(cell)).split()).casefold(), NO_ANSWER)


def withheld(row: RefusedRow, named: Collection[int]) -> RefusedRow:
    """Return a refused ballot as its file may show it: the voter and the office, no answer.

    Args:
        row: as it was refused.
        named: positions of the key's columns. A cell there that may be an answer is left out too;
            if the cells may have moved out of their columns, all are left out.
    """
    moved = any(not problem.column for problem in row.problems)
    cells = [
        cell if index in named and not moved and not _is_telling(cell) else ""
        for index, cell in enumerate(row.cells)
    ]
    return row._replace(cells=cells)


def _is_telling(cell: str) -> bool:
    text = folded(cell).casefold()
    return any(word in text for word in TELLING)


REP_NO = FileColumn("rep_no", ("评议代表编号", "代表编号", "代表证号", "编号"), read_key)

REPRESENTATIVES = FileKind(
    RecordKind.REPRESENTATIVES,
    (
        REP_NO,
        FileColumn("name", ("评议代表姓名", "代表姓名", "姓名"), read_text, person=True),
        FileColumn(
            "phone",
            ("联系电话", "手机号码", "手机号", "手机", "电话"),
            read_phone,
            plain=KNOWN_MOBILE,
            prefix=COUNTRY,
        ),
        FileColumn("group", ("代表组别", "代表类别", "组别", "界别"), read_text, required=False),
    ),
    key=("rep_no",),
    yearly=True,
)

BALLOTS = FileKind(
    RecordKind.BALLOTS,
    (
        REP_NO,
        OFFICE_CODE,
        FileColumn(
            "answer", ("评议意见", "评价结果", "评价", "评议", "满意度", "意见"), read_answer
        ),
    ),
    key=("rep_no", "office_code"),
    yearly=True,
    secret=True,
)

REVIEW_KINDS = (REPRESENTATIVES, BALLOTS)
