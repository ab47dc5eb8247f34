"""Markdown of a model as HTML that is safe everywhere and loads nothing."""

from __future__ import annotations

import functools
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from coderchat_jupyter.bridge._clean import strip_controls

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

__all__ = ["markdown_html", "safe_link"]

# Grey at half strength reads on light and on dark; viewers bring the rest.
_PRE: Final = (
    "margin:8px 0;padding:8px 12px;border-radius:2px;overflow-x:auto;"
    "background:rgba(128,128,128,.12)"
)


def markdown_html(text: str) -> str:
    """Render Markdown; raw HTML in it becomes text, images become links."""
    return str(_parser().render(strip_controls(text))).strip()


def safe_link(url: str) -> bool:
    """The address may be clicked: a web page, a mail, or a place on this page."""
    if url.startswith("#"):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return True
    return parts.scheme in ("http", "https") and bool(parts.netloc)


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    parser.enable(["table", "strikethrough"])
    # Typed over: the library's own check lets data: images and relative paths pass.
    parser.validateLink = safe_link  # type: ignore[method-assign]
    for name, rule in (
        ("image", _image),
        ("link_open", _link_open),
        ("fence", _code),
        ("code_block", _code),
    ):
        parser.add_render_rule(name, rule)
    return parser


def _image(_: Any, tokens: Any, index: int, *__: Any) -> str:
    """A link: an image of another host would tell that host who reads this."""
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    return _anchor(address, token.content or "image")


def _link_open(renderer: Any, tokens: Any, index: int, options: Any, _: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    tokens[index].attrSet("target", "_blank")
    return str(renderer.renderToken(tokens, index, options, {}))


def _code(_: Any, tokens: Any, index: int, *__: Any) -> str:
    code = escape(tokens[index].content)
    return f'<pre style="{_PRE}"><code>{code}</code></pre>\n'


def _anchor(address: str, text: str) -> str:
    if not safe_link(address):
        return escape(text)
    return (
        f'<a href="{escape(address)}" rel="noopener noreferrer" target="_blank">'
        f"{escape(text)}</a>"
    )
