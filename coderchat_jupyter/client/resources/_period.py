"""A period of time as query parameters."""

from __future__ import annotations

from datetime import datetime

from coderchat_jupyter.wire._go import go_time

__all__ = ["period"]


def period(start: datetime | None, end: datetime | None) -> dict[str, str]:
    """`start_date` and `end_date`, each only if given. Naive times are UTC."""
    asked = {"start_date": start, "end_date": end}
    return {name: go_time(at) for name, at in asked.items() if at is not None}
