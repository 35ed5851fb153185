"""Lesion study: what a finished network still gets right without some of its blocks (Veit et al. 2016, section 4)."""

from __future__ import annotations

from itertools import pairwise

from resnet_gui.lab.counting import Step, one_of
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Role, Scale
from resnet_gui.lab.measured.lesions import LesionSetup, LesionStudy
from resnet_gui.lab.networks import SHARED_NETWORKS
from resnet_gui.lab.results import Results, mean
from resnet_gui.sweeps.statistics import Bound

RESIDUAL, PLAIN, SHALLOW = "residual", "plain", "residual-20"
FLOOR = 5.0
"""Points above the whole network's error up to which the loss of a block does not matter."""


def spared(results: Results, role: str) -> Figures:
    """Share of the blocks behind the first whose loss costs no more than ``FLOOR`` points, in per cent, by seed."""

    def of(study: LesionStudy) -> float | None:
        errors = _behind_the_first(study)
        fine = sum(100 * (error - study.intact) <= FLOOR for error in errors)
        return 100 * fine / len(errors) if errors else None

    return results.of(role, of)


def _behind_the_first(study: LesionStudy) -> list[float]:
    """Errors without one block, of the blocks behind the first that can be deleted."""
    return [one.error for one in study.deletions[1:] if one.error is not None]


def one_block(role: str) -> Step:
    """The step of ``spared``: one block of those that are counted."""
    return one_of(role, lambda study: len(_behind_the_first(study)))


def one_picture(role: str) -> Step:
    """The step of an error: one picture of those that it was counted over. A mean of several errors is finer."""
    return one_of(role, lambda study: study.pictures)


def deleted(results: Results, role: str) -> Figures:
    """Mean test error with one block deleted, over the blocks that can be, in per cent, by seed."""

    def of(study: LesionStudy) -> float | None:
        errors = [one.error for one in study.deletions if one.error is not None]
        return 100 * sum(errors) / len(errors) if errors else None

    return results.of(role, of)


def several(results: Results, role: str, count: int) -> Figures:
    """Mean test error with so many blocks deleted at random, in per cent, by seed."""

    def of(study: LesionStudy) -> float | None:
        draws = next((one.errors for one in study.at_random if one.count == count), ())
        return 100 * sum(draws) / len(draws) if draws else None

    return results.of(role, of)


def steepest(results: Results, role: str) -> Figures:
    """Largest rise of the mean error a block more, up to half of the blocks, in points, by seed."""

    def of(study: LesionStudy) -> float | None:
        curve = [(0, study.intact)]
        curve += [
            (one.count, sum(one.errors) / len(one.errors))
            for one in study.at_random
            if one.errors and one.count <= len(study.deletions) / 2
        ]
        rises = [100 * (b - a) / (k - j) for (j, a), (k, b) in pairwise(curve)]
        return max(rises, default=None)

    return results.of(role, of)


def _one_block(results: Results, role: str) -> str:
    intact, now = mean(results.of(role, lambda study: 100 * study.intact)), mean(deleted(results, role))
    return "ruined" if now > 50 else "same" if now <= intact + FLOOR else "worse"


def _four(results: Results) -> str:
    error = mean(several(results, RESIDUAL, 4))
    return "under 5 %" if error < 5 else "over 20 %" if error > 20 else "5 to 20 %"


def _one_question(key: str, text: str, role: str) -> Question:
    return Question(
        key=key, text=text, options=("same", "worse", "ruined"),
        rule=f"mean error over all blocks that can be deleted: same is up to {FLOOR:g} points above the whole network, "
        "ruined is over 50 %",
        outcome=lambda results: _one_block(results, role),
        shown=lambda results: f"{mean(deleted(results, role)):.1f} %",
    )  # fmt: skip


_PAPER = "Veit et al. 2016"

