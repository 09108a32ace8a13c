"""Three plain sentences for each table of estimates: what it is, how to read it, what not to do."""

from survey_pipeline.i18n import N_

BESIDE_POINTS = N_("The official points follow the standard alone: no figure here changes a score.")
MODES = (
    N_("The same question is answered by SMS, on the phone, or to others who deliver the result."),
    N_(
        "Each row has the satisfaction rate of the answers given in one way, with the interval in "
        "which the true rate lies with 95 % certainty."
    ),
    N_(
        "The rows hold different people: who does not answer an SMS is called, so a difference "
        "between rows is no effect of the phone by itself."
    ),
)
GAP = (
    N_(
        "Some citizens are asked twice, first by SMS and again on the phone; the gap is how much "
        "higher their answers on the phone are, in points of the satisfaction rate."
    ),
    N_(
        "Those who were not satisfied are nearly all called and satisfied ones seldom, so the "
        "weighted gap gives every SMS answer the weight that it has among all SMS answers."
    ),
    N_(
        "If the interval holds 0, no gap is shown; with few people it is wide, with nobody there "
        "is none, and it is no point even where all said the same."
    ),
)
CORRECTED = (
    N_(
        "A caller may correct an SMS rating only if the citizen says that the text was misread; "
        "every other answer on the phone stays beside the rating."
    ),
    N_(
        "The share is corrected ratings / answers that the caller heard from citizens who had "
        "rated by SMS, each of whom could have been corrected."
    ),
    N_(
        "A share far above the others' is a reason to listen to that caller's calls, not a proof; "
        "with few answers the interval is wide."
    ),
)
ESTIMATES = (
    N_(
        "The plain rate counts every rating once; the weighted rate lets each rating stand for as "
        "many cases as were behind it on its day, because days with many cases are asked more "
        "thinly."
    ),
    N_(
        "Its interval says how far it may lie from the rate of all cases; a day with fewer than "
        "two ratings is counted together with the day that follows."
    ),
    N_(
        "If both rates lie close together, the draw did not bend the result; it speaks for those "
        "who answered, and for the others only if they think alike."
    ),
)
EFFECTIVE = (
    N_(
        "The effective number says how many ratings of equal weight would tell as much as these "
        "ratings with their unequal weights."
    ),
    N_(
        "If it equals the number of ratings, all weigh alike; far below it, a few ratings weigh "
        "heavily."
    ),
    N_("It judges the weights alone, and says nothing of those who did not answer."),
)
BANDS = (
    N_(
        "With few ratings chance alone puts one office above another, so offices whose difference "
        "may be chance stand in one band."
    ),
    N_(
        "Every office gets an interval wide enough that all intervals of its category together "
        "hold the true rates with 95 % certainty (Wilson, Bonferroni); a new band begins where an "
        "office's interval lies wholly below that of an office of the band above."
    ),
    N_(
        "Within a band the order of the offices says nothing; offices of neighbouring bands may "
        "still be alike."
    ),
)
