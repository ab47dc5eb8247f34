"""`python3 -m coderchat_jupyter` is the `coderchat` command, from a bare checkout too.

Nothing but the standard library may be imported before `enter` has returned.
"""

from __future__ import annotations

import sys

from coderchat_jupyter import _checkout

if __name__ == "__main__":
    _checkout.enter("coderchat_jupyter", sys.argv[1:])
    from coderchat_jupyter.cli import main

    sys.exit(main())
