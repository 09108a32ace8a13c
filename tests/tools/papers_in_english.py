"""What the shipped papers say in English."""

from tests.tools.document_layout import ENGLISH, ENGLISH_FORM, Sheet

PROVISIONAL = "The figures are provisional; the reasons stand at the end."
MONTH_HEADS = "{{ 2 + (1 if rows else 0) + (1 if notes else 0) }}"
"""The number of the last heading: lines and notes may be left out."""


def statement_year_en() -> Sheet:
    sheet = Sheet(ENGLISH_FORM, "Statement of a year")
    sheet.red_heading()
    sheet.title("Statement of the appraisal year {{ year }}")
    sheet.say("To {{ office }}", indent=False)
    sheet.when("draft", "{{ draft }}")
    sheet.say(
        'By the published standard "{{ standard }}" (below: the Standard), this is the score of '
        "your office ({{ office_code }}; parent department: {{ parent }}; category: "
        "{{ category }}) for the appraisal year {{ year }}. The year runs from {{ first }} to "
        "{{ last }}{{ window_note }}; records count up to {{ as_of }}."
    )
    sheet.each("provisional")
    sheet.head("1. Points and rank")
    sheet.when("total", "The total of your office is {{ total }} points.")
    sheet.each("standing")
    sheet.each("withheld")
    sheet.head("2. Every line")
    _lines_en(sheet, "{{ row.points or 'does not count' }}")
    sheet.small(
        "Total = daily appraisal + online review + bonus - material not filed. Points are rounded "
        "half up to four decimals{{ rounding_note }}; the counted lines of a part add up to its "
        "points. What stands in quotation marks is the published text; a star marks words that the "
        "web page damaged and that are mended. Numbers such as G.4 are those that the program "
        "gives to the clauses. Ballots are secret: only what they add up to is shown. "
        "A dash: there is no data, or it is left out to protect those who rated."
    )
    sheet.head("3. Records")
    sheet.tag("{%p if records %}")
    sheet.table(
        ("Record", "What", "Day", "Document or source", "Points, grade or rank"),
        (34, 34, 32, 32, 24),
        ("{%tr for record in records %}",
         ("{{ record.kind }}", "{{ record.what }}", "{{ record.day }}", "{{ record.document }}",
          "{{ record.value }}"), "{%tr endfor %}"),
    )  # fmt: skip
    sheet.tag("{%p else %}")
    sheet.say("There is no record about your office in this year.")
    sheet.tag("{%p endif %}")
    _notes_en(sheet, "4")
    _objections_en(sheet, "5", '"Records of your year"')
    sheet.signature()
    return sheet


def _lines_en(sheet: Sheet, points: str) -> None:
    sheet.table(
        ("Line, and the words of the Standard", "Arithmetic and remarks", "Points"),
        (82, 54, 20),
        ("{%tr for row in rows %}", "{%tr if row.is_head %}",
         ("**{{ row.name }}{% if row.full %} (at most {{ row.full }}){% endif %}",
          "{{ row.how }}", "**{{ row.points }}"), "{%tr else %}",
         ("{{ row.name }} {{ row.words }}", "{{ row.how }}", points),
         "{%tr endif %}", "{%tr endfor %}"), figures=(2,),
    )  # fmt: skip


def _notes_en(sheet: Sheet, number: str) -> None:
    sheet.tag("{%p if notes %}")
    sheet.head(f"{number}. Notes")
    sheet.small_each("notes")
    sheet.tag("{%p endif %}")


def _objections_en(sheet: Sheet, number: str, where: str) -> None:
    sheet.head(f"{number}. Objections")
    sheet.say(
        "You can object to points and records until {{ objections_until }}, that day included: "
        f"sign in{{% if page %}} at {{{{ page }}}}{{% endif %}} and use the page {where}, or write "
        "to {{ organisation }}. Say which line or record is meant and what is wrong, and attach "
        "what shows it. {{ organisation }} checks each objection and answers in writing; a score "
        "that changes is published again."
    )


