"""Parts of the OpenAPI description besides the models: the request body, examples, refusals."""

from typing import Any

from survey_pipeline.stages.intake.kinds import CASES

MONTH_PATTERN = "^[0-9]{4}-(0[1-9]|1[0-2])$"

_ABOUT = {
    "office_code": "The key's own office.",
    "case_no": "Number of the case; with the office it is the key.",
    "served_on": "Day of the service: 2023-05-04, 2023/5/4, 20230504 or 2023年5月4日.",
    "phone": "A mobile or a landline with its area code, as people type it.",
    "item": "What the service was, up to 500 characters.",
    "channel": "How it was given.",
    "subject_type": "Person or enterprise.",
    "citizen_name": "Name of the citizen.",
    "remark": "Up to 500 characters.",
}
_VALUE: dict[str, Any] = {"type": ["string", "number", "null"]}

ROW: dict[str, Any] = {
    "type": "object",
    "description": "A case. Chinese headings are taken for the names; other columns are ignored.",
    "properties": {
        column.name: {**_VALUE, "description": f"{_ABOUT[column.name]} ({column.labels[0]})"}
        for column in CASES.columns
    },
    "required": [column.name for column in CASES.columns if column.required],
}
ROWS: dict[str, Any] = {"type": "array", "items": ROW, "maxItems": 10_000}

_EXAMPLE = {
    "office_code": "WZ-AG-001",
    "case_no": "2023050400017",
    "served_on": "2023-05-04",
    "phone": "13857710001",
    "item": "企业设立登记",
    "channel": "窗口",
}

CASES_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "oneOf": [
                    ROWS,
                    {
                        "type": "object",
                        "properties": {
                            "rows": ROWS,
                            "reported_on": {
                                "type": ["string", "null"],
                                "format": "date",
                                "description": "The report day of new cases; today unless said.",
                            },
                        },
                        "required": ["rows"],
                    },
                ]
            },
            "examples": {
                "rows": {"summary": "Today's cases", "value": [_EXAMPLE]},
                "late": {
                    "summary": "The report of a day before",
                    "value": {"reported_on": "2023-05-03", "rows": [_EXAMPLE]},
                },
            },
        }
    },
}


def _refusal(description: str, detail: str) -> dict[str, Any]:
    example = {"application/json": {"example": {"detail": detail}}}
    return {"description": description, "content": example}


REFUSALS: dict[int, dict[str, Any]] = {
    401: _refusal(
        "No key, or one that is not in force.",
        "give the office's key: Authorization: Bearer KEY",
    ),
    404: _refusal(
        "The month is not closed yet.",
        "the scores of 2023-05 are not here: a month is shown when its last survey has ended",
    ),
    408: _refusal(
        "The body did not arrive in time.",
        "What was sent did not arrive in time. Try again.",
    ),
    413: _refusal(
        "More than 4 MiB or 10,000 rows.",
        "20000 rows are too many at once; send at most 10000",
    ),
    409: _refusal(
        "The day cannot be reported any more, or not yet.",
        "the report day 2023-05-05 is in the future",
    ),
    422: _refusal(
        "The request as a whole cannot be read.",
        "reported_on is no date; write 2023-05-04",
    ),
    503: _refusal(
        "Too many requests at once, or no database; `Retry-After` says when to come again.",
        "too many requests at once; send this one again in a moment",
    ),
}
"""Status -> its description."""
