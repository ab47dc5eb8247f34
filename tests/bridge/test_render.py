"""Static twins of turns, from states made of wire text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from coderchat_jupyter.bridge.render import (
    Footer,
    refusal,
    transcript_html,
    transcript_markdown,
    transcript_plain,
    turn_html,
    turn_markdown,
    turn_plain,
)
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message

CHAT = "7b0c2f55-0000-4000-8000-000000000001"
EVIL = "<script>alert(1)</script><img src=x onerror=y>"


def message(number: int, role: str, *parts: dict[str, Any], **more: Any) -> Message:
    return Message.model_validate(
        {
            "id": number,
            "chat_id": CHAT,
            "role": role,
            "created_at": f"2026-11-21T14:02:{number:02}Z",
            "content": parts,
            **more,
        }
    )


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def chat(*messages: Message, **more: Any) -> ChatState:
    known = {"chat_id": ChatId(CHAT), "status": "waiting"}
    return ChatState(messages=messages, **{**known, **more})


ONE = chat(
    message(1, "user", text("Why?")),
    message(
        2,
        "assistant",
        text("**Because** of `x`."),
        usage={"input_tokens": 1200, "output_tokens": 34, "cache_read_tokens": 7},
    ),
)
FOOTER = Footer("Tiny", 1_234)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def tags(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    return parser


def unstyled(html: str) -> str:
    return re.sub(r' style="[^"]*"', "", html)


def test_a_turn_as_plain_text_is_prompt_answer_and_small_print() -> None:
    """What a terminal and a diff show."""
    assert turn_plain(ONE, 1, FOOTER) == (
        "You: Why?\n\n**Because** of `x`.\n\n[Tiny, 1,200 tokens in, 34 out, 7 cached, "
        f"about $0.0012, 1.0 s, 21 Nov 2026 14:02 UTC, chat {CHAT}]"
    )


def test_a_turn_as_markdown_keeps_the_models_markdown() -> None:
    """GitHub and nbviewer render it."""
    shown = turn_markdown(ONE, 1, FOOTER)

    assert shown.startswith("> **You:** Why?\n\n**Because** of `x`.\n\n---\n\n*Tiny,")


def test_a_turn_as_html_is_rendered_and_needs_nothing_else() -> None:
    """No script, no style sheet, no other host; two greys that fit any theme."""
    html = turn_html(ONE, 1, FOOTER)

    assert "<strong>Because</strong> of <code>x</code>." in unstyled(html)
    assert html.startswith('<div class="cc-frozen')
    assert tags(html).seen <= {
        *("div", "blockquote", "b", "p", "strong", "code", "span", "sub")
    }
    assert not re.search(r"#[0-9a-f]{3,6}\b|url\(|https?:", html)


def test_free_unpriced_and_priced_are_three_things() -> None:
    """A price that nobody knows is not zero."""
    assert "unpriced" in turn_plain(ONE, 1, Footer("Tiny", None))
    assert ", $0.00," in turn_plain(ONE, 1, Footer("Tiny", 0))
    assert "about $0.0012" in turn_plain(ONE, 1, Footer("Tiny", 1_234))


def test_a_stopped_turn_says_so() -> None:
    """What there is of it looks finished otherwise."""
    assert "[stopped, Tiny, " in turn_plain(ONE, 1, Footer("Tiny", None, True))


def test_a_failed_turn_keeps_its_part_and_says_why() -> None:
    """The reason belongs to the last turn, and to no other."""
    state = chat(
        message(1, "user", text("a")),
        message(2, "assistant", text("b")),
        message(3, "user", text("c")),
        status="error",
        error=ChatError(message="The model is <overloaded>."),
    )

    assert "Error" not in turn_plain(state, 1)
    assert "Error: The model is <overloaded>." in turn_plain(state, 3)
    assert "The model is &lt;overloaded&gt;." in turn_html(state, 3)
    assert "<overloaded>" not in turn_markdown(state, 3)


@pytest.mark.parametrize("place", ["prompt", "prose", "thought", "tool", "source"])
def test_nothing_that_was_said_becomes_markup(place: str) -> None:
    """Wherever a model, a tool or a page can put it."""
    parts = {
        "prose": text(EVIL),
        "thought": {"type": "reasoning", "text": EVIL},
        "tool": {
            "type": "tool-result",
            "tool_call_id": "t",
            "tool_name": EVIL,
            "result": {"out": EVIL},
        },
        "source": {"type": "source", "title": EVIL, "url": "javascript:alert(1)"},
    }
    asked = EVIL if place == "prompt" else "a"
    answer = [parts[place]] if place in parts else []
    state = chat(message(1, "user", text(asked)), message(2, "assistant", *answer))

    found = tags(turn_html(state, 1, FOOTER))

    assert not {"script", "img"} & found.seen
    assert not {"onerror", "src"} & found.attributes
    assert "javascript:alert" not in turn_html(state, 1, FOOTER)
    prose = re.sub(r"```.*?```", "", turn_markdown(state, 1), flags=re.DOTALL)
    assert not re.search("<[a-z]", prose)


def test_control_sequences_are_gone_everywhere() -> None:
    """Outputs are also read with `cat`."""
    state = chat(
        message(1, "user", text("\x1b[2Ja")),
        message(2, "assistant", text("b\x1b]0;title\x07\x9b2J")),
    )
    shown = [show(state, 1, FOOTER) for show in (turn_plain, turn_markdown, turn_html)]

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", "".join(shown))


def test_a_tool_is_one_entry_and_its_output_is_cut() -> None:
    """Call and result come as two parts; a log of a megabyte is no transcript."""
    state = chat(
        message(1, "user", text("go")),
        message(
            2,
            "assistant",
            {
                "type": "tool-call",
                "tool_call_id": "t",
                "tool_name": "execute",
                "args": {"command": "ls"},
            },
        ),
        message(
            3,
            "tool",
            {
                "type": "tool-result",
                "tool_call_id": "t",
                "tool_name": "execute",
                "result": "x" * 1_000_000,
                "is_error": True,
            },
        ),
        message(4, "assistant", text("Done.")),
    )

    html, markdown = turn_html(state, 1), turn_markdown(state, 1)

    assert html.count("Tool execute failed") == 1
    assert "left out" in html
    assert len(html) < 6_000
    assert len(markdown) < 6_000
    assert turn_plain(state, 1).count("[tool execute failed]") == 1


def test_a_turn_ends_where_the_next_begins() -> None:
    """A cell shows its own answer and nobody else's."""
    state = chat(
        message(1, "user", text("a")),
        message(2, "assistant", text("one")),
        message(5, "user", text("b")),
        message(6, "assistant", text("two")),
    )

    assert "one" in turn_plain(state, 1)
    assert "two" not in turn_plain(state, 1)
    assert "one" not in turn_plain(state, 5)


