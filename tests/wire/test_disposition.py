"""File names in headers, to the letter as Go's `mime` package has them."""

from __future__ import annotations

from email.message import Message

import pytest

from coderchat_jupyter.wire._disposition import (
    content_disposition,
    name_of,
    parse_media_type,
)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.txt", "attachment; filename=a.txt"),
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ('"\\;.txt', 'attachment; filename="\\"\\\\;.txt"'),
        ("ü 1.txt", "attachment; filename*=utf-8''%C3%BC%201.txt"),
        ("\u202e.txt", "attachment; filename*=utf-8''%E2%80%AE.txt"),
    ],
)
def test_the_header_is_the_one_of_the_go_client(name: str, header: str) -> None:
    """Bare where it can be, quoted where it must be, else in percent signs."""
    assert content_disposition(name) == header
    assert header.isascii()
    assert header.isprintable()


@pytest.mark.parametrize(
    "name", ["a.txt", "a b.txt", 'a "b" \\c', "it's 100%.csv", "数据 🎉.csv", "a=b;c"]
)
def test_a_name_comes_back_from_its_header(name: str) -> None:
    """For our own reader and for that of the standard library."""
    header = content_disposition(name)
    message = Message()
    message["Content-Disposition"] = header

    assert name_of(header) == name
    assert message.get_filename() == name


@pytest.mark.parametrize(
    "header",
    ["", "inline", "attachment; filename", "inline; filename*=nonsense''%FF", ";;;"],
)
def test_a_header_without_a_name_gives_none(header: str) -> None:
    """A server may say anything."""
    assert name_of(header) == ""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="größe 数.txt"', "größe 数.txt"),
        ("attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt", "größe.txt"),
        ("attachment; filename=old.txt; filename*=utf-8'de'n%C3%B6.txt", "nö.txt"),
        ("attachment; filename*=utf-8''n%C3%B6.txt; filename=old.txt", "nö.txt"),
        ("attachment; filename=old.txt; filename*=latin-1''n%F6.txt", "old.txt"),
        ("attachment; filename=old.txt; filename*=utf-8''%zz", "old.txt"),
        ("attachment; filename*0=a; filename*1*=%20b; filename*2=.txt", "a b.txt"),
        ("attachment; filename*0*=utf-8''%C3%A4; filename*1=b", "äb"),
        ("attachment; filename*1=b", ""),
        (r'attachment; filename="C:\dev\go\foo.txt"', r"C:\dev\go\foo.txt"),
        (r'attachment; filename="a\"b\\c"', r'a"b\c'),
        (r'attachment; filename="\"a"', '"a'),
        ('attachment; filename=""; name="a"', ""),
        ("ATTACHMENT ; FileName = a.txt ;", "a.txt"),
        ("a/b;filename=a.txt", "a.txt"),
        ("attachment; filename=a; filename=a", "a"),
    ],
)
def test_a_name_is_read_as_go_reads_it(header: str, name: str) -> None:
    assert name_of(header) == name


@pytest.mark.parametrize(
    "header",
    [
        "attachment; filename=größe.txt",
        "attachment; filename=a b.txt",
        'attachment; filename="a',
        "attachment; filename=a; filename=b",
        "attachment; filename=a;;",
        "attachment filename=a",
        "; filename=a",
        "a/b/c; filename=a",
        'attachment; filename="a" b',
    ],
)
def test_what_go_cannot_read_is_no_name(header: str) -> None:
    """Not even a part of it: the whole header counts for nothing."""
    assert name_of(header) == ""


def test_a_type_is_in_lower_case_and_without_its_parameters() -> None:
    kind, parameters = parse_media_type('Text/Plain; Charset="UTF-8"')

    assert kind == "text/plain"
    assert parameters == {"charset": "UTF-8"}
