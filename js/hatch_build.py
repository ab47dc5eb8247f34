"""The build hook: a wheel carries the page, so that its users need no Node."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PACKAGE = "coderchat_jupyter"
_NOTEBOOK = "notebooks/01_first_chat.ipynb"


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `js/` into the package before anything is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, unless it is there and its sources did not change."""
        root = Path(self.root)
        _checkout(root).build_page(root)
        if self.target_name == "wheel" and version != "editable":
            # `coderchat demo` opens it where there is no checkout.
            packed = f"{_PACKAGE}/{_NOTEBOOK}"
            build_data["force_include"][str(root / _NOTEBOOK)] = packed


def _checkout(root: Path) -> ModuleType:
    """Our own set-up code, read by path: the package is not installed yet."""
    path = root / _PACKAGE / "_checkout.py"
    spec = importlib.util.spec_from_file_location("coderchat_checkout", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"The build needs {path.name!r} and cannot read it.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
