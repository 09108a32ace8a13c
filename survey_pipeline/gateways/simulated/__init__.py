"""A carrier and its citizens, made up: no text leaves the machine.

For the demo, for trials of a workspace before a contract is signed, and for benchmarks. The carrier
is not polite (numbers that do not exist, receipts late, twice, out of order or never), and neither
are the citizens. All that happens is a pure function of the seed, the number, the template and the
moment at which a text was taken: one seed gives one history.

In reading order: `chance` throws the dice, `ledger` keeps what the carrier took, `carrier` says
what it does with a text, `citizens` who answers it (`phrases`: in which words), `news` puts that
into order of time, `bodies` into requests as a provider posts them, `gateway` speaks the port.
"""

from survey_pipeline.gateways.simulated.gateway import SimulatedGateway

__all__ = ["SimulatedGateway"]
