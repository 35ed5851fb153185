"""The recipe form: how the present design is trained."""

from __future__ import annotations

import contextlib
from typing import Final

import msgspec
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QSpinBox, QVBoxLayout, QWidget

from resnet_gui.base.errors import RecipeError
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import button, column, label, panel, restyle, row, scrolled
from resnet_gui.gui.kit.collapsible import Collapsible
from resnet_gui.gui.kit.form import indent, prepare, titled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.recipe.combos import DeviceCombo, NamedRecipeCombo
from resnet_gui.gui.train.recipe.controls import FIELD_OF, RecipeControls
from resnet_gui.gui.train.recipe.dataset import DataChoice
from resnet_gui.gui.train.recipe.field_grid import FieldGrid
from resnet_gui.gui.train.recipe.fields import AUGMENT, FROZEN_NORMS, MAIN, MORE, PHASES, SEED, SWITCHES
from resnet_gui.gui.train.recipe.footer import RecipeFooter
from resnet_gui.gui.train.recipe.phases_part import PhasesPart
from resnet_gui.gui.train.recipe.schedule_preview import USUAL_PICTURES, SchedulePreview
from resnet_gui.gui.train.recipe.words import advanced_note
from resnet_gui.gui.train.start.choice import StartChoice
from resnet_gui.protocol.events import Fit
from resnet_gui.training.named_recipes import FINE_TUNE, RECIPES, with_recipe
from resnet_gui.training.phase_edits import stage_problem
from resnet_gui.training.rates import SMALLER_RATE
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest

STANDARD: Final = "standard"
FROM_WEIGHTS: Final = (FINE_TUNE, "linear-probe")
"""Recipes of a training that begins from weights."""
BATCH: Final = next(field for field in MAIN if field.name == "batch_size")


