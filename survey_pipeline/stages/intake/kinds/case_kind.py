"""The kind of file that reports service cases."""

import re

from survey_pipeline.phones import COUNTRY, KNOWN_MOBILE
from survey_pipeline.stages.intake.kinds.file_kind import OFFICE_CODE, REMARK, FileColumn, FileKind
from survey_pipeline.stages.intake.values.cells import read_key, read_phone, read_text
from survey_pipeline.stages.intake.values.dates import read_date
from survey_pipeline.vocabulary import RecordKind

_PLAIN_KEY = re.compile(r"(?=[A-Za-z_\-]*[0-9])[A-Za-z0-9_\-]{1,60}")
"""With a digit: letters alone may be a word that says that there is nothing."""

CASE_NO = FileColumn(
    "case_no", ("办件编号", "办件号", "业务编号", "流水号"), read_key, plain=_PLAIN_KEY
)

CASES = FileKind(
    RecordKind.CASES,
    (
        OFFICE_CODE,
        CASE_NO,
        FileColumn(
            "served_on", ("服务日期", "办理日期", "办件日期", "办结日期", "日期"), read_date
        ),
        FileColumn(
            "phone",
            ("联系电话", "手机号码", "手机号", "手机", "电话"),
            read_phone,
            plain=KNOWN_MOBILE,
            prefix=COUNTRY,
        ),
        FileColumn("item", ("服务事项", "办理事项", "事项名称", "事项"), read_text),
        FileColumn("channel", ("服务方式", "办理方式", "渠道"), read_text, required=False),
        FileColumn("subject_type", ("对象类型", "服务对象类型"), read_text, required=False),
        FileColumn(
            "citizen_name",
            ("服务对象姓名", "姓名", "办事人"),
            read_text,
            required=False,
            person=True,
        ),
        REMARK,
    ),
    key=("office_code", "case_no"),
    most_rows=None,
)
