"""One file a step, named by its revision."""

from __future__ import annotations
