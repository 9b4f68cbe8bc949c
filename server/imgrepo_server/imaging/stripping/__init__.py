"""Taking what people and cameras wrote out of a file, without touching a pixel.

A file without its metadata is told as pieces of the original and a few bytes between them, so that
it can be sent, in part or whole, without ever being made.
"""
