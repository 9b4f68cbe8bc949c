"""Settings of all tests."""

import os

from hypothesis import settings

# How long an example takes is the machine's affair: a slow disk is no fault of what is tested.
settings.register_profile("people", deadline=None)
# Continuous integration tries the same examples each time; people's own runs keep looking.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "people")
