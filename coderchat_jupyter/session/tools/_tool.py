"""A function that a model may call."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, ParamSpec, TypeAlias, TypeVar, overload

from pydantic import ValidationError

from coderchat_jupyter.session.tools._callables import name_of
from coderchat_jupyter.session.tools._signature import Signature, read_signature
from coderchat_jupyter.wire.tools import MAX_DYNAMIC_TOOLS, DynamicTool

__all__ = ["BadArgumentsError", "Tool", "ToolLike", "as_tools", "tool"]

P = ParamSpec("P")
R = TypeVar("R")

# What OpenAI and Anthropic take as the name of a function.
_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SHOWN_ERRORS: Final = 8


class BadArgumentsError(ValueError):
    """A model wrote arguments that the function does not take; the text says why."""


class Tool(Generic[P, R]):
    """A function and what a model is told of it. Called, it is the function.

    Make one with `tool`.

    Attributes:
        name: What the model calls it.
        description: What it is good for.
        input_schema: A JSON schema of its arguments.
        timeout: Seconds that one call may take; None for what the chat allows.
    """

    def __init__(
        self,
        function: Callable[P, R],
        *,
        name: str,
        signature: Signature,
        description: str = "",
        timeout: float | None = None,
    ) -> None:
        """Use `tool` instead."""
        if _NAME.fullmatch(name) is None:
            raise ValueError(
                f"{name!r} is no name for a tool: 1 to 64 letters, digits, _ and -."
            )
        if timeout is not None and timeout <= 0:
            raise ValueError("The time that a tool may take must be positive.")
        self.name = name
        self.description = description or signature.description
        self.input_schema = signature.schema
        self.timeout = timeout
        self._signature = signature
        self._function = function
        # Not what the function keeps in itself: an object may have a name, too.
        functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function, as if it were no tool."""
        return self._function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Tool({self.name!r})"

    @property
    def function(self) -> Callable[P, R]:
        """The function itself."""
        return self._function

    @property
    def declaration(self) -> DynamicTool:
        """What the server is told of it."""
        return DynamicTool(
            name=self.name,
            description=self.description,
            input_schema=self.input_schema,
        )

    def arguments(self, text: str) -> dict[str, Any]:
        """Read the arguments that a model wrote.

        Args:
            text: A JSON object; nothing at all stands for an empty one.

        Raises:
            BadArgumentsError: It is no such object, or does not fit the hints.
        """
        try:
            return self._signature.read(_or_empty(text))
        except ValidationError as error:
            raise BadArgumentsError(_told(error)) from None

    def bound(
        self, arguments: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments by place and by name, for those that have only a place."""
        by_name = dict(arguments)
        positional = self._signature.positional.items()
        by_place = tuple(by_name.pop(name, default) for name, default in positional)
        return by_place, by_name


ToolLike: TypeAlias = Tool[..., Any] | Callable[..., Any]
"""A tool, or a function to make one of."""


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(
    *, name: str = "", description: str = "", timeout: float | None = None
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    description: str = "",
    timeout: float | None = None,
) -> Any:
    """Make a function callable for the agents of chats it is given to.

    What the agent knows of it comes from the function: its name, the first words of
    its docstring, the types of its arguments, what the docstring says of each (Google,
    NumPy or Sphinx style) or `Annotated`, and which have defaults. The arguments that
    an agent writes are checked by these types before the function is called.

        @tool
        def lookup(city: str, days: Literal[1, 3, 7] = 1) -> str:
            '''Weather of a city.'''

        session = await ChatSession.create(client, "Paris?", tools=[lookup])

    A plain function runs on a thread of its own, several at once if the agent asks so;
    a coroutine function runs on the loop that serves chats and must not block it.
    What it returns is sent to the agent as JSON, cut to a sensible size; what it raises
    is sent as an error, by type and message. To say that something failed without
    raising, return a `wire.tools.DynamicToolResponse`.

    Args:
        function: The function, when used as `@tool`.
        name: What the agent calls it; the function's own name if empty.
        description: What it is good for; from the docstring if empty.
        timeout: Seconds that one call may take; all calls of one step together have
            240 seconds in any case.

    Raises:
        TypeError: An argument is of a type that no JSON can describe.
        ValueError: The name is none that models can call.
    """
    around = sys._getframe(1).f_locals

    def make(made: Callable[..., Any]) -> Tool[..., Any]:
        if isinstance(made, Tool):
            made = made.function
        return Tool(
            made,
            name=name or name_of(made),
            signature=read_signature(made, around),
            description=description,
            timeout=timeout,
        )

    return make if function is None else make(function)


def as_tools(given: Iterable[ToolLike]) -> tuple[Tool[..., Any], ...]:
    """Tools of what was given, in order.

    Raises:
        TypeError: One is no function, or its arguments cannot be described.
        ValueError: There are too many, or two of one name.
    """
    found: dict[str, Tool[..., Any]] = {}
    for each in given:
        if not callable(each):
            raise TypeError(f"A tool is a function, not {type(each).__name__}.")
        made = each if isinstance(each, Tool) else tool(each)
        if made.name in found:
            raise ValueError(f"There are two tools named {made.name!r}.")
        found[made.name] = made
    if len(found) > MAX_DYNAMIC_TOOLS:
        raise ValueError(f"A chat has at most {MAX_DYNAMIC_TOOLS} tools.")
    return tuple(found.values())


def _or_empty(text: str) -> str:
    return "{}" if text.strip() in ("", "null") else text


def _told(error: ValidationError) -> str:
    """What is wrong with which argument, without links or the values themselves."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [
        f"{'.'.join(str(step) for step in each['loc']) or 'arguments'}: {each['msg']}"
        for each in found[:_SHOWN_ERRORS]
    ]
    if (more := len(found) - len(lines)) > 0:
        lines.append(f"and {more} more")
    return "; ".join(lines)
