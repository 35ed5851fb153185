"""Whatever is registered as a choice is known to everything that reads designs, by itself.

The window's part is ``gui/design/test_choices_shown``, the papers' ``papers/test_oracles``.
"""

from __future__ import annotations

import pytest

from tests.choice_checks import assert_known_everywhere, unusual_choices


@pytest.mark.parametrize(("field", "key"), unusual_choices())
def test_every_registered_choice_is_planned_counted_exported_worded_and_told(field: str, key: str) -> None:
    assert_known_everywhere(field, key)
