"""What a new run will cost, in the foot of its form: measured, or as earlier runs took, and what makes it fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.kit.format import duration
from resnet_gui.gui.runs.earlier_pace import EarlierPace, Wanted, earlier_pace
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.recipe.memory_dialog import gigabytes
from resnet_gui.protocol.events import Fit, TrainingEstimated
from resnet_gui.training.memory_fit import MemoryFix, memory_fixes

BUSY: Final = (
    "Other programs want the processor's cores now, so the run takes longer than it would alone; once it goes on, its "
    "own pace says how long."
)
LATER: Final = "Time and memory are measured when no run is going"


class CostWords:
    """The words in the foot of a form of a new run.

    Attributes:
        params: of the network that will be trained.
    """

    def __init__(self, form: RecipeForm, session: Session, fit: Callable[[], Fit | None]) -> None:
        """Write for a form; ``fit`` says what the chosen data hold, once that is known."""
        self._form, self._session, self._fit = form, session, fit
        self.params = 0
        self._memory_fix: MemoryFix | None = None

    def show_parameters(self, problem: str = "") -> None:
        """Say nothing of time and memory; ``problem`` is why that cannot be known."""
        self._form.footer.show_cost(self._parameters(), problem)

    def show_measuring(self) -> None:
        """Say that it is being measured."""
        self._form.footer.show_cost(f"{self._parameters()}\nmeasuring …")

    def _parameters(self) -> str:
        return f"{self.params:,} parameters"

    def _spec(self, fit: Fit | None) -> ResNetSpec:
        """Of the network that will be trained: its head has as many classes as the data."""
        return evolve(self._session.spec, classes=fit.classes) if fit is not None else self._session.spec

    def _earlier(self, device: str, threads: int = 0) -> EarlierPace | None:
        """What earlier runs of the same say of the form as it stands."""
        recipe, fit = self._form.valid_recipe(), self._fit()
        if recipe is None or fit is None:
            return None
        return earlier_pace(self._session.runs.rows(), Wanted(self._spec(fit), recipe, fit, device, threads))

    def show_later(self) -> None:
        """While a run goes on nothing is measured; what earlier ones took is known nevertheless."""
        known = [device.name for device in self._session.devices if device.name != "cpu"]
        auto = known[0] if known else "cpu"
        earlier = self._earlier(auto if self._session.device == "auto" else self._session.device)
        time = f"\nabout {duration(earlier.seconds)}, {earlier.words}" if earlier is not None else ""
        self._form.footer.show_cost(self._parameters() + time, why=LATER)

    def show_estimate(self, found: TrainingEstimated) -> None:
        """Say what the engine has measured, or what makes the run fit."""
        memory = gigabytes(found.needed)
        if found.seconds is not None:
            faster = f"; bf16 {found.bf16_speed:.1f}× faster" if found.bf16_speed >= 1.1 else ""
            earlier, why = self._earlier(found.device, found.threads), BUSY if found.busy else ""
            time = f"about {duration(found.seconds)}"
            alone = "busy now; alone " if found.busy else ""
            # What a run took beside other programs is the most that it takes alone.
            if earlier is not None and earlier.busy and earlier.seconds >= found.seconds:
                why = f"{why}\n{earlier.runs[0]} took {duration(earlier.seconds)} on the busy computer.".strip()
            elif earlier is not None:
                time = f"about {duration(earlier.seconds)}, {earlier.words}"
                measured = duration(found.seconds)
                why = f"{why}\nBy {', '.join(earlier.runs)}; a few steps just now say {measured}.".strip()
                alone = "" if earlier.busy else alone
            # A step on the CPU may make maps again that autograd would keep.
            most = "up to " if found.device == "cpu" and found.precision == "fp32" else ""
            self._form.footer.show_cost(f"{alone}{time}\n{most}{memory}{faster}", why=why)
            return
        self._memory_fix = None
        recipe = self._form.valid_recipe()
        if recipe is None:
            return
        there = f"{gigabytes(found.capacity)} {'are' if found.capacity >= 1e9 else 'is'} free on {found.device.upper()}"
        ways = memory_fixes(plan(self._spec(self._fit())), recipe, found.precision, found.capacity)
        if ways:
            self._memory_fix = ways[0]
        self._form.footer.show_cost(
            f"needs {memory}",
            f"This run will not fit: it needs {memory}, {there}.",
            f"Use {ways[0].short}: needs {gigabytes(ways[0].needed)}" if ways else "",
        )

    def take_memory_fix(self) -> None:
        """Change the recipe so that the run fits."""
        if self._memory_fix is not None:
            self._form.take_recipe(self._memory_fix.recipe)
