"""Signal propagation: how mean and variance of the signal go through a network at its start (Brock et al. 2021)."""

from __future__ import annotations

from resnet_gui.design.spec import Design
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Scale
from resnet_gui.lab.measured.propagation import BlockSignal, PropagationMeasured, PropagationSetup
from resnet_gui.lab.networks import digits_spec
from resnet_gui.lab.results import ALL, Results, mean, quotient
from resnet_gui.sweeps.statistics import Bound

ORIGINAL, PRE, PLAIN, DEEP = "ResNet-56", "pre-activation ResNet-56", "plain-56", "ResNet-1202"
DESIGNS = (
    Design(name=ORIGINAL, spec=digits_spec(56)),
    Design(name=PRE, spec=digits_spec(56, order="full_preact", shortcut="B")),
    Design(name=PLAIN, spec=digits_spec(56, shortcut="none")),
    Design(name=DEEP, spec=digits_spec(1202)),
)


def _stage(found: PropagationMeasured, name: str, stage: int) -> tuple[BlockSignal, ...]:
    design = next((design for design in found.designs if design.name == name), None)
    return tuple(block for block in design.blocks if block.stage == stage) if design is not None else ()


def growth(results: Results, name: str) -> Figures:
    """Variance behind the last block of the first stage over that behind its first block, by seed."""

    def of(found: PropagationMeasured) -> float | None:
        blocks = _stage(found, name, 0)
        return quotient(blocks[-1].variance, blocks[0].variance) if blocks else None

    return results.of(ALL, of)


def reset(results: Results, name: str) -> Figures:
    """Variance behind the first block of the second stage over that behind the last of the first, by seed."""

    def of(found: PropagationMeasured) -> float | None:
        before, after = _stage(found, name, 0), _stage(found, name, 1)
        return quotient(after[0].variance, before[-1].variance) if before and after else None

    return results.of(ALL, of)


def _question(key: str, name: str) -> Question:
    def outcome(results: Results) -> str:
        value = mean(growth(results, name))
        return "falls" if value < 0.8 else "grows" if value > 1.25 else "stays"

    return Question(
        key=key, text=f"Variance within the first stage, {name}", options=("falls", "stays", "grows"),
        rule="variance behind the last block of the first stage over that behind its first; stays is 0.8 to 1.25",
        outcome=outcome, shown=lambda results: f"× {mean(growth(results, name)):.2g}",
    )  # fmt: skip


_PAPER = "Brock et al. 2021"

EXPERIMENT = Experiment(
    key="signal-propagation",
    title="Signal propagation",
    group="untrained",
    question="Does the signal explode or fade on its way through a network that has learnt nothing yet?",
    short="Does the variance explode?",
    paper=_PAPER,
    figure="signal propagation plots",
    citation="A. Brock, S. De, S. Smith, “Characterizing signal propagation to close the performance gap in "
    "unnormalized ResNets”, 2021.",
    questions=(_question("pre-activation", PRE), _question("plain", PLAIN)),
    claims=(
        Claim(
            key="grows", title="Pre-activation: variance grows",
            measured="last over first block of stage 1, pre-activation ResNet-56",
            paper="plots only, no number", source=_PAPER,
            values=lambda results: growth(results, PRE), bound=Bound(low=2.0), unit="×", decimals=2, signed=False,
        ),
        Claim(
            key="resets", title="A projection resets it",
            measured="first block of stage 2 over last of stage 1, pre-activation ResNet-56",
            paper="not quoted: it follows from the norm in front of the projection", source="the design",
            of_paper=False, values=lambda results: reset(results, PRE), bound=Bound(high=0.5), unit="×", decimals=2,
            signed=False,
        ),
        Claim(
            key="plain-flat", title="Plain: variance stays", measured="last over first block of stage 1, plain-56",
            paper="not quoted: each block ends in a batch norm", source="the design", of_paper=False,
            values=lambda results: growth(results, PLAIN), bound=Bound(low=0.8, high=1.25), unit="×", decimals=2,
            signed=False,
        ),
    ),
    look_for=(
        "In the **pre-activation** order each addition puts a normalised branch on top of what came before, so the "
        "variance climbs like a staircase.",
        "Where a stage begins, the shortcut is a projection of the normalised signal, and the staircase starts anew.",
        "Without shortcuts every block ends in a norm: flat, and no trace of how deep one is. What fails at 56 plain "
        "layers is not the size of the signal.",
    ),
    protocol=(
        "Each network is drawn anew for each seed; one batch goes through it with the batch norms' statistics of that "
        "batch.",
        "Behind every addition: the average over channels of the squared mean of a channel, and of its variance, over "
        "pictures and positions; and the variance at the end of the branch.",
    ),
    differences=(
        "Networks of He et al. 2015 and 2016 for 8×8 digits, where the paper plots ImageNet networks.",
        "The ratios of the claims are ours; the paper has plots.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data="64 inputs of Gaussian noise, 4 networks", seconds=8,
            designs=DESIGNS, setup=PropagationSetup(),
        ),
    ),
    measures=PropagationMeasured,
)  # fmt: skip