def statement_month_en() -> Sheet:
    sheet = Sheet(ENGLISH_FORM, "Statement of a month")
    sheet.red_heading()
    sheet.title("Statement of satisfaction, {{ period }}")
    sheet.say("To {{ office }}", indent=False)
    sheet.when("draft", "{{ draft }}")
    sheet.say(
        'By the published standard "{{ standard }}" (below: the Standard), this is how people '
        "rated your office ({{ office_code }}; parent department: {{ parent }}; category: "
        "{{ category }}) in {{ period }}. Points of a month are for information: the year's are "
        "computed from all ratings of the year together."
    )
    sheet.head("1. Points and rank")
    sheet.table(
        ("What", "Figure"), (96, 60),
        ("{%tr for figure in figures %}", ("{{ figure.name }}", "{{ figure.value }}"),
         "{%tr endfor %}"), figures=(1,),
    )  # fmt: skip
    sheet.small(
        "Satisfaction rate = (satisfied x 1 + neutral x 0.6) / ratings. "
        "Points = 30 x satisfaction rate x volume coefficient{{ coefficient_note }}. "
        "Asked by: {{ asked_by }}."
    )
    sheet.each("standing")
    sheet.each("withheld")
    sheet.each("remarks")
    sheet.when("reasons", "Why people were not satisfied: {{ reasons }}.")
    sheet.tag("{%p if rows %}")
    sheet.head("2. Every line")
    _lines_en(sheet, "{{ row.points }}")
    sheet.small(
        "The lines add up to the points, which are rounded half up to four decimals. What stands "
        "in quotation marks is the published text; a star marks words that the web page damaged "
        "and that are mended."
    )
    sheet.tag("{%p endif %}")
    _notes_en(sheet, "{% if rows %}3{% else %}2{% endif %}")
    _objections_en(sheet, MONTH_HEADS, "of the month")
    sheet.signature()
    return sheet


def notice_month_en() -> Sheet:
    sheet = Sheet(ENGLISH, "Notice of a month")
    sheet.red_heading()
    sheet.title("Notice: satisfaction in {{ period }}")
    sheet.say("To all parent departments and appraised offices", indent=False)
    sheet.say(
        'By the published standard "{{ standard }}", this is how people rated the appraised '
        "offices in {{ period }}."
    )
    sheet.when("provisional", PROVISIONAL)
    sheet.head("1. The month in figures")
    sheet.each("summary")
    sheet.table(
        ("Category", "Offices", "Cases reported", "Ratings", "Satisfaction rate",
         "Share satisfied", "Mean points"), (36, 20, 20, 20, 20, 20, 20),
        ("{%tr for group in categories %}",
         ("{{ group.name }}", "{{ group.offices }}", "{{ group.reported }}", "{{ group.rated }}",
          "{{ group.rate }}", "{{ group.satisfied }}", "{{ group.points }}"),
         "{%tr endfor %}"), figures=(1, 2, 3, 4, 5, 6),
    )  # fmt: skip
    sheet.small(
        "Satisfaction rate: the mean of all ratings, where satisfied counts 1, neutral 0.6 and "
        "dissatisfied 0. Share satisfied: satisfied ratings of all ratings. Mean points: of the "
        "offices' points, at most 30."
    )
    sheet.head("2. Rankings")
    sheet.when(
        "points_withheld",
        "To protect those who rated, points that would tell what fewer than {{ least }} people "
        "answered are left out; a dash stands in their place. Ranks are given for all.",
    )
    sheet.tag("{%p for ranking in rankings %}")
    sheet.head("{{ ranking.category }}", 2)
    sheet.table(
        ("Rank", "Office", "Parent department", "Points"), (16, 66, 52, 22),
        ("{%tr for office in ranking.offices %}",
         ("{{ office.rank }}", "{{ office.office }}", "{{ office.parent }}",
          "{{ office.points }}"), "{%tr endfor %}"), figures=(3,),
    )  # fmt: skip
    sheet.tag("{%p if ranking.unranked %}")
    sheet.small(
        "Without a rank, fewer than {{ ranking.min_ratings }} ratings: {{ ranking.unranked }}."
    )
    sheet.tag("{%p else %}")
    sheet.small("")
    sheet.tag("{%p endif %}")
    sheet.tag("{%p endfor %}")
    _named_en(sheet)
    sheet.signature()
    sheet.small_each("marks")
    return sheet


def _named_en(sheet: Sheet) -> None:
    sheet.head("3. Praised")
    sheet.offices_named("praised", "None.", "{{ group.category }}: {{ group.offices }}.")
    sheet.head("4. To improve")
    sheet.offices_named("named", "None.", "{{ group.category }}: {{ group.offices }}.")
    sheet.head("5. Problems")
    sheet.tag("{%p if problems %}")
    sheet.each("problems")
    sheet.tag("{%p else %}")
    sheet.say("None stood out.")
    sheet.tag("{%p endif %}")
    sheet.head("6. What comes next")
    sheet.tag("{%p if coming %}")
    sheet.say("These are due:")
    sheet.table(
        ("Last day", "What", "For", "From whom"), (34, 50, 26, 46),
        ("{%tr for date in coming %}",
         ("{{ date.day }}", "{{ date.what }}", "{{ date.period }}", "{{ date.who }}"),
         "{%tr endfor %}"),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endif %}")
    sheet.say(
        "An office that objects to its score writes to {{ organisation }} by "
        "{{ objections_until }}, that day included."
    )


