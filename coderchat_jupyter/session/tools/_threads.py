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
    """A function tried to end the process or its thread; the text says how."""


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
        except StopIteration:
            # A future cannot hold it.
            error = FunctionExitError("StopIteration")
        except Exception as raised:  # noqa: BLE001  it is told to whoever called
            error = raised
        except BaseException as raised:  # noqa: BLE001  a thread has nothing to end
            error = FunctionExitError(type(raised).__name__)
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
        raise FunctionExitError(type(error).__name__) from None


def _is_async(function: Callable[..., Any]) -> bool:
    inner = inspect.unwrap(function)
    return inspect.iscoroutinefunction(inner) or inspect.iscoroutinefunction(
        getattr(inner, "__call__", None)  # noqa: B004  an object with such a method
    )
