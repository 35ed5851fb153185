"""Which fields a recipe has in the form, and what they explain."""

from __future__ import annotations

from typing import Final

from resnet_gui.gui.kit.form import FormField


def _whole(name: str, title: str, tip: str, low: int, high: int) -> FormField:
    return FormField(name, title, "whole", tip, low=low, high=high, grouped=True)


MAIN: Final = (
    _whole("epochs", "Epochs", "Passes over the training pictures", 1, 100_000),
    _whole("batch_size", "Batch", "Pictures an optimiser step", 2, 65_536),
    FormField(
        "optimizer", "Optimiser", "choice",
        "Stochastic gradient descent with momentum, or AdamW (Loshchilov and Hutter 2017)",
        (("sgd", "SGD"), ("adamw", "AdamW")),
    ),
    FormField("weight_decay", "Weight decay", "number", "L2 penalty (SGD), or decoupled decay (AdamW)"),
    FormField("lr", "Learning rate", "number", "At the top of the schedule"),
    FormField(
        "schedule", "Schedule", "choice",
        "Step divides by ten at a half and three quarters (He et al. 2015, section 4.2), or where 'Steps at' says",
        (("constant", "Constant"), ("step", "Step ÷10"), ("cosine", "Cosine"), ("one-cycle", "One cycle")),
    ),
)  # fmt: skip
AUGMENT: Final = FormField(
    "augment", "Augmentation", "choice",
    "Random crop after padding by an eighth, mirrored at random (He et al. 2015, section 4.2)",
    (
        ("none", "None"), ("shift", "Pad, random crop"), ("shift-flip", "Pad, random crop, flip"),
        ("resized-crop", "Random resized crop, flip"),
    ),
)  # fmt: skip
PHASES: Final = FormField(
    "phases", "Frozen parts and learning rates", "own",
    "Which parts of the network learn in which epochs, and how fast; what is left of a handle is frozen",
)  # fmt: skip
FROZEN_NORMS: Final = FormField(
    "frozen_norms", "BN of frozen parts", "segment",
    "Norms of frozen parts normalise by the statistics that they came with, or by those of each batch",
    (("keep", "keep statistics"), ("measure", "measure anew")),
)  # fmt: skip
SEED: Final = _whole("seed", "Seed", "Of weights, order and augmentation", 0, 2**31 - 1)
MORE: Final = (
    FormField("momentum", "Momentum", "number", "Of SGD"),
    FormField(
        "step_at", "Steps at", "numbers", "Fractions of the training at which the step schedule divides by ten",
    ),
    _whole("warmup", "Warm-up, steps", "Steps at a lower learning rate before the schedule", 0, 10**7),
    FormField(
        "warmup_shape", "Warm-up", "choice",
        "Linear from zero (Goyal et al. 2017), or a tenth all along (He et al. 2015, section 4.2)",
        (("linear", "Linear"), ("constant", "A tenth")),
    ),
    FormField(
        "label_smoothing", "Label smoothing", "number", "Probability spread over all classes (Szegedy et al. 2015)",
    ),
    FormField(
        "ema", "Weight average", "number", "Decay of an average of the weights that is tested and kept; 0 for none",
    ),
    FormField("clip", "Gradient clip", "number", "Largest norm of the whole gradient; 0 for no limit"),
    _whole("steps", "Stop after, steps", "Ends the training within an epoch; 0 for all epochs", 0, 10**9),
    FormField(
        "balance", "Uneven classes", "choice",
        "As they are; a loss weighted by the inverse share of the class; or each class drawn equally often",
        (("none", "As they are"), ("weights", "Weigh the loss"), ("sampler", "Draw equally")),
    ),
    FormField(
        "fit", "Other shapes", "choice",
        "How a picture of another shape becomes the input's: as the weights want it, else cropped; its largest centred "
        "part, all of it stretched, or all of it between black bars",
        (("auto", "As the weights"), ("crop", "Centre crop"), ("squeeze", "Squeeze"), ("pad", "Pad")),
    ),
    _whole("patience", "Patience, epochs", "Ends after so many without a better validation error; 0 never", 0, 100_000),
    _whole("split_seed", "Seed of the split", "Draws what is held out; 0 takes evenly spaced pictures", 0, 2**31 - 1),
    FormField("validation", "Held out: validation", "number", "Fraction of each class where the data have none"),
    FormField("test", "Held out: test", "number", "Fraction of each class where the data have none; 0 for no test"),
    FormField(
        "split_groups", "Held out together", "text",
        "What stays on one side: 'folders', the pictures of a folder below the class's; or a pattern (regular "
        "expression) whose first group in a picture's name tells; empty for nothing",
        zero="nothing",
    ),
    FormField("colour", "Colour jitter", "number", "Factors 1 ± this for brightness, contrast, saturation"),
    FormField("cutout", "Cutout", "number", "Side of a blank square as a fraction (DeVries and Taylor 2017)"),
    FormField("mixup", "MixUp, alpha", "number", "Mixes pictures and labels (Zhang et al. 2017); 0 for none"),
    FormField("cutmix", "CutMix, alpha", "number", "Pastes boxes of other pictures (Yun et al. 2019); 0 for none"),
    FormField(
        "precision", "Precision", "choice", "Automatic: bf16 on a GPU that computes in it, else fp32",
        (("auto", "Automatic"), ("fp32", "fp32"), ("bf16", "bf16"), ("fp16", "fp16")),
    ),
    FormField(
        "layout", "Layout", "choice", "How feature maps lie in memory; automatic is the fastest that is safe",
        (("auto", "Automatic"), ("contiguous", "Contiguous"), ("channels-last", "Channels last")),
    ),
    _whole("accumulate", "Parts a batch", "A batch is computed in so many parts, to save memory", 1, 32_768),
)  # fmt: skip
SWITCHES: Final = (
    FormField("vertical_flip", "Flip upside down", "switch", "At random, as fits microscopes and satellites"),
    FormField("quarter_turns", "Quarter turns", "switch", "By a random number of them; the input must be square"),
    FormField("nesterov", "Nesterov momentum", "switch", "Looks ahead (Sutskever et al. 2013)"),
    FormField("decay_norm", "Decay norms and biases", "switch", "As in He et al. 2015; off: only weights decay"),
    FormField("recompute", "Recompute blocks", "switch", "Computes blocks twice to save memory (Chen et al. 2016)"),
    FormField("compile", "torch.compile", "switch", "Compiles first, half a minute; needs a C++ compiler"),
    FormField(
        "sync_bn", "Synchronised batch norm", "switch", "Statistics over all processes of a distributed training"
    ),
)
ALL: Final = (*MAIN, PHASES, FROZEN_NORMS, AUGMENT, SEED, *MORE, *SWITCHES)
