"""In: batches of events, pages, chats. Out: the reduced state of one chat.

Pure: no I/O, no clock, no logging; values in, values out.
May import: `wire`, `errors`. Tests: tests/state.
"""