class RecipeForm(QFrame):
    """The form of a recipe: a control for every field, and the button that starts the training.

    Attributes:
        choice: of the data set.
        begin: of what the weights begin from.
        table: of the phases; shown where weights are begun from, or parts are frozen anyway.

    Signals:
        start_requested: the recipe to train with, and how many times with other seeds.
        fit_requested: "data", change the design's input and classes to the data's, or "stem", its stem to their size.
        data_changed: another data set is chosen.
        device_chosen: as the command line names it.
        download_requested: fetch the chosen data set.
        changed: the recipe is another one.
        memory_fix_requested: take what would make the run fit.
        save_requested: write this recipe to a file.
        message: a sentence for the status bar.
    """

    start_requested = Signal(object, int)
    fit_requested = Signal(str)
    data_changed = Signal(str)
    device_chosen = Signal(str)
    download_requested = Signal(str)
    changed = Signal()
    memory_fix_requested = Signal()
    save_requested = Signal(object)
    message = Signal(str)

    def __init__(self, theme: Theme, data: str) -> None:
        super().__init__()
        self._theme = theme
        self._fit: Fit | None = None
        self._stages, self._begins, self._plans = 0, False, False
        self._controls = RecipeControls(theme, self)
        outer = column(self)
        body = panel()
        layout = column(body, (16, 10, 16, 10), 3)
        self._scroll = scrolled(body)
        outer.addWidget(self._scroll, 1)
        self._add_top(layout, data)
        self._add_plan(layout)
        self._add_fields(layout)
        self.error = label("", "error", wrap=True)
        self.error.hide()
        layout.addWidget(self.error)
        self._add_more(layout)
        layout.addStretch()
        self.footer = RecipeFooter(theme)
        self.note, self.warning, self.memory_fix = self.footer.note, self.footer.warning, self.footer.memory_fix
        self.start, self.caution = self.footer.start, self.footer.caution
        outer.addWidget(self.footer)
        self._connect()
        self._arrange()
        self._show_recipe()

    # ---- construction

    def _add_top(self, layout: QVBoxLayout, data: str) -> None:
        self.choice = DataChoice(data)
        layout.addWidget(titled("Data set", self.choice.combo))
        line = row(gap=8)
        line.addWidget(self.choice.combo, 1)
        line.addWidget(self.choice.browse)
        layout.addLayout(line)
        layout.addWidget(self.choice)
        self.begin = StartChoice(self._theme)
        layout.addWidget(self.begin)
        self.named, self.device = NamedRecipeCombo(), DeviceCombo()
        first = FieldGrid()
        first.show_fields([("Recipe", self.named), ("Device", self.device)])
        layout.addSpacing(4)
        layout.addWidget(first)

    def _add_plan(self, layout: QVBoxLayout) -> None:
        self._plan = PhasesPart(self._theme, self._controls.make(FROZEN_NORMS))
        self.table = self._plan.table
        self._controls.add(PHASES, self.table)
        layout.addWidget(self._plan)

    def _add_fields(self, layout: QVBoxLayout) -> None:
        for field in (*MAIN, AUGMENT, SEED):
            self._controls.make(field)
        self.repeats = repeats_control()
        self._main, self._short = FieldGrid(), FieldGrid()
        self.preview = SchedulePreview(self._theme)
        for widget in (self._main, self.preview, self._short):
            layout.addWidget(widget)
        self._body = layout

    def _add_more(self, layout: QVBoxLayout) -> None:
        self.more = QFrame()
        self._inside = column(self.more, (0, 6, 0, 0), 6)
        grid = FieldGrid()
        for field in (*MORE, *SWITCHES):
            self._controls.make(field)
        grid.show_fields(self._controls.titled(MORE))
        self.plan_link = button(f"{PHASES.title} …", "link", PHASES.tip)
        self.plan_link.clicked.connect(self._open_plan)
        self._inside.addWidget(self.plan_link)
        self._inside.addWidget(grid)
        for field in SWITCHES:
            self._inside.addWidget(self._controls[field.name])
        self.advanced_part = Collapsible(self._theme, self.more, self._scroll)
        layout.addSpacing(4)
        layout.addWidget(self.advanced_part)
        layout.addWidget(self.more)

    def _connect(self) -> None:
        self._controls.changed.connect(self._field_changed)
        self.named.activated.connect(self._choose_named)
        self.device.activated.connect(lambda _index: self.device_chosen.emit(self.device.currentData()))
        self.choice.chosen.connect(self._data_chosen)
        self.choice.fit_requested.connect(self.fit_requested)
        self.choice.download_requested.connect(self.download_requested)
        self.begin.chosen.connect(self._begin_chosen)
        self.table.edited.connect(self._phases_edited)
        self.table.refused.connect(lambda sentence: self.show_error(PHASES.name, sentence))
        self.repeats.valueChanged.connect(self.footer.show_repeats)
        self.caution.smaller_rate.clicked.connect(lambda: self.change_recipe(lr=SMALLER_RATE))
        self.footer.memory_fix.clicked.connect(self.memory_fix_requested)
        self.footer.start.clicked.connect(self._tell_start)
        self.footer.save.clicked.connect(self._tell_save)

    def _arrange(self) -> None:
        """Put the fields where they are looked for: with weights, how fast is learnt stands in the plan."""
        begins = self.begin.request is not None
        planned = begins or bool(self.table.phases) or self._plans
        self._plan.setVisible(planned)
        self.plan_link.setVisible(not planned)
        self._plan.show_start(drawn=not begins)
        seeds = [*self._controls.titled((SEED,)), ("Repeats", self.repeats)]
        rest = [field for field in MAIN if field is not BATCH] if begins else list(MAIN)
        into = self._inside if begins else self._body
        if into.indexOf(self._main) < 0:
            at = 0 if begins else self._body.indexOf(self._short)
            into.insertWidget(at, self._main)
            into.insertWidget(at + 1, self.preview)
        self._main.show_fields(self._controls.titled(rest))
        first = self._controls.titled((BATCH, AUGMENT) if begins else (AUGMENT,))
        self._short.show_fields([*first, *seeds], wide=0 if begins else 1)

    # ---- the recipe

    @property
    def data(self) -> str:
        """The chosen data set: the name of a known one, or a folder."""
        return self.choice.data

    def field(self, name: str) -> QWidget:
        """The widget of a recipe's field."""
        return self._controls[name]

    def recipe(self) -> Recipe:
        """The recipe as it stands.

        Raises:
            RecipeError: a value cannot be; its field is marked.
        """
        try:
            return self._read()
        except RecipeError as error:
            title = FIELD_OF[error.field].title if error.field in FIELD_OF else error.field
            self.show_error(error.field, str(error).replace(f"{error.field} is ", f"{title} is ", 1))
            raise

    def valid_recipe(self) -> Recipe | None:
        """The recipe as it stands, for those who only look; None while a value cannot be, which is not marked again."""
        try:
            return self._read()
        except RecipeError:
            return None

    def _read(self) -> Recipe:
        recipe = self._controls.read(self.data)
        if self._stages and (problem := stage_problem(recipe.phases, self._stages)):
            raise RecipeError(PHASES.name, problem)
        return recipe

    def take_recipe(self, recipe: Recipe) -> None:
        """Show a recipe, its data set too; if that is another one, this is said as if the user had chosen it."""
        self.show_error("", "")
        before = self.data
        self.choice.choose(recipe.data)
        self._controls.show_recipe(recipe)
        self._show_recipe()
        self.changed.emit()
        if recipe.data != before:
            self.data_changed.emit(recipe.data)

    def take_training(self, recipe: Recipe, start: StartRequest | None) -> None:
        """Show a recipe with the weights that it began from; the recipe stays, whatever is usual for such a start."""
        self._begins = start is not None
        self.begin.choose(start)
        self.take_recipe(recipe)

    def change_recipe(self, **changes: object) -> None:
        """Change some fields as if the user had."""
        for name, value in changes.items():
            self._controls.show_field(name, value)
        self._field_changed()

    def show_error(self, field: str, message: str) -> None:
        """Mark a field as wrong and say why."""
        self.error.setText(message)
        self.error.setVisible(bool(message))
        if message:
            if field in FIELD_OF and self.more.isAncestorOf(self._controls[field]):
                self.advanced_part.button.setChecked(True)
            # The sentence stands below the fields, which may be below the fold.
            QTimer.singleShot(0, self._scroll, lambda: self._scroll.ensureWidgetVisible(self.error))
        self._controls.mark(field if message else "")
        restyle(self.choice.combo, invalid="true" if message and field == "data" else "false")

    def show_fit(self, fit: Fit | None) -> None:
        """Know how many pictures there are, for the preview."""
        self._fit = fit
        self._warn(self.valid_recipe())
        self._show_preview()

    def show_plan(self, planned: Plan) -> None:
        """Know the parts of the design, for the phases."""
        self._stages = len(planned.stages)
        self.table.show_plan(planned)

    def _choose_named(self, _index: int) -> None:
        name = self.named.currentData()
        if name in RECIPES:
            self._take_named(name)

    def _take_named(self, name: str) -> None:
        self.show_error("", "")
        self._controls.show_recipe(with_recipe(self._controls.own(self.data), RECIPES[name]))
        self._show_recipe()
        self.changed.emit()

    def _begin_chosen(self) -> None:
        """Weights bring the recipe that suits them, if none of their kind is chosen; so does their absence."""
        before, begins = self._begins, self.begin.request is not None
        self._begins, named = begins, self.named.currentData()
        if begins and not before and named not in FROM_WEIGHTS:
            self._take_named(FINE_TUNE)
            self.message.emit(f"The recipe is now {RECIPES[FINE_TUNE].title}, as the run begins from weights.")
        elif before and not begins and named in FROM_WEIGHTS:
            self._take_named(STANDARD)
            self.message.emit(f"The recipe is now {RECIPES[STANDARD].title}, as the run begins from random weights.")
        else:
            self._show_recipe()
            self.changed.emit()

    def _open_plan(self) -> None:
        """Show the plan of the phases although the weights are drawn."""
        self._plans = True
        self._arrange()
        self._scroll.ensureWidgetVisible(self.table)

    def _data_chosen(self, data: str) -> None:
        self.show_error("", "")
        self.data_changed.emit(data)

    def _phases_edited(self) -> None:
        self._controls.show_field("epochs", self.table.epochs)
        self._field_changed()

    def _field_changed(self) -> None:
        self.show_error("", "")
        self._show_recipe()
        self.changed.emit()

    def _show_recipe(self) -> None:
        """Name the recipe that the fields make, and draw its schedule."""
        self._arrange()
        try:
            recipe = self.recipe()
        except RecipeError:
            return
        self.table.show_training(recipe.epochs, recipe.lr)
        self.named.show_recipe(recipe)
        self._warn(recipe)
        self.advanced_part.note.setText(advanced_note(recipe, begins=self.begin.request is not None))
        self._show_preview()

    def _warn(self, recipe: Recipe | None) -> None:
        drawn = self._fit is not None and self.begin.request is None
        self.caution.show_recipe(recipe, self._fit.train_images if drawn and self._fit else 0)

    def _show_preview(self) -> None:
        with contextlib.suppress(RecipeError):
            recipe = self._controls.read(self.data)
            self.preview.show_training(recipe, self._fit.train_images if self._fit is not None else USUAL_PICTURES)

    def _tell_start(self) -> None:
        self.show_error("", "")
        with contextlib.suppress(RecipeError):
            self.start_requested.emit(self.recipe(), self.repeats.value())

    def _tell_save(self) -> None:
        with contextlib.suppress(RecipeError):
            self.save_requested.emit(self.recipe())


def repeats_control() -> QSpinBox:
    """The control of how many runs there are to be."""
    spin = QSpinBox()
    spin.setRange(1, 100)
    spin.setSuffix(" run")
    spin.valueChanged.connect(lambda count: spin.setSuffix(" run" if count == 1 else " runs"))
    prepare(spin, "Repeats", "Trains so many times, each with the next seed, one after the other")
    indent(spin)
    return spin


def seeds_of(recipe: Recipe, repeats: int) -> list[Recipe]:
    """The recipes of repeated runs: each has the next seed."""
    return [msgspec.structs.replace(recipe, seed=(recipe.seed + number) % 2**31) for number in range(repeats)]
