"""Defusing text of a model, held against a parser that lets everything through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from coderchat_jupyter.bridge._clean import elide, safe_markdown, strip_controls
from coderchat_jupyter.bridge._html import markdown_html, safe_link

_SHARDS = st.sampled_from(
    [
        *("<script>", "<img src=x onerror=y>", "<!--", "-->", "<a href='`'>", "<?"),
        *("`", "``", "```", "~~~", "$", "|", "\\", "*", "[x](", ")", "![", "]", "(u)"),
        *("javascript:x", "java&#115;cript:x", "[x]: data:y", "<javascript:z>"),
        *("\n", "\n\n", "    ", "- ", "> ", "1. ", "# ", "---", "a b", "|-|-|"),
    ]
)


def _tokens(text: str) -> Iterator[Token]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table"])
    parser.validateLink = lambda url: bool(url) or True  # type: ignore[method-assign]
    for token in parser.parse(text):
        yield token
        yield from token.children or ()


@given(st.lists(_SHARDS, max_size=24).map("".join))
def test_no_markdown_gets_html_an_image_or_a_script_link_past(text: str) -> None:
    """A notebook that is trusted runs whatever its Markdown outputs hold."""
    for token in _tokens(safe_markdown(text)):
        assert token.type not in ("html_block", "html_inline", "image")
        if token.type == "link_open":
            address = str(token.attrGet("href")).lower()
            assert not address.startswith(("javascript:", "data:", "vbscript:"))


@given(st.lists(_SHARDS, max_size=24).map("".join))
def test_no_html_twin_holds_a_tag_of_the_models_making(text: str) -> None:
    """Escaping is the parser's, and this is what it promises."""
    html = markdown_html(text)

    assert "<script" not in html
    assert "<img" not in html
    assert "onerror=y>" not in html.replace("&gt;", "")
    assert 'href="javascript:' not in html.lower()


@pytest.mark.parametrize(
    "code",
    [
        "```cpp\nstd::vector<int> v; // ![x] [y](javascript:z)\n```",
        "~~~\n<b>\n~~~",
        "Use `vector<int>` or ``a ` <b>`` here.",
        "```\nnever closed <b>",
    ],
)
def test_code_is_left_as_it_is(code: str) -> None:
    """Angle brackets are half of what one asks a model about."""
    assert safe_markdown(code).startswith(code)


def test_a_fence_that_was_left_open_is_closed() -> None:
    """A stopped answer must not swallow the footer below it."""
    assert safe_markdown("````\ncode") == "````\ncode\n````"


def test_a_picture_of_another_host_becomes_a_link() -> None:
    """Loading it would tell that host who reads the notebook."""
    assert safe_markdown("![cat](https://e.example/c.png)") == (
        "[cat](https://e.example/c.png)"
    )
    assert "<img" not in markdown_html("![cat](https://e.example/c.png)")
    assert 'href="https://e.example/c.png"' in markdown_html(
        "![cat](https://e.example/c.png)"
    )


def test_plain_prose_comes_through_unchanged() -> None:
    """Defusing must not be visible where nothing had to be defused."""
    text = "# A\n\n*b* **c** [d](https://e.example) 1 < 2 && x <- y\n\n| g |\n|-|"

    assert safe_markdown(text) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://e.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\rb\x08c\x7f\x9b31m", "abc31m"),
        ("one\r\ntwo\tthree\n", "one\ntwo\tthree\n"),
        ("\u202eevil\u2066", "evil"),
        ("cut off \x1b", "cut off "),
    ],
)
def test_a_terminal_gets_no_orders(raw: str, shown: str) -> None:
    """A model can be made to write escape sequences."""
    assert strip_controls(raw) == shown


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    """Whatever comes."""
    assert not {c for c in strip_controls(text) if c < " "} - {"\n", "\t"}


def test_long_text_keeps_its_head_and_its_tail() -> None:
    """The start says what it is, the end says how it went."""
    cut = elide("a" * 600 + "b" * 600, 300)

    assert cut.startswith("a" * 200)
    assert cut.endswith("b" * 100)
    assert "900 characters left out" in cut
    assert elide("short", 300) == "short"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://e.example/a", True),
        ("mailto:a@e.example", True),
        ("#part", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//e.example", False),
        ("/api/kernels", False),
        ("https://", False),
        ("http://[", False),
    ],
)
def test_only_addresses_that_are_harmless_become_links(url: str, good: bool) -> None:
    """A relative one would act on the notebook server itself."""
    assert safe_link(url) is good