EXPERIMENT = Experiment(
    key="lesion-study",
    title="Lesion study",
    group="finished-run",
    question="What happens to a finished network when a block is taken out?",
    short="What if one block goes?",
    paper=_PAPER,
    figure="Figs. 3 and 5",
    citation="A. Veit, M. Wilber, S. Belongie, “Residual Networks Behave Like Ensembles of Relatively Shallow "
    "Networks”, 2016, section 4.",
    questions=(
        _one_question("residual", "One block of the residual network less, error", RESIDUAL),
        _one_question("plain", "One block of the plain network less, error", PLAIN),
        Question(
            key="four", text="4 blocks of the residual network less, error",
            options=("under 5 %", "5 to 20 %", "over 20 %"), rule="mean test error over 5 draws",
            outcome=_four, shown=lambda results: f"{mean(several(results, RESIDUAL, 4)):.0f} %",
        ),
    ),
    claims=(
        Claim(
            key="no-single-block", title="No single block matters", roles=(RESIDUAL,),
            measured=f"blocks behind the first whose loss costs at most {FLOOR:g} points",
            paper="none but the down-sampling ones does", source=f"{_PAPER}, section 4",
            values=lambda results: spared(results, RESIDUAL), bound=Bound(low=75.0), unit="%", signed=False, decimals=0,
            resolution=one_block(RESIDUAL),
        ),
        Claim(
            key="plain-cannot", title="A plain block cannot go", roles=(PLAIN,),
            measured="mean test error with one block bypassed, where shapes agree",
            paper="error near chance (of VGG)", source=f"{_PAPER}, section 4",
            values=lambda results: deleted(results, PLAIN), bound=Bound(low=50.0), unit="%", signed=False,
            resolution=one_picture(PLAIN),
        ),
        Claim(
            key="same-depth", title="Also at one depth", roles=(PLAIN, SHALLOW), one_depth=True,
            measured="plain − residual of one depth, mean test error with one block deleted",
            paper="not in the paper: its plain network is VGG", source="this program", of_paper=False,
            values=lambda results: {
                seed: value - other
                for seed, value in deleted(results, PLAIN).items()
                if (other := deleted(results, SHALLOW).get(seed)) is not None
            },
            bound=Bound(low=20.0), unit="points", resolution=one_picture(PLAIN), difference=True,
        ),
        Claim(
            key="smooth", title="Error grows smoothly with k", roles=(RESIDUAL,),
            measured="largest rise a block more, up to half of the blocks, 5 draws",
            paper="increases smoothly with the number of deleted blocks", source=f"{_PAPER}, section 4",
            values=lambda results: steepest(results, RESIDUAL), bound=Bound(high=10.0), unit="points",
            resolution=one_picture(RESIDUAL), difference=True,
        ),
    ),
    look_for=(
        "Left: the bars are at the floor: a deleted block leaves its **shortcut**, and the signal goes on.",
        "Right: a plain network is one chain. Any link taken out ends at chance.",
        "Blocks that change the shape, and the first one, may behave otherwise; a network that was trained for a short "
        "time tolerates less than the paper's.",
        "That residual networks are “ensembles” is an interpretation, and it has been criticised (Wu et al. 2019).",
    ),
    protocol=(
        "Nothing is trained. One block after the other is left out (y = x, or what its shortcut makes of x), and the "
        "test error counted; then k blocks at random, 5 draws each; then k random swaps within a stage.",
        "A plain block is bypassed where shapes agree; where they do not, there is nothing to leave, and it stays.",
        "Batch norms keep their trained statistics; the switch measures them again after the lesion.",
    ),
    differences=(
        "Quick: ResNet-56, ResNet-20 and plain-20 of 8 epochs on 8×8 digits, where the paper has ResNet-110 on CIFAR.",
        "plain-20 stands against ResNet-56 because plain-56 does not train; ResNet-20 is beside them.",
        "The contrast is a plain network of the same family; the paper's is VGG.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data="networks of 8 epochs on the digits inside, 360 test pictures",
            seconds=60, setup=LesionSetup(),
            sweep=SHARED_NETWORKS, shared=True,
        ),
    ),
    roles=(
        Role(key=RESIDUAL, title="Residual", plain=False, network="ResNet-56"),
        Role(key=PLAIN, title="Plain", plain=True, network="plain-20"),
        Role(key=SHALLOW, title="Residual, 20 layers", plain=False, depths=(20, 20), network="ResNet-20"),
    ),
    measures=LesionStudy,
)  # fmt: skip
