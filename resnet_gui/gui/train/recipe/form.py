"""The recipe form: how the present design is trained."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QSpinBox, QVBoxLayout, QWidget

from resnet_gui.base.errors import RecipeError
from resnet_gui.gui.kit.basic import ElidingCombo, button, column, label, panel, restyle, row, scrolled, set_icon
from resnet_gui.gui.kit.collapsible import Collapsible
from resnet_gui.gui.kit.form import FormField, indent, make_control, prepare, show_value, titled, value_of
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.recipe.dataset import DataChoice
from resnet_gui.gui.train.recipe.fields import ALL, AUGMENT, MAIN, MORE, SEED, SWITCHES
from resnet_gui.gui.train.recipe.schedule_preview import SchedulePreview
from resnet_gui.protocol.events import Device, Fit
from resnet_gui.training.named_recipes import OWN, RECIPES, recipe_of, with_recipe
from resnet_gui.training.rates import RateMemory, rate_warning
from resnet_gui.training.recipe import Recipe, steps_in_epoch, total_steps

CUSTOM: Final = "custom"
BATCHES: Final = 65_536
"""The largest batch: any number of parts fits into it."""

FIELD_OF: Final = {field.name: field for field in ALL}


class RecipeForm(QFrame):
    """The form of a recipe: a control for every field, and the button that starts the training.

    Signals:
        start_requested: the recipe to train with, and how many times with other seeds.
        fit_requested: change the design's input and classes to the data's.
        data_changed: another data set is chosen.
        device_chosen: as the command line names it.
        download_requested: fetch the chosen data set.
        changed: the recipe is another one.
        memory_fix_requested: take what would make the run fit.
    """

    start_requested = Signal(object, int)
    fit_requested = Signal()
    data_changed = Signal(str)
    device_chosen = Signal(str)
    download_requested = Signal(str)
    changed = Signal()
    memory_fix_requested = Signal()

    def __init__(self, theme: Theme, data: str) -> None:
        super().__init__()
        self._theme = theme
        self._fit: Fit | None = None
        self._fields: dict[str, QWidget] = {}
        self._rates = RateMemory(Recipe())
        outer = column(self)
        body = panel()
        layout = column(body, (16, 10, 16, 10), 3)
        self._scroll = scrolled(body)
        outer.addWidget(self._scroll, 1)
        self._add_top(layout, data)
        layout.addLayout(self._grid([(field.title, self._make(field)) for field in MAIN]))
        self.preview = SchedulePreview(theme)
        layout.addWidget(self.preview)
        layout.addWidget(titled(AUGMENT.title, self._make(AUGMENT)))
        layout.addWidget(self._fields["augment"])
        layout.addSpacing(4)
        self.repeats = QSpinBox()
        self.repeats.setRange(1, 100)
        self.repeats.setSuffix(" run")
        self.repeats.valueChanged.connect(lambda count: self.repeats.setSuffix(" run" if count == 1 else " runs"))
        prepare(self.repeats, "Repeats", "Trains so many times, each with the next seed, one after the other")
        indent(self.repeats)
        layout.addLayout(self._grid([(SEED.title, self._make(SEED)), ("Repeats", self.repeats)]))
        self.error = label("", "error", wrap=True)
        self.error.hide()
        layout.addWidget(self.error)
        self._add_more(layout)
        layout.addStretch()
        outer.addWidget(self._footer())
        self._take(Recipe())
        self._show_recipe()

    # ---- construction

    def _add_top(self, layout: QVBoxLayout, data: str) -> None:
        self.named = ElidingCombo()
        for named in RECIPES.values():
            self.named.addItem(named.title, named.name)
            self.named.setItemData(self.named.count() - 1, named.source, Qt.ItemDataRole.ToolTipRole)
        self.named.activated.connect(self._choose_named)
        prepare(self.named, "Recipe", "")
        layout.addWidget(titled("Recipe", self.named))
        layout.addWidget(self.named)
        layout.addSpacing(4)
        self.choice = DataChoice(data)
        self.device = ElidingCombo()
        self.device.activated.connect(lambda _index: self.device_chosen.emit(self.device.currentData()))
        prepare(self.device, "Device", "Where the run is computed")
        layout.addLayout(self._grid([("Data set", self.choice.combo), ("Device", self.device)]))
        layout.addWidget(self.choice)
        self.choice.chosen.connect(self._data_chosen)
        self.choice.fit_requested.connect(self.fit_requested)
        self.choice.download_requested.connect(self.download_requested)

    def _make(self, field: FormField) -> QWidget:
        changed = self._optimiser_changed if field.name == "optimizer" else self._field_changed
        made = self._fields[field.name] = make_control(self._theme, field, changed, while_typing=True)
        show_value(made, getattr(Recipe(), field.name))
        return made

    def _grid(self, fields: Sequence[tuple[str, QWidget]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 4)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for number, (name, widget) in enumerate(fields):
            line, place = 3 * (number // 2), number % 2
            grid.addWidget(titled(name, widget), line, place)
            grid.addWidget(widget, line + 1, place)
            grid.setRowMinimumHeight(line + 2, 3 if number + 2 < len(fields) else 0)
            grid.setColumnStretch(place, 1)
        return grid

    def _add_more(self, layout: QVBoxLayout) -> None:
        self.more = QFrame()
        inside = column(self.more, (0, 6, 0, 0), 6)
        inside.addLayout(self._grid([(field.title, self._make(field)) for field in MORE]))
        for field in SWITCHES:
            inside.addWidget(self._make(field))
        self.advanced_part = Collapsible(self._theme, self.more, self._scroll)
        layout.addSpacing(4)
        layout.addWidget(self.advanced_part)
        layout.addWidget(self.more)

    def _footer(self) -> QFrame:
        bar = panel("topLine")
        outer = column(bar, (16, 1, 16, 0))
        self.warning = label("", "error", wrap=True)
        self.memory_fix = button("", "link", "Change the recipe so that it fits")
        self.memory_fix.clicked.connect(self.memory_fix_requested)
        for widget in (self.warning, self.memory_fix):
            widget.hide()
            outer.addWidget(widget)
        inner = panel()
        inner.setFixedHeight(52)
        line = row(inner)
        self.note = label("", "small", wrap=True)
        line.addWidget(self.note, 1)
        self.start = button("Start run", "primary", "Train the design with this recipe (Ctrl+R)")
        self.start.setShortcut("Ctrl+R")
        set_icon(self._theme, self.start, "play", "onacc")
        self.start.clicked.connect(self._tell_start)
        line.addWidget(self.start)
        outer.addWidget(inner)
        return bar

    # ---- the recipe

    @property
    def data(self) -> str:
        """The chosen data set: the name of a known one, or a folder."""
        return self.choice.data

    def field(self, name: str) -> QWidget:
        """The widget of a recipe's field."""
        return self._fields[name]

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

    def _read(self) -> Recipe:
        values = {name: self._value(name) for name in self._fields}
        return Recipe(data=self.data, **values)  # type: ignore[arg-type]

    def _value(self, name: str) -> object:
        try:
            return value_of(self._fields[name], FIELD_OF[name])
        except ValueError as error:
            raise RecipeError(name, str(error)) from None

    def take_recipe(self, recipe: Recipe) -> None:
        """Show a recipe, its data set too; if that is another one, this is said as if the user had chosen it."""
        self.show_error("", "")
        before = self.data
        self.choice.choose(recipe.data)
        self._take(recipe)
        self._show_recipe()
        self.changed.emit()
        if recipe.data != before:
            self.data_changed.emit(recipe.data)

    def _take(self, recipe: Recipe) -> None:
        self._rates = RateMemory(recipe)
        for name, widget in self._fields.items():
            show_value(widget, getattr(recipe, name))

    def show_error(self, field: str, message: str) -> None:
        """Mark a field as wrong and say why."""
        self.error.setText(message)
        self.error.setVisible(bool(message))
        if message:
            if field in self._fields and self.more.isAncestorOf(self._fields[field]):
                self.advanced_part.button.setChecked(True)
            # The sentence stands below the fields, which may be below the fold.
            QTimer.singleShot(0, lambda: self._scroll.ensureWidgetVisible(self.error))
        for name, widget in (*self._fields.items(), ("data", self.choice.combo)):
            restyle(widget, invalid="true" if message and name == field else "false")

    def show_fit(self, fit: Fit | None) -> None:
        """Know how many pictures there are, for the preview."""
        self._fit = fit
        self._show_preview()

    def show_cost(self, note: str, warning: str = "", memory_fix: str = "", *, why: str = "") -> None:
        """Say what the run will cost; where it does not fit, what would; ``why`` more is not known, in the tooltip."""
        self.note.setText(note)
        self.note.setToolTip(why)
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        self.memory_fix.setText(memory_fix)
        self.memory_fix.setVisible(bool(memory_fix))

    def show_devices(self, devices: Sequence[Device], chosen: str) -> None:
        """Show what there is to compute on."""
        self.device.clear()
        self.device.addItem("Automatic", "auto")
        for device in devices:
            self.device.addItem(device.name.upper(), device.name)
            self.device.setItemData(self.device.count() - 1, device.title, Qt.ItemDataRole.ToolTipRole)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))

    # ---- from the user

    def choose_folder(self, folder: Path) -> None:
        """Take a folder as the data set."""
        self.choice.choose_folder(folder)

    def _choose_named(self, _index: int) -> None:
        name = self.named.currentData()
        if name in RECIPES:
            self.show_error("", "")
            self._take(with_recipe(self._own(), RECIPES[name]))
            self._show_recipe()
            self.changed.emit()

    def _own(self) -> Recipe:
        """What a named recipe leaves as it is, whatever may be wrong in the other fields."""
        kept = {name: self._value(name) for name in OWN if name in self._fields}
        try:
            # Any number of parts may be asked for; whether the batch has room for them is seen later.
            return Recipe(data=self.data, batch_size=BATCHES, **kept)  # type: ignore[arg-type]
        except RecipeError:
            return Recipe(data=self.data)

    def _data_chosen(self, data: str) -> None:
        self.show_error("", "")
        self.data_changed.emit(data)

    def _optimiser_changed(self) -> None:
        """Give an optimiser a rate that fits it, unless the user has said another that may."""
        with contextlib.suppress(RecipeError):
            show_value(self._fields["lr"], self._rates.rate_for(self._read()))
        self._field_changed()

    def _field_changed(self) -> None:
        self.show_error("", "")
        self._show_recipe()
        self.changed.emit()

    def _show_recipe(self) -> None:
        """Name the recipe that the fields make, and draw its schedule."""
        try:
            recipe = self.recipe()
        except RecipeError:
            return
        named = recipe_of(recipe)
        at = self.named.findData(CUSTOM)
        if named is None and at < 0:
            self.named.addItem("Custom", CUSTOM)
        elif named is not None and at >= 0:
            self.named.removeItem(at)
        self.named.setCurrentIndex(self.named.findData(named.name if named is not None else CUSTOM))
        self.named.setToolTip(named.source if named is not None else "Your own")
        if warning := rate_warning(recipe):
            self.error.setText(warning)
            self.error.show()
        more = sum(getattr(recipe, field.name) != getattr(Recipe(), field.name) for field in (*MORE, *SWITCHES))
        self.advanced_part.note.setText(f"{more} changed" if more else "")
        self._show_preview()

    def _show_preview(self) -> None:
        try:
            recipe = self._read()
        except RecipeError:
            return
        images = self._fit.train_images if self._fit is not None else 50_000
        per_epoch = max(1, steps_in_epoch(images, min(recipe.batch_size, images), recipe.accumulate))
        self.preview.show_recipe(recipe, total_steps(recipe, per_epoch), per_epoch)

    def _tell_start(self) -> None:
        self.show_error("", "")
        try:
            self.start_requested.emit(self.recipe(), self.repeats.value())
        except RecipeError:
            return


def seeds_of(recipe: Recipe, repeats: int) -> list[Recipe]:
    """The recipes of repeated runs: each has the next seed."""
    return [msgspec.structs.replace(recipe, seed=(recipe.seed + number) % 2**31) for number in range(repeats)]