@pytest.mark.parametrize(
    "show", [transcript_plain, transcript_markdown, transcript_html]
)
def test_a_transcript_has_every_turn_in_order(show: Any) -> None:
    """And the small print of the last one only where it was given."""
    state = chat(
        message(1, "user", text("a")),
        message(2, "assistant", text("one")),
        message(5, "user", text("b")),
        message(6, "assistant", text("two"), usage={"input_tokens": 1}),
    )

    shown = show(state, FOOTER)

    assert shown.index("one") < shown.index("two")
    assert shown.count("Tiny") == 1


def test_prices_are_not_set_as_formulas() -> None:
    """Viewers take dollars in an HTML output for mathematics."""
    assert "tex2jax_ignore" in turn_html(ONE, 1, FOOTER)
    assert "$" not in turn_markdown(ONE, 1, FOOTER).rpartition("---")[2]


def test_a_refused_prompt_is_kept_with_the_reason() -> None:
    """So that it can be sent again."""
    bundle = refusal("my <prompt>", "No server answers at http://x.")

    assert bundle["text/plain"] == "Error: No server answers at http://x."
    assert "my &lt;prompt&gt;" in bundle["text/html"]
    assert "No server answers" in bundle["text/html"]
    assert "my &lt;prompt>" in bundle["text/markdown"]


def test_a_turn_that_is_not_there_is_empty_and_no_error() -> None:
    """An edit made elsewhere may have removed it."""
    assert turn_plain(chat(), 9) == f"You: \n\n[chat {CHAT}]"


def test_code_has_the_colours_of_the_notebooks_own_editor() -> None:
    """Named, not chosen: they change with the theme, also years later."""
    answer = text(
        '```python\ndef f():  # "why"\n    return 1\n```\n\n```nope\n<x>\n```'
    )
    state = chat(message(1, "user", text("a")), message(2, "assistant", answer))

    html = turn_html(state, 1)

    assert 'color:var(--jp-mirror-editor-keyword-color,inherit)">def</span>' in html
    assert "return" in html
    assert "<code>&lt;x&gt;\n</code>" in unstyled(html)


def test_a_table_keeps_its_columns_aligned() -> None:
    """Our own style must not take the place of the Markdown's."""
    answer = text("|a|b|\n|-|-:|\n|1|2|")
    state = chat(message(1, "user", text("a")), message(2, "assistant", answer))

    assert re.search(
        r'<td style="[^"]*padding[^"]*;text-align:right">2</td>', (turn_html(state, 1))
    )


def test_the_small_print_names_the_chat_in_short_and_whole() -> None:
    """Short to the eye, whole to whoever looks for it."""
    assert f'<span title="{CHAT}">chat {CHAT[:8]}</span>' in turn_html(ONE, 1, FOOTER)
