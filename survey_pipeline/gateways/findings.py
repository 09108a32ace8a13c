"""What gateways say when `doctor` asks: common words for what is right, wrong or out of reach."""

from survey_pipeline.gateways.port import Finding
from survey_pipeline.gateways.problems import in_words
from survey_pipeline.i18n import N_, Message


def right(text: str, **values: object) -> Finding:
    """Make a finding that something is right."""
    return Finding(ok=True, found=Message(text, values))


def wrong(text: str, remedy: str, **values: object) -> Finding:
    """Make a finding that something is wrong, with its remedy; both are filled with the values."""
    return Finding(ok=False, found=Message(text, values), remedy=Message(remedy, values))


def out_of_reach(address: str, key: str, problem: object) -> Finding:
    """Make a finding that the provider at a setting's address did not answer."""
    return wrong(
        N_("{address} does not answer: {problem}"),
        N_("see that it runs and that this machine may reach it, or mend {key}"),
        address=address,
        key=key,
        problem=in_words(problem),
    )
