"""The wire, byte by byte, as a client of its own sees it."""
