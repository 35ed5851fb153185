"""Linear probe by depth: how well a linear classifier reads the classes behind each block (Alain and Bengio 2016)."""

from __future__ import annotations

from resnet_gui.lab.counting import one_of
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Role, Scale
from resnet_gui.lab.measured.probe import ProbesByDepth, ProbeSetup
from resnet_gui.lab.networks import SHARED_NETWORKS
from resnet_gui.lab.results import Results, mean
from resnet_gui.sweeps.statistics import Bound

RESIDUAL, PLAIN = "residual", "plain"
SLACK = 5.0
"""Points by which a probe may be worse than the best before it and still count as rising."""


ONE_PICTURE = one_of(RESIDUAL, lambda found: found.test_pictures)
"""The step of the errors of the residual network's probes."""


def worst_drop(results: Results, role: str) -> Figures:
    """By how many points a probe's test error is above the lowest before it, at most, by seed."""

    def of(found: ProbesByDepth) -> float | None:
        errors = [100 * probe.test_error for probe in found.probes]
        return max((error - min(errors[:place]) for place, error in enumerate(errors) if place), default=None)

    return results.of(role, of)


def gain(results: Results, role: str) -> Figures:
    """Test error behind the stem minus that behind the last block, in points, by seed."""
    return results.of(role, lambda found: 100 * (found.probes[0].test_error - found.probes[-1].test_error))


def surplus(results: Results, role: str) -> Figures:
    """Test error of the last probe minus that of the network itself, in points, by seed."""
    return results.of(role, lambda found: 100 * (found.probes[-1].test_error - found.test_error))


def _half_way(results: Results) -> str:
    share = mean(results.of(RESIDUAL, _half_gain))
    return "most of it" if share > 67 else "about half" if share >= 33 else "little"


def _half_gain(found: ProbesByDepth) -> float | None:
    first, last = found.probes[0].test_error, found.probes[-1].test_error
    middle = found.probes[len(found.probes) // 2].test_error
    return 100 * (first - middle) / (first - last) if first != last else None


_PAPER = "Alain and Bengio 2016"

EXPERIMENT = Experiment(
    key="probe-by-depth",
    title="Linear probe by depth",
    group="finished-run",
    question="Behind which block can a linear classifier read the classes?",
    short="Where can classes be read?",
    paper=_PAPER,
    figure="abstract",
    citation="G. Alain, Y. Bengio, “Understanding intermediate layers using linear classifier probes”, 2016.",
    questions=(
        Question(
            key="half", text="Of what all blocks gain, the first half of the residual network has",
            options=("little", "about half", "most of it"),
            rule="gain of test accuracy from the stem to the middle block, over that to the last; thirds",
            outcome=_half_way, shown=lambda results: f"{mean(results.of(RESIDUAL, _half_gain)):.0f} %",
        ),
    ),
    claims=(
        Claim(
            key="rises", title="Classes become readable block by block", roles=(RESIDUAL,),
            measured="largest rise of a probe's test error above the lowest before it",
            paper="linear separability increases monotonically with depth", source=f"{_PAPER}, abstract",
            values=lambda results: worst_drop(results, RESIDUAL), bound=Bound(high=SLACK), unit="points", signed=False,
            resolution=ONE_PICTURE, difference=True,
        ),
        Claim(
            key="gain", title="The blocks do the work", roles=(RESIDUAL,),
            measured="test error behind the stem − behind the last block",
            paper="not quoted", source="this program", of_paper=False,
            values=lambda results: gain(results, RESIDUAL), bound=Bound(low=10.0), unit="points",
            resolution=ONE_PICTURE, difference=True,
        ),
        Claim(
            key="reads-all", title="The last probe reads what the head reads", roles=(RESIDUAL,),
            measured="last probe − network, test error", paper="not quoted", source="this program",
            of_paper=False, values=lambda results: surplus(results, RESIDUAL), bound=Bound(low=-2.0, high=2.0),
            unit="points", resolution=ONE_PICTURE, difference=True,
        ),
    ),
    look_for=(
        "Each point is a linear classifier of its own, on the averaged maps behind one block of a network that stays "
        "as it is.",
        "Behind the stem little can be read; the curve then falls, mostly **without going back**.",
        "A probe sees averages over the map: what a block knows about places is not counted before it has been pooled.",
    ),
    protocol=(
        "Features are the channels' averages over the map behind the stem and every block, standardised on the "
        "training pictures; ridge regression in closed form to 1 for the class and 0 for others.",
        "Errors are those of the test pictures; the network's own error is drawn beside them.",
    ),
    differences=(
        "Ridge regression in place of the paper's softmax probes: it has one answer and takes seconds.",
        "Averages over the map in place of all values of a layer.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data="networks of 8 epochs on the digits inside, all pictures",
            seconds=60, setup=ProbeSetup(),
            sweep=SHARED_NETWORKS, shared=True,
        ),
    ),
    roles=(
        Role(key=RESIDUAL, title="Residual", plain=False, network="ResNet-56"),
        Role(key=PLAIN, title="Plain", plain=True, network="plain-20"),
    ),
    measures=ProbesByDepth,
)  # fmt: skip
