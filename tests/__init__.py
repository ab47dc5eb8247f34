"""What comes in: the package, real sockets, kernels and browsers. What goes out:
a verdict per rule; `python3 -m tests` runs all of it. It may import everything.
Each folder mirrors the package of the same name; helpers that hold logic are
in `fakes/` and have tests of their own."""
