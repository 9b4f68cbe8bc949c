"""Speed and memory, as ratios against a named limit or rival in the same run.

``python -m benchmarks.ingest --help`` and so on; each prints a table for people and, with
``--json FILE``, the same figures for programs.
"""
