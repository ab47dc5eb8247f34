"""What people may say to the older API: texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coderchat_jupyter.server.failures import bad_request

__all__ = ["check_texts"]


def check_texts(parts: Sequence[Any]) -> None:
    """Refuse every part that is no text; what else is wrong is seen later.

    Raises:
        RequestError: 400, naming the part.
    """
    for index, part in enumerate(parts):
        if part.type.strip().lower() != "text":
            raise bad_request(
                "Invalid input part.",
                detail=f'content[{index}].type "{part.type}" is not supported.',
            )
