"""``resnet-gui presets``: the designs that are known by name, with what they cost."""

from __future__ import annotations

import argparse

from resnet_gui.analysis.costs import totals
from resnet_gui.cli.command import OK, Command, print_json, print_line
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS


def _add_arguments(_parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def _run(options: argparse.Namespace) -> int:
    found = [(preset, totals(plan(preset.spec))) for preset in PRESETS.values()]
    if options.json:
        print_json(
            [
                {
                    "name": preset.name, "title": preset.title, "family": preset.family, "source": preset.source,
                    "params": total.cost.params, "macs": total.cost.macs, "depth": total.depth, "spec": preset.spec,
                }
                for preset, total in found
            ]
        )  # fmt: skip
        return OK
    wide = max(len(preset.name) for preset, _ in found)
    for preset, total in found:
        cost = total.cost
        print_line(f"{preset.name:{wide}} {cost.params:>12,} parameters {cost.macs:>15,} MACs  {preset.source}")
    return OK


COMMAND = Command("presets", "list the designs that are known by name", _add_arguments, _run)
