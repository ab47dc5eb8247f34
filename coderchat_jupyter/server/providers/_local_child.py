"""The process that runs the local model: llama.cpp's own HTTP server on loopback.

In: one JSON line on stdin (model file, key). Out: one JSON line on stdout with the
address. It ends when stdin does, so it never outlives the server that started it,
whatever becomes of that. A process of its own, because loading a model holds up
every thread of a process, and a crash must not take the server along.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Serve the model until stdin ends."""
    order = json.loads(sys.stdin.readline())
    try:
        import xllamacpp
    except ImportError as error:
        _say({"error": "import", "text": str(error)})
        return
    try:
        server = xllamacpp.Server(_parameters(xllamacpp, order))
    except Exception as error:  # noqa: BLE001 - they have no common type
        _say({"error": "load", "text": str(error)})
        return
    _say({"address": server.listening_address})
    # Nobody reads on, and a full pipe would stop whoever writes into it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    while sys.stdin.readline():
        pass
    # Freeing the model takes time and gives nothing back that the end does not.
    os._exit(0)


def _parameters(xllamacpp: Any, order: dict[str, Any]) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = order["model"]
    params.n_ctx = order["context"]
    params.n_parallel = order["slots"]
    # With as many threads as cores, one busy neighbour makes it ten times slower.
    params.cpuparams.n_threads = order["threads"]
    params.cpuparams_batch.n_threads = order["threads"]
    # A request that is gone is noticed between batches only.
    params.n_batch = params.n_ubatch = 128
    # Best of what was tried: lower repeats itself, higher loses the thread.
    params.sampling.temp = 0.2
    params.sampling.penalty_repeat = 1.05
    # By default anyone may ask, web pages included, and 8 GB are kept for prompts.
    params.api_keys = [order["key"]]
    params.ui = False
    params.endpoint_slots = False
    params.endpoint_props = False
    params.cache_ram_mib = 0
    params.verbosity = 1
    return params


def _say(line: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
