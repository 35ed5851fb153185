"""The fields of a recipe as form fields: one table, and how each kind is made, read and set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QSpinBox, QWidget

from resnet_gui.base.errors import RecipeError
from resnet_gui.gui.kit.basic import ElidingCombo
from resnet_gui.gui.kit.field_guard import FieldGuard
from resnet_gui.gui.kit.spin import indent
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.training.recipe import Recipe

Options = tuple[tuple[object, str], ...]


class RecipeField(NamedTuple):
    """A field of a recipe in the form.

    Attributes:
        name: of the recipe's field.
        title: above the field.
        tip: what it means, with its source.
        kind: "whole", "number", "numbers", "choice" or "switch".
        low, high: of a whole number.
        options: of a choice: value and text.
    """

    name: str
    title: str
    tip: str
    kind: str
    low: int = 0
    high: int = 0
    options: Options = ()


MAIN: Final = (
    RecipeField("epochs", "Epochs", "Passes over the training pictures", "whole", 1, 100_000),
    RecipeField("batch_size", "Batch", "Pictures an optimiser step", "whole", 2, 65_536),
    RecipeField(
        "optimizer", "Optimiser", "Stochastic gradient descent with momentum, or AdamW (Loshchilov and Hutter 2017)",
        "choice", options=(("sgd", "SGD"), ("adamw", "AdamW")),
    ),
    RecipeField("weight_decay", "Weight decay", "L2 penalty (SGD), or decoupled decay (AdamW)", "number"),
    RecipeField("lr", "Learning rate", "At the top of the schedule", "number"),
    RecipeField(
        "schedule", "Schedule",
        "Step divides by ten at a half and three quarters (He et al. 2015, section 4.2), or where 'Steps at' says",
        "choice",
        options=(
            ("constant", "Constant"), ("step", "Step ÷10"), ("cosine", "Cosine"), ("one-cycle", "One cycle"),
        ),
    ),
)  # fmt: skip
AUGMENT: Final = RecipeField(
    "augment", "Augmentation",
    "Random crop after padding by an eighth, mirrored at random (He et al. 2015, section 4.2)", "choice",
    options=(
        ("none", "None"), ("shift", "Pad, random crop"), ("shift-flip", "Pad, random crop, flip"),
        ("resized-crop", "Random resized crop, flip"),
    ),
)  # fmt: skip
SEED: Final = RecipeField("seed", "Seed", "Of weights, order and augmentation", "whole", 0, 2**31 - 1)
MORE: Final = (
    RecipeField("momentum", "Momentum", "Of SGD", "number"),
    RecipeField(
        "step_at", "Steps at", "Fractions of the training at which the step schedule divides by ten", "numbers",
    ),
    RecipeField("warmup", "Warm-up, steps", "Steps at a lower learning rate before the schedule", "whole", 0, 10**7),
    RecipeField(
        "warmup_shape", "Warm-up",
        "Linear from zero (Goyal et al. 2017), or a tenth all along (He et al. 2015, section 4.2)", "choice",
        options=(("linear", "Linear"), ("constant", "A tenth")),
    ),
    RecipeField(
        "label_smoothing", "Label smoothing", "Probability spread over all classes (Szegedy et al. 2015)", "number",
    ),
    RecipeField(
        "ema", "Weight average", "Decay of an average of the weights that is tested and kept; 0 for none", "number",
    ),
    RecipeField("clip", "Gradient clip", "Largest norm of the whole gradient; 0 for no limit", "number"),
    RecipeField("steps", "Stop after, steps", "Ends the training within an epoch; 0 for all epochs", "whole", 0, 10**9),
    RecipeField("colour", "Colour jitter", "Factors 1 ± this for brightness, contrast, saturation", "number"),
    RecipeField("cutout", "Cutout", "Side of a blank square as a fraction (DeVries and Taylor 2017)", "number"),
    RecipeField("mixup", "MixUp, alpha", "Mixes pictures and labels (Zhang et al. 2017); 0 for none", "number"),
    RecipeField("cutmix", "CutMix, alpha", "Pastes boxes of other pictures (Yun et al. 2019); 0 for none", "number"),
    RecipeField(
        "precision", "Precision", "Automatic: bf16 on a GPU that computes in it, else fp32", "choice",
        options=(("auto", "Automatic"), ("fp32", "fp32"), ("bf16", "bf16"), ("fp16", "fp16")),
    ),
    RecipeField(
        "layout", "Layout", "How feature maps lie in memory; automatic is the fastest that is safe", "choice",
        options=(("auto", "Automatic"), ("contiguous", "Contiguous"), ("channels-last", "Channels last")),
    ),
    RecipeField(
        "accumulate", "Parts a batch", "A batch is computed in so many parts, to save memory", "whole", 1, 32_768,
    ),
)  # fmt: skip
SWITCHES: Final = (
    RecipeField("nesterov", "Nesterov momentum", "Looks ahead (Sutskever et al. 2013)", "switch"),
    RecipeField("decay_norm", "Decay norms and biases", "As in He et al. 2015; off: only weights decay", "switch"),
    RecipeField("recompute", "Recompute blocks", "Computes blocks twice to save memory (Chen et al. 2016)", "switch"),
    RecipeField("compile", "torch.compile", "Compiles first, half a minute; needs a C++ compiler", "switch"),
    RecipeField(
        "sync_bn", "Synchronised batch norm", "Statistics over all processes of a distributed training", "switch"
    ),
)
ALL: Final = (*MAIN, AUGMENT, SEED, *MORE, *SWITCHES)


class NumberLine(QLineEdit):
    """A line with a number, or several, shown in six digits and kept whole until somebody types."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, object] = ("", None)

    def show_value(self, value: float | tuple[float, ...]) -> None:
        """Show it."""
        parts = value if isinstance(value, tuple) else (value,)
        text = ", ".join(f"{part:.6g}" for part in parts)
        self._shown = text, value
        self.setText(text)

    def untouched(self) -> object:
        """The value that is shown; None when something else stands there."""
        text, value = self._shown
        return value if self.text() == text else None


