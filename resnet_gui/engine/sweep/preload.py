"""What the process that is forked for each run imports, so that no run has to; importing it is all that is done."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Final

import filelock

from resnet_gui.engine.sweep import worker

IMPORTED: Final = (filelock, worker)
"""What a training needs, and what the lock of a run would import late."""

# The first question whether something iterated is a mapping goes through every class of mappings there is, 0.4 s.
isinstance((one for one in range(0)), Mapping)
# What is there by now stays: a collection in a fork would write to, and so copy, all of its pages. Nor is it looked
# through at the end, which costs half a second.
gc.collect()
gc.freeze()
