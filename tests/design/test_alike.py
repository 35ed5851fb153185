"""Blocks that differ in a probability alone: what is found once for all of them is what is found for each."""

from __future__ import annotations

from resnet_gui.analysis.costs import BlockMemo, block_cost, own_fields, receptive_fields, rows, totals
from resnet_gui.analysis.costs import ReceptiveField as Field
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.design.structure import KEPT_ALIKE, AlikeBlocks, BlockPlan, first_alike

DROPPING = evolve(PRESETS["preact_resnet164"].spec, stochastic_depth=0.5, se_ratio=4)


def test_blocks_of_stochastic_depth_are_looked_at_once_and_cost_what_their_rows_do() -> None:
    planned = plan(DROPPING)
    seen: list[BlockPlan] = []

    def counted(block: BlockPlan) -> int:
        seen.append(block)
        return len(block.layers)

    memo = BlockMemo(counted)
    blocks = [block for _, block in planned.blocks()]
    assert len({block.layers[-1].rate for block in blocks} | {id(block) for block in blocks}) > len(blocks)
    assert [memo(block) for block in blocks] == [len(block.layers) for block in blocks]
    assert len(seen) <= 3 * len(planned.stages)
    for block in blocks[:: len(blocks) // 6]:
        alone = BlockPlan(kind=block.kind, layers=tuple(block.layers), shortcut=block.shortcut)
        assert first_alike(alone) is alone
        assert (block_cost(block), own_fields(block)) == (block_cost(alone), receptive_fields(alone, Field()))
    assert totals(planned).cost.params == sum(row.cost.params for row in rows(planned))


def test_a_block_that_is_no_more_known_stands_for_itself() -> None:
    one, other = (plan(PRESETS[name].spec).stages[0].blocks[0] for name in ("resnet18", "resnet50"))
    known = AlikeBlocks()
    assert known.note(other, one) is other
    assert (known.first(other), known.first(one)) == (one, one)
    last = [known.note(BlockPlan(kind=one.kind, layers=one.layers), one) for _ in range(KEPT_ALIKE)]
    assert all(known.first(block) is one for block in last)
    for _ in range(KEPT_ALIKE):
        known.note(BlockPlan(kind=one.kind, layers=one.layers), one)
    assert known.first(other) is other
