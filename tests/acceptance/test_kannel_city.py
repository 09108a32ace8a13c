"""From the simulated carrier to a real Kannel by the configuration alone: out, receipts, replies.

bearerbox and smsbox are the real ones, with the configuration of docs/howto; fakesmsc is the
carrier and its citizens.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_day_over_kannel(
    served_city: Any,
    need: Callable[[str], None],
    load_double: Callable[[str], Any],
    tmp_path: Path,
) -> None:
    need("bearerbox")
    need("fakesmsc")
    city, boxes_of = served_city, load_double("kannel_boxes")
    with boxes_of.kannel(tmp_path / "kannel", city.port) as running:
        city.carried_by(running.keys(city.port), running.environ)
        assert "refuses what the provider has not signed" in city.run("doctor")
        city.run("sample", "--json")
        with boxes_of.phones(running) as carrier:
            city.run("dispatch")
            assert city.heard("delivered") == {"delivered": len(city.phones)}
            got = sorted(number for number, _, _ in carrier.texts())
        assert got == sorted(city.phones), "each citizen one text"
        answers = [("1", "satisfied"), ("不满意", "dissatisfied"), ("退订", "opt_out")]
        for count, (phone, (text, _)) in enumerate(zip(city.phones, answers, strict=False), 1):
            with boxes_of.phones(running, f"{phone} 1069000000 text {text}"):
                read = city.replies(count)
    assert read == dict(answers)
