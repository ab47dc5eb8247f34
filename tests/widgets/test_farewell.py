"""The last word of a kernel, said by a process that really ends."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from coderchat_jupyter.widgets._farewell import freeze_at_exit

class Shown:
    def __init__(self, name):
        self.name = name
    def freeze(self):
        if self.name == "broken":
            raise RuntimeError("cannot be drawn")
        print("froze", self.name)

kept = [Shown("first"), Shown("broken"), Shown("last")]
for shown in kept:
    freeze_at_exit(shown)
freeze_at_exit(Shown("forgotten"))
gc.collect()
"""


def test_what_is_still_shown_is_frozen_when_the_process_ends() -> None:
    """One that cannot be drawn keeps none of the others from it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert sorted(done.stdout.splitlines()) == ["froze first", "froze last"]
    assert done.stderr == ""