def make_field(theme: Theme, field: RecipeField, changed: Callable[[], None]) -> QWidget:
    """The widget of a field, at the standard recipe's value."""
    made: QWidget
    match field.kind:
        case "whole":
            spin = QSpinBox()
            spin.setRange(field.low, field.high)
            spin.setGroupSeparatorShown(True)
            spin.setLocale(QLocale.c())
            indent(spin)
            spin.valueChanged.connect(lambda _value: changed())
            made = spin
        case "choice":
            combo = ElidingCombo()
            for key, text in field.options:
                combo.addItem(text, key)
            combo.currentIndexChanged.connect(lambda _index: changed())
            made = combo
        case "switch":
            switch = ToggleSwitch(theme, field.title, field.tip)
            switch.toggled.connect(lambda _on: changed())
            made = switch
        case _:
            line = NumberLine()
            line.editingFinished.connect(changed)
            made = line
    made.setToolTip(field.tip)
    made.setAccessibleName(field.title)
    made.setMinimumWidth(40)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if isinstance(made, QAbstractSpinBox | QComboBox):
        made.installEventFilter(FieldGuard(made))
    put(made, getattr(Recipe(), field.name))
    return made


def value_of(widget: QWidget, field: RecipeField) -> object:
    """What a field says.

    Raises:
        RecipeError: it is no number.
    """
    if isinstance(widget, QSpinBox):
        return widget.value()
    if isinstance(widget, QComboBox):
        return widget.currentData()
    if isinstance(widget, ToggleSwitch):
        return widget.isChecked()
    if not isinstance(widget, NumberLine):
        raise TypeError(type(widget))
    whole = widget.untouched()
    if whole is not None:
        return whole
    text = widget.text()
    try:
        if field.kind == "numbers":
            return tuple(float(part) for part in text.replace(";", ",").split(",") if part.strip())
        return float(text.replace(",", "."))
    except ValueError:
        what = "numbers, such as 0.5, 0.75" if field.kind == "numbers" else "a number"
        raise RecipeError(field.name, f"{field.title} is '{text}'; it must be {what}.") from None


def put(widget: QWidget, value: object) -> None:
    """Show a value without telling anybody."""
    widget.blockSignals(True)
    if isinstance(widget, QSpinBox) and isinstance(value, int):
        widget.setValue(value)
    elif isinstance(widget, QComboBox):
        widget.setCurrentIndex(widget.findData(value))
    elif isinstance(widget, ToggleSwitch):
        widget.setChecked(bool(value))
    elif isinstance(widget, NumberLine) and isinstance(value, int | float | tuple):
        widget.show_value(value)
    widget.blockSignals(False)
    widget.update()
