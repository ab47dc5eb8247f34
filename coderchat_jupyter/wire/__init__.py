"""In: bytes and JSON of the chats API. Out: frozen, typed values, and back again.

Pure: no I/O, no clock, no state. May import: `errors`. Tests: tests/wire.
Unknown tags, enum values and fields of newer servers survive; nothing here raises
because a server knows more than we do.
"""
