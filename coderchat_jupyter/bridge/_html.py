"""Markdown of a model as HTML that is safe everywhere and loads nothing.

Sizes and spaces are inline, because an output has no style sheet of its own. Colours
are the notebook's where it names them, else greys that read on light and on dark.
"""

from __future__ import annotations

import functools
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from coderchat_jupyter.bridge._clean import strip_controls
from coderchat_jupyter.bridge._highlight import highlighted

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

__all__ = ["LINE", "SOFT", "markdown_html", "safe_link"]

LINE: Final = "1px solid var(--jp-border-color2,rgba(128,128,128,.35))"
SOFT: Final = "rgba(128,128,128,.1)"

_MONO: Final = "var(--jp-code-font-family,ui-monospace,monospace)"
_HEAD: Final = "font-weight:600;margin:12px 0 4px"
_CELL: Final = f"border:{LINE};padding:4px 8px;text-align:left"
_STYLES: Final = {
    "h1": f"font-size:20px;line-height:28px;{_HEAD}",
    "h2": f"font-size:16px;line-height:24px;{_HEAD}",
    "h3": f"font-size:14px;line-height:20px;{_HEAD}",
    "h4": f"font-size:13px;line-height:20px;{_HEAD}",
    "h5": f"font-size:13px;line-height:20px;{_HEAD}",
    "h6": f"font-size:13px;line-height:20px;{_HEAD}",
    "p": "margin:0 0 8px",
    "ul": "margin:0 0 8px;padding-left:24px",
    "ol": "margin:0 0 8px;padding-left:24px",
    "blockquote": f"margin:0 0 8px;padding:0 12px;border-left:3px {LINE[4:]}",
    "table": "margin:0 0 8px;border-collapse:collapse;font-size:12px;line-height:16px",
    "tr": "background:transparent",
    "th": f"{_CELL};font-weight:600",
    "td": _CELL,
    "hr": f"border:0;border-top:{LINE};margin:12px 0",
    "code": f"padding:1px 4px;border-radius:2px;background:{SOFT};font:12px {_MONO}",
}
_PRE: Final = (
    f"margin:0 0 8px;padding:8px 12px;border-radius:2px;overflow-x:auto;"
    f"background:{SOFT};font:12px/16px {_MONO}"
)
_PRE_CODE: Final = "padding:0;background:transparent;color:inherit;font:inherit"


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
    parser.core.ruler.push("styles", _style)
    for name, rule in (
        ("image", _image),
        ("link_open", _link_open),
        ("fence", _code),
        ("code_block", _code),
    ):
        parser.add_render_rule(name, rule)
    return parser


def _style(state: Any) -> None:
    for token in state.tokens:
        for each in (token, *(token.children or ())):
            if each.nesting >= 0 and (style := _STYLES.get(each.tag)):
                own = each.attrGet("style")  # how a table's column is aligned
                each.attrSet("style", f"{style};{own}" if own else style)
    # The first line stands on one line with the name of who speaks.
    first = state.tokens[0] if state.tokens else None
    if first is not None and first.type == "heading_open":
        first.attrSet("style", f"{_STYLES[first.tag]};margin-top:0")


def _image(_: Any, tokens: Any, index: int, *__: Any) -> str:
    """A link: an image of another host would tell that host who reads this."""
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    text = escape(token.content or "image")
    if not safe_link(address):
        return text
    rel = 'rel="noopener noreferrer" target="_blank"'
    return f'<a href="{escape(address)}" {rel}>{text}</a>'


def _link_open(renderer: Any, tokens: Any, index: int, options: Any, _: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    tokens[index].attrSet("target", "_blank")
    return str(renderer.renderToken(tokens, index, options, {}))


def _code(_: Any, tokens: Any, index: int, *__: Any) -> str:
    token = tokens[index]
    words = token.info.split()
    code = highlighted(token.content, words[0] if words else "")
    return f'<pre style="{_PRE}"><code style="{_PRE_CODE}">{code}</code></pre>\n'
