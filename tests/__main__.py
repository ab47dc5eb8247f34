"""`python3 -m tests [part ...] [-- words for pytest]`: every check of the project.

It needs Python and Node and installs the rest into the checkout: see
`coderchat_jupyter/_checkout.py`.
"""

from __future__ import annotations

import sys

from coderchat_jupyter import _checkout

if __name__ == "__main__":
    _checkout.enter("tests", sys.argv[1:], tests=True)
    from tests._parts import main

    sys.exit(main(sys.argv[1:]))
