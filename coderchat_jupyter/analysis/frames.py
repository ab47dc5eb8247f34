"""Chats as data frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from coderchat_jupyter.session import background, default_client
from coderchat_jupyter.session.costs import CostReader, Ledger, Scope

if TYPE_CHECKING:
    import pandas as pd

    from coderchat_jupyter.client import Client

__all__ = ["COST_COLUMNS", "costs_frame"]

COST_COLUMNS: Final = {
    "chat_id": ("string", "id of the chat; a sub-agent's calls count for its root"),
    "chat_title": ("string", "title of the chat"),
    "message_id": ("Int64", "id of the answer"),
    "created_at": ("datetime64[ns, UTC]", "when the answer was stored, UTC"),
    "model_config_id": ("string", "id of the model config, missing if not told"),
    "model": ("string", "name of the model"),
    "provider": ("string", "type of the provider, empty if not told"),
    "input_tokens": ("Int64", "tokens in, cached ones not included"),
    "output_tokens": ("Int64", "tokens out, reasoning included"),
    "reasoning_tokens": ("Int64", "tokens out that were reasoning"),
    "cache_read_tokens": ("Int64", "tokens in, read from the provider's cache"),
    "cache_creation_tokens": ("Int64", "tokens in, written to the provider's cache"),
    "cost_micros": ("Int64", "millionths of a US dollar; missing = unpriced, 0 = free"),
    "cost_usd": ("Float64", "US dollars; missing = unpriced, 0 = free"),
}
"""Type and meaning of each column of `costs_frame`."""


def costs_frame(
    client: Client | None = None, chats: Iterable[Any] | None = None
) -> pd.DataFrame:
    """What chats cost: one row per answer, oldest first.

    Costs are estimates: the usage of each stored answer times today's price of its
    model. An unpriced answer has a missing cost, a free one has 0; sums leave the
    missing ones out. Columns, with their units:

    - `chat_id`, `chat_title`: the chat; a sub-agent's calls count for its root.
    - `message_id`, `created_at` (UTC): the answer.
    - `model_config_id`, `model`, `provider`: who answered.
    - `input_tokens`, `output_tokens`, `reasoning_tokens` (inside the output),
      `cache_read_tokens`, `cache_creation_tokens` (beside the input): tokens.
    - `cost_micros`: millionths of a US dollar, exact. `cost_usd`: US dollars.

    Blocks until everything was read; interrupting the cell stops it.

    Args:
        client: The server; None is the one that `%chat` talks to.
        chats: Ids of chats, or anything with a `chat_id`. None: the chats that this
            kernel opened, and those that are labelled with this notebook.

    Raises:
        ImportError: pandas is not installed.
        TypeError: `chats` holds something that is no chat.
        CoderChatError: The server refused, or there was no answer.
    """
    pandas = _pandas()
    scope = Scope.of(chats)
    reader = CostReader(default_client() if client is None else client)
    now = datetime.now().astimezone()
    ledger = background().run(reader.read(scope, now=now))
    return _frame(pandas, ledger)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            "costs_frame() needs pandas, which is not installed. Install it with the "
            "extra: pip install 'coderchat-jupyter[data]'"
        ) from error
    return pandas


def _frame(pandas: Any, ledger: Ledger) -> pd.DataFrame:
    rows = [asdict(request) for request in ledger.requests]
    for row in rows:
        micros = row.pop("micros")
        row["cost_micros"] = micros
        row["cost_usd"] = None if micros is None else float(Decimal(micros).scaleb(-6))
    # Through lists and with types: a column of missing values has one, too.
    columns = {
        name: pandas.array([row[name] for row in rows], dtype=dtype)
        if dtype != "datetime64[ns, UTC]"
        else pandas.to_datetime([row[name] for row in rows], utc=True).astype(dtype)
        for name, (dtype, _) in COST_COLUMNS.items()
    }
    frame: pd.DataFrame = pandas.DataFrame(columns)
    frame.attrs["columns"] = {name: text for name, (_, text) in COST_COLUMNS.items()}
    return frame