def notice_year_en() -> Sheet:
    sheet = Sheet(ENGLISH, "Notice of a year")
    sheet.red_heading()
    sheet.title("Notice: the appraisal year {{ year }}")
    sheet.say("To all parent departments and appraised offices", indent=False)
    sheet.say(
        'By the published standard "{{ standard }}", this is the result of the appraisal year '
        "{{ year }}, from {{ first }} to {{ last }}; records count up to {{ as_of }}."
    )
    sheet.when("provisional", PROVISIONAL)
    sheet.head("1. The year in figures")
    sheet.each("summary")
    sheet.table(
        ("Category", "Offices", "In the online review", "Complete", "Mean total"),
        (44, 28, 28, 28, 28),
        ("{%tr for group in categories %}",
         ("{{ group.name }}", "{{ group.offices }}", "{{ group.online }}", "{{ group.ranked }}",
          "{{ group.mean }}"), "{%tr endfor %}"), figures=(1, 2, 3, 4),
    )  # fmt: skip
    sheet.small("Mean total: of complete offices; at most 100, and 2 of bonus.")
    sheet.tag("{%p if exempt %}")
    sheet.say("Not appraised in this year:")
    sheet.each("exempt")
    sheet.tag("{%p endif %}")
    sheet.head("2. Rankings")
    sheet.say("Offices that took part in the online review and the others are ranked apart.")
    sheet.when(
        "points_withheld",
        "To protect those who rated, sums that would tell what few people answered are left out; a "
        "dash stands in their place. Ranks are given for all.",
    )
    sheet.tag("{%p for ranking in rankings %}")
    sheet.head("{{ ranking.category }}", 2)
    sheet.table(
        ("Rank", "Office", "Parent department", "Daily", "Online", "Total", "Note"),
        (12, 42, 34, 18, 18, 16, 16),
        ("{%tr for office in ranking.offices %}",
         ("{{ office.rank }}", "{{ office.office }}", "{{ office.parent }}", "{{ office.daily }}",
          "{{ office.online }}", "{{ office.total }}", "{{ office.remark }}"),
         "{%tr endfor %}"), figures=(3, 4, 5),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endfor %}")
    _named_en(sheet)
    sheet.signature()
    sheet.small_each("marks")
    return sheet


def reminder_en() -> Sheet:
    sheet = Sheet(ENGLISH, "Reminder")
    sheet.red_heading()
    sheet.title("Reminder: what is still to be handed in")
    sheet.say("To those named below", indent=False)
    sheet.say(
        "On {{ day }}, {{ overdue }} deadlines have passed with something missing, and {{ due }} "
        "fall due within {{ ahead }} days. Please hand in what is missing; if it is late, say why."
    )
    sheet.tag("{%p if not bodies and not departments %}")
    sheet.say("Nothing is missing.")
    sheet.tag("{%p endif %}")
    sheet.tag("{%p for body in bodies %}")
    sheet.head("{{ body.name }}")
    sheet.table(
        ("What", "For", "Last day", "Standing", "So far", "Missing"), (34, 26, 30, 22, 18, 26),
        ("{%tr for row in body.rows %}",
         ("{{ row.what }}", "{{ row.period }}", "{{ row.due }}", "{{ row.state }}",
          "{{ row.came }}", "{{ row.missing or '—' }}"), "{%tr endfor %}"),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endfor %}")
    sheet.tag("{%p if departments %}")
    sheet.head("Daily case reports: departments, please see that your offices hand them in")
    sheet.tag("{%p for body in departments %}")
    sheet.head("{{ body.name }}", 2)
    sheet.table(
        ("Office", "Days missing", "The earliest", "The latest"), (66, 24, 33, 33),
        ("{%tr for row in body.rows %}",
         ("{{ row.office }}", "{{ row.days }}", "{{ row.first }}", "{{ row.last }}"),
         "{%tr endfor %}"), figures=(1,),
    )  # fmt: skip
    sheet.small("")
    sheet.tag("{%p endfor %}")
    sheet.tag("{%p endif %}")
    sheet.signature()
    return sheet
