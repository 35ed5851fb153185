"""When something was, in a word or two."""

from __future__ import annotations

from datetime import datetime
from typing import Final

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""Not those of the system's language: everything else in the window is English."""


def when_words(then: float, now: float) -> str:
    """When something was: ``12 min ago``, ``2 h ago``, ``yesterday``, ``Monday``, ``3 Oct``.

    Args:
        then: seconds since the epoch.
        now: the same.
    """
    passed = max(0.0, now - then)
    day, today = (datetime.fromtimestamp(each).astimezone().date() for each in (then, now))
    days = (today - day).days
    if passed < 60:
        return "now"
    if passed < 3600:
        return f"{int(passed // 60)} min ago"
    if days <= 0:
        return f"{int(passed // 3600)} h ago"
    if days == 1:
        return "yesterday"
    if days < 7:
        return DAYS[day.weekday()]
    return f"{day.day} {MONTHS[day.month - 1]}" + ("" if day.year == today.year else f" {day.year}")
