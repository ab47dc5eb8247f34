"""What every widget does: snapshots on demand, numbered patches, answered intents."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest

from coderchat_jupyter.bridge._base import BridgeModel
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.widgets._base import BridgeWidget, hub
from tests.widgets.conftest import Wire, until


class Counter(BridgeModel):
    """The smallest view."""

    count: int = 0
    note: str = ""


class Refusal(BridgeModel):
    """An intent that holds something nobody may see again."""

    key: int


class Counting(BridgeWidget[Counter]):
    """Does what its intents say."""

    kind = "counter"

    async def handle(self, intent: dict[str, Any]) -> dict[str, Any] | None:
        match intent.get("op"):
            case "refuse":
                raise CoderChatError("No, because.")
            case "break":
                raise KeyError("s3cr3t")
            case "check":
                Refusal.model_validate({"key": intent["key"]})
            case "hang":
                await asyncio.Event().wait()
        return {"did": intent.get("op")}


@pytest.fixture
def widget() -> Any:
    made = Counting(Counter())
    yield made
    made.close()


def wire(widget: BridgeWidget[Any]) -> Wire:
    assert isinstance(widget.comm, Wire)
    return widget.comm


async def test_a_page_gets_the_present_and_then_what_changes(widget: Counting) -> None:
    """The number of the snapshot is where the patches go on."""
    widget.publish(Counter(count=1))
    (first,) = await until(lambda: wire(widget).of("patch"))

    wire(widget).page_sends({"kind": "snapshot", "rev": -1})
    (snapshot,) = await until(lambda: wire(widget).of("snapshot"))
    widget.publish(Counter(count=2))
    second = (await until(lambda: wire(widget).of("patch")[1:]))[0]

    assert first["rev"] == snapshot["rev"] == 1
    assert snapshot["view"] == {"count": 1, "note": ""}
    change = {"op": "fields_changed", "changes": {"count": 2}}
    assert second == {"kind": "patch", "rev": 2, "patches": [change]}


async def test_a_page_that_has_it_all_is_not_sent_it_again(widget: Counting) -> None:
    """Opening a notebook must not send every transcript twice."""
    wire(widget).page_sends({"kind": "snapshot", "rev": 0})
    wire(widget).page_sends({"kind": "intent", "id": "1", "intent": {"op": "x"}})
    await until(lambda: wire(widget).of("reply"))

    assert wire(widget).of("snapshot") == []


async def test_the_trait_is_the_present_whenever_it_is_read(widget: Counting) -> None:
    """A page that is loaded again, or a notebook that is saved."""
    widget.publish(Counter(count=1))
    await until(lambda: wire(widget).of("patch"))

    state = widget.get_state("view")["view"]

    assert (state["rev"], state["view"]["count"]) == (1, 1)


async def test_what_happens_faster_than_the_pace_is_one_message(
    widget: Counting,
) -> None:
    """And the last value always arrives."""
    for count in range(1, 2001):
        widget.publish(Counter(count=count))
    await until(
        lambda: (
            wire(widget).of("patch")
            and wire(widget).of("patch")[-1]["patches"][0]["changes"] == {"count": 2000}
        )
    )

    assert len(wire(widget).of("patch")) < 200
    assert [p["rev"] for p in wire(widget).of("patch")] == list(
        range(1, len(wire(widget).of("patch")) + 1)
    )


async def test_threads_may_publish_at_once_and_one_thread_sends(
    widget: Counting,
) -> None:
    """Messages leave in the order of their numbers."""

    def work(name: str) -> None:
        for count in range(200):
            widget.publish(Counter(count=count, note=name))

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await until(lambda: widget.snapshot().view == widget.present().dump())

    revs = [patch["rev"] for patch in wire(widget).of("patch")]
    assert revs == sorted(revs)
    assert wire(widget).threads == {"coderchat"}


@pytest.mark.parametrize(
    ("intent", "error", "result"),
    [
        ({"op": "ok"}, None, {"did": "ok"}),
        ({"op": "refuse"}, "No, because.", None),
        ({"op": "break"}, "Something went wrong in the kernel (KeyError).", None),
    ],
)
async def test_every_intent_is_answered(
    widget: Counting, intent: dict[str, Any], error: str | None, result: Any
) -> None:
    """A page never waits in vain, whatever breaks."""
    wire(widget).page_sends({"kind": "intent", "id": "p-1", "intent": intent})
    (reply,) = await until(lambda: wire(widget).of("reply"))

    assert reply == {"kind": "reply", "id": "p-1", "error": error, "result": result}


async def test_a_refused_intent_is_not_repeated_to_anyone(
    widget: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    """It may hold a key."""
    intent = {"op": "check", "key": "s3cr3t"}
    wire(widget).page_sends({"kind": "intent", "id": "p-1", "intent": intent})
    (reply,) = await until(lambda: wire(widget).of("reply"))

    assert "does not understand" in reply["error"]
    assert "s3cr3t" not in str(reply) + caplog.text


@pytest.mark.parametrize(
    "content", [None, "x", [], {}, {"kind": "unknown"}, {"kind": "intent"}]
)
async def test_what_is_no_message_is_ignored(widget: Counting, content: object) -> None:
    """A page of another release may say anything."""
    wire(widget).page_sends(content)
    wire(widget).page_sends({"kind": "intent", "id": "p", "intent": {"op": "ok"}})

    (reply,) = await until(lambda: wire(widget).of("reply"))
    assert reply["error"] is None


async def test_a_host_without_hubs_gets_the_code_on_request(widget: Counting) -> None:
    """Nobody else pays for it."""
    wire(widget).page_sends({"kind": "page"})

    (page,) = await until(lambda: wire(widget).of("page"))
    assert "export" in page["code"]


async def test_widgets_share_one_hub_and_carry_little_code(widget: Counting) -> None:
    """Twenty widgets are saved with one copy of the page."""
    other = Counting(Counter())

    assert widget._hub == other._hub == f"anywidget:{hub().model_id}"
    assert len(str(widget._esm)) < 2_000
    other.close()


async def test_a_closed_widget_is_silent_and_free() -> None:
    """close() undoes everything; a notebook may make thousands."""
    widget = Counting(Counter())
    line = wire(widget)
    widget.close()
    widget.publish(Counter(count=1))
    widget.close()
    gone = weakref.ref(widget)
    assert not line.is_open
    assert line.of("patch") == []

    del widget, line
    await asyncio.sleep(0)
    gc.collect()

    assert gone() is None
