"""Imported first by the process that workers are forked from, for its effect alone.

NumPy's linear algebra starts one thread for each core as it is loaded. As many workers as
cores run already, the matrices are tiny, and a process that forks should have no threads.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
