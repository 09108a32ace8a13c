"""What gateways say when `doctor` asks: common words for what is right, wrong or out of reach."""

from survey_pipeline.gateways.port import Finding
from survey_pipeline.i18n import N_, Message


def right(text: str, **values: object) -> Finding:
    """Say that something is as it should be."""
    return Finding(ok=True, found=Message(text, values))


def wrong(text: str, remedy: str, **values: object) -> Finding:
    """Say what is not, and what to mend; both texts are filled with the same values."""
    return Finding(ok=False, found=Message(text, values), remedy=Message(remedy, values))


def out_of_reach(address: str, key: str, problem: object) -> Finding:
    """Say that a provider did not answer at an address that a key names."""
    return wrong(
        N_("{address} does not answer: {problem}"),
        N_("see that it runs and that this machine may reach it, or mend {key}"),
        address=address,
        key=key,
        problem=problem,
    )
