"""Attacks by the gradient: how far they may change a picture, and in which steps."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from resnet_gui.base.errors import InputError

AttackMethod = Literal["fgsm", "pgd"]
"""The fast gradient sign method (Goodfellow et al. 2014), and projected gradient descent (Madry et al. 2017)."""

WHITE: Final = 255
MOST_STEPS: Final = 1000

STEPS: Final = 10
"""Steps of PGD where nobody says how many."""

PATH: Final = 2.5
"""All steps of PGD together, in ε: from anywhere in the box they reach its other side (Madry et al., their code)."""

EPSILONS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""The ε of a curve, in units of 1/255; 8 is the one of most comparisons on CIFAR-10."""


class Attack(msgspec.Struct, frozen=True):
    """An attack within L∞.

    Attributes:
        epsilon: largest change of any value of the picture, in units of 1/255 of the range from black to white.
        steps: of the gradient: one is FGSM, more are PGD from a point that is drawn in the box.
    """

    epsilon: float
    steps: int = 1

    @property
    def method(self) -> AttackMethod:
        """What it is called."""
        return "fgsm" if self.steps == 1 else "pgd"

    @property
    def step_size(self) -> float:
        """How far a step goes in every value, in the unit of ε: ε itself, or 2.5 ε over the number of steps."""
        return self.epsilon if self.steps == 1 else PATH * self.epsilon / self.steps

    @property
    def words(self) -> str:
        """The attack in a line: "PGD, ε = 2/255, 10 steps of 0.5/255 from a drawn start"."""
        if self.steps == 1:
            return f"FGSM, ε = {self.epsilon:g}/255, one step"
        return f"PGD, ε = {self.epsilon:g}/255, {self.steps} steps of {self.step_size:.3g}/255 from a drawn start"

    @property
    def factor(self) -> int:
        """How many times its change is amplified where it is shown around a middle grey: as whole as fits."""
        return max(1, int(127 / self.epsilon)) if self.epsilon else 1


NO_ATTACK: Final = Attack(0.0)
"""Where every curve begins, whatever its steps."""


def checked_attack(epsilon: float, steps: int) -> Attack:
    """An attack that can be made; with an ε of 0 it is NO_ATTACK, whatever its steps.

    Raises:
        InputError: an ε that is no change or more than the whole range, or no number of steps.
    """
    if not 0 <= epsilon <= WHITE:  # no number is neither
        raise InputError(f"ε is {epsilon:g}/255; it must be from 0 to {WHITE}, in units of 1/255.")
    if not 1 <= steps <= MOST_STEPS:
        raise InputError(f"{steps} steps are asked for; an attack makes 1 (FGSM) to {MOST_STEPS:,} (PGD).")
    return Attack(float(epsilon), steps) if epsilon else NO_ATTACK
