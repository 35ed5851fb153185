"""Settings as JSON, also where something in them cannot be JSON, such as the name of a file that is not UTF-8."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from resnet_gui.gui.settings import Settings

REFUSALS: Final = (ValueError, TypeError, OverflowError)
"""What the encoder raises; a UnicodeEncodeError is a ValueError: Python reads such a name with surrogates in it."""


def encode_settings(settings: Settings) -> tuple[bytes, tuple[str, ...]]:
    """Encode settings; what cannot be is left out, and keeps nothing else from being kept.

    Returns:
        The JSON, and the names of the fields that are not whole in it: a list lacks the items that cannot be encoded, a
        structure has its defaults for the fields that cannot, and anything else is as in a new window.
    """
    try:
        return msgspec.json.encode(settings), ()
    except REFUSALS:
        bad = tuple(name for name in settings.__struct_fields__ if not _is_encodable(getattr(settings, name)))
        repaired = msgspec.structs.replace(_repaired(settings, None), baseline=_baseline(settings))
        return msgspec.json.encode(repaired), bad


def _baseline(settings: Settings) -> int:
    """The number of the baseline among the pins that can be encoded; −1 if it is none of them."""
    pins, number = settings.pins, settings.baseline
    if not 0 <= number < len(pins) or not _is_encodable(pins[number]):
        return -1
    return sum(_is_encodable(pin) for pin in pins[:number])


def _repaired(value: Any, default: Any) -> Any:
    """What can be encoded of a value; ``default`` where that makes no sense by itself."""
    if _is_encodable(value):
        return value
    if isinstance(value, list):
        return [item for item in value if _is_encodable(item)]
    if not isinstance(value, msgspec.Struct):
        return default
    fields = {field.name: field for field in msgspec.structs.fields(value)}
    bad = [field for field in fields.values() if not _is_encodable(getattr(value, field.name))]
    if any(field.required for field in bad):
        return default
    return msgspec.structs.replace(
        value, **{field.name: _repaired(getattr(value, field.name), _default(field)) for field in bad}
    )


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _is_encodable(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except REFUSALS:
        return False
    return True
