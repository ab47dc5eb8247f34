"""Functions of users, run where they can block nobody."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from coderchat_jupyter.session.tools._values import MOST_ITEMS

__all__ = ["FunctionExitError", "in_thread"]


class FunctionExitError(Exception):
    """A function raised what would end a thread, a loop or the process.

    Attributes:
        raised: What it raised.
    """

    def __init__(self, raised: BaseException) -> None:
        super().__init__(type(raised).__name__)
        self.raised = raised


async def in_thread(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    name: str,
) -> Any:
    """Call a function; on this loop if it is a coroutine function, else on a thread.

    The thread is its own, and no reason for the process to stay: one that hangs
    takes nobody's place. When the caller is cancelled, it runs on unheard.
    """
    if _is_async(function):
        return await _awaited(function(*args, **kwargs))
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def tell(result: Any, error: BaseException | None) -> None:
        if heard.done():
            return
        if error is None:
            heard.set_result(result)
        else:
            heard.set_exception(error)

    def run() -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = context.run(function, *args, **kwargs)
        except StopIteration as raised:
            # A future cannot hold it.
            error = FunctionExitError(raised)
        except Exception as raised:  # noqa: BLE001  it is told to whoever called
            error = raised
        except BaseException as raised:  # noqa: BLE001  a thread has nothing to end
            error = FunctionExitError(raised)
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name=f"coderchat-{name}", daemon=True).start()
    result = await heard
    if inspect.isasyncgen(result):
        return await _awaited(_listed(result))
    return await _awaited(result) if inspect.isawaitable(result) else result


async def _listed(items: AsyncGenerator[Any, Any]) -> list[Any]:
    """What an asynchronous generator gives, as far as it is going to be told."""
    found = []
    async with contextlib.aclosing(items):
        async for item in items:
            found.append(item)
            if len(found) > MOST_ITEMS:
                break
    return found


async def _awaited(result: Awaitable[Any]) -> Any:
    try:
        return await result
    except (KeyboardInterrupt, SystemExit) as error:
        # Let through, it would end the loop and with it every chat.
        raise FunctionExitError(error) from None


def _is_async(function: Callable[..., Any]) -> bool:
    # Not what it wraps: a plain function may well wait for a coroutine by itself.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  an object with such a method
    )
