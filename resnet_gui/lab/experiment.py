"""An experiment of the Lab: its question, what is predicted before it runs, its claims, and the scales it runs at.

An experiment is a value in a file of ``lab/experiments``. What its claims say of results is a function of these
results alone, so that a verdict can be tested with results that nobody measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.lab.results import Results, ScaleKey
from resnet_gui.sweeps.statistics import Bound
from resnet_gui.sweeps.sweep import Sweep

Group = Literal["untrained", "finished-run", "trains"]

SCALES: Final[tuple[ScaleKey, ...]] = ("quick", "cifar", "paper")

ANY_DEPTH: Final = 1_000_000
"""More layers than any network has."""

GROUPS: Final[dict[Group, str]] = {
    "untrained": "No training (seconds)",
    "finished-run": "On a finished run",
    "trains": "Trains (minutes)",
}
"""Group -> its heading, in the order of the list."""

Figures = Mapping[int, float]
"""Seed -> what a claim measures in it, in the claim's unit. A difference is one of the same seed."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is answered before an experiment runs.

    Attributes:
        key: of the question, unique in its experiment.
        text: what is asked.
        options: the possible answers, in their order.
        rule: how the outcome follows from what is measured, in words.
        outcome: one of ``options``, from results in which all seeds are in; empty where they do not say.
        shown: the figure behind the outcome, for people; empty for none.
        scales: at which it is asked.
    """

    key: str
    text: str
    options: tuple[str, ...]
    rule: str
    outcome: Callable[[Results], str]
    shown: Callable[[Results], str] = lambda _: ""
    scales: tuple[ScaleKey, ...] = SCALES


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence that an experiment can bear out or not.

    Attributes:
        key: of the claim, unique in its experiment.
        title: the sentence, short.
        measured: what is measured for it, in words.
        paper: what its source says, in words; nothing of it is a number that the source does not print.
        source: where it says so.
        of_paper: whether a paper says it; of a claim of this program alone nothing is "reproduced" (``lab.outcomes``).
        values: what was measured, by seed; empty while nothing was.
        bound: where the claim holds.
        unit: of the values, behind a number: "%", "points", "×", or empty.
        paper_value: the number that the source prints, in the same unit; None where it prints none.
        decimals: that are shown.
        signed: whether values are shown with their sign, as differences are.
        resolution: the step of one value that is counted, from the results, such as one picture of those that they
            have (``lab.counting``); 0 for what is measured and not counted.
        difference: whether the value is a difference of two counted ones, so that its rounding is twice as wide.
        exact: whether the value follows from the designs alone, so that no run and no seed is needed.
        roles: whose networks it compares, by key; it names those that were measured.
        one_depth: whether it compares networks of one depth; those of different depths do not decide it.
        scales: at which it is made.
        missing: why seeds have no value, where the results know; empty for nothing.
        undecidable: scale -> why the claim cannot be decided at it; its verdict is "cannot tell" whatever is measured.
    """

    key: str
    title: str
    measured: str
    paper: str
    source: str
    values: Callable[[Results], Figures]
    bound: Bound
    of_paper: bool = True
    unit: str = ""
    paper_value: float | None = None
    decimals: int = 1
    signed: bool = True
    resolution: Callable[[Results], float] = lambda _: 0.0
    difference: bool = False
    exact: bool = False
    roles: tuple[str, ...] = ()
    one_depth: bool = False
    scales: tuple[ScaleKey, ...] = SCALES
    missing: Callable[[Results], str] = lambda _: ""
    undecidable: Mapping[ScaleKey, str] = {}

    @property
    def needs(self) -> str:
        """Where the claim holds, in words: "over +20", "within ±3", "from 0.35 to 0.65"."""
        low, high = self.bound.low, self.bound.high
        if low == high:
            return self._short(low)
        if low == -high:
            return f"within ±{self._short(high).lstrip('+')}"
        if high == float("inf"):
            return f"over {self._short(low)}"
        if low == float("-inf"):
            return f"under {self._short(high)}"
        return f"from {self._short(low)} to {self._short(high)}"

    def written(self, value: float) -> str:
        """A value of this claim as it is shown, without its unit; "–" for what is no finite number."""
        if not math.isfinite(value):
            return "–"
        text = f"{value:{'+' if self.signed else ''},.{self.decimals}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("+-")
        return text.replace("-", "−")

    def _short(self, value: float) -> str:
        """The same of a bound, a whole one without decimals."""
        text = self.written(value)
        return text.rstrip("0").rstrip(".") if "." in text and value == round(value) else text


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A network that an experiment on finished runs compares, whichever run it is.

    Attributes:
        key: by which results and claims know it, such as "residual".
        title: for people.
        plain: whether it is a network without shortcuts.
        depths: layers that it may have, from and to.
        network: the network of the scale's sweep that is measured where no run is given.
    """

    key: str
    title: str
    plain: bool
    depths: tuple[int, int] = (1, ANY_DEPTH)
    network: str

    @property
    def words(self) -> str:
        """What it is, for people: "a plain network", "a residual network of 41 layers or more"."""
        low, high = self.depths
        depth = (
            "" if (low, high) == (1, ANY_DEPTH)
            else f" of {low} layers" if low == high
            else f" of {low} layers or more" if high == ANY_DEPTH
            else f" of up to {high} layers"
        )  # fmt: skip
        return f"a {'plain' if self.plain else 'residual'} network{depth}"

    def fits(self, spec: ResNetSpec) -> bool:
        """Whether a run of this design can be it."""
        return spec.adds != self.plain and self.depths[0] <= spec.depth <= self.depths[1]


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """A size that an experiment runs at.

    Attributes:
        key: "quick", on this program's own digits; "cifar", on CIFAR pictures for minutes; "paper", as the paper did.
        title: for people.
        data: what it runs on and how long, in words.
        seconds: that it takes on two idle cores, with as many seeds as below; a guess from measured rates.
        needs_gpu: whether it is meant for a GPU; it can be started without one.
        seeds: that are run where nobody asks for others.
        sweep: the runs that it trains; None where it trains nothing.
        designs: the networks that it measures with drawn weights; claims know them by their names.
        setup: how that is measured, a set-up of ``lab.measured``; None in a training experiment.
        shared: whether its networks are those that experiments on finished runs train once for all of them.
        draws: whether seeds are those of the measurement around one network of each role, and not of the networks.
    """

    key: ScaleKey
    title: str
    data: str
    seconds: float
    needs_gpu: bool = False
    seeds: tuple[int, ...] = (1, 2, 3)
    sweep: Sweep | None = None
    designs: tuple[Design, ...] = ()
    setup: msgspec.Struct | None = None
    shared: bool = False
    draws: bool = False


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment of the Lab.

    Attributes:
        key: as the command line names it.
        title: for people.
        group: what it needs: nothing, a finished run, or minutes to train.
        question: what it asks, in one sentence.
        short: the same in at most six words, for a list.
        paper: authors and year of its source.
        figure: where in it, such as "Fig. 6".
        citation: the source in full.
        questions: that are answered before it runs.
        claims: in the order of the table.
        look_for: paragraphs on what is to be seen; ``**bold**`` is the only mark.
        protocol: how it is done, a sentence a paragraph.
        differences: from the paper, a sentence each.
        scales: that it runs at, quick first.
        roles: the networks that claims compare, of an experiment on finished runs; none of the others.
        factors: network -> its shortcut multiplies the signal by it in each block, as it begins and on average; of
            networks whose shortcut is no multiplication there is none.
        measures: the struct of ``lab.measured`` that a seed's measurement is (of a role and a seed, where there are
            roles); None in a training experiment.
        also_runs: whether it measures finished runs beside its designs, where some are named.
        version: of the card; another one gives other figures.
    """

    key: str
    title: str
    group: Group
    question: str
    short: str
    paper: str
    figure: str
    citation: str
    questions: tuple[Question, ...]
    claims: tuple[Claim, ...]
    look_for: tuple[str, ...]
    protocol: tuple[str, ...]
    differences: tuple[str, ...]
    scales: tuple[Scale, ...]
    roles: tuple[Role, ...] = ()
    factors: Mapping[str, float] = {}
    measures: type[msgspec.Struct] | None = None
    also_runs: bool = False
    version: int = 1

    def scale(self, key: str) -> Scale | None:
        """Its scale of that key, or None."""
        return next((scale for scale in self.scales if scale.key == key), None)
