"""The time, passed in."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Tells the time, in UTC; passed in, so that tests can hold it."""
