"""What every program finds in its environment."""

ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "OPENBLAS_NUM_THREADS": "1",
}
"""The whole environment of every program, whatever engine."""
