"""torch's optimisers without its compiler.

``torch.optim`` marks its methods for ``torch.compile``, and so imports that (``torch._dynamo``, half of the time that
importing torch takes) when the first optimiser is made and in each step. A training compiles its network at most, never
its optimiser, so the methods are taken from under their marks: the same functions, hence the same bits.
"""

from __future__ import annotations

from inspect import unwrap
from typing import Any

import torch
from torch.optim import SGD, AdamW, Optimizer


class EagerOptimiser(Optimizer):
    """An optimiser whose methods are not marked for the compiler."""

    add_param_group: Any = unwrap(Optimizer.add_param_group)
    load_state_dict: Any = unwrap(Optimizer.load_state_dict)
    state_dict: Any = unwrap(Optimizer.state_dict)
    zero_grad: Any = unwrap(Optimizer.zero_grad)


class EagerSGD(EagerOptimiser, SGD):
    """Stochastic gradient descent, with momentum."""

    step: Any = torch.no_grad()(unwrap(SGD.step))


class EagerAdamW(EagerOptimiser, AdamW):
    """Adam with weight decay beside the gradient."""

    step: Any = torch.no_grad()(unwrap(AdamW.step))
