"""A child's resident memory, read from outside."""


def peak_bytes(pid: int) -> int | None:
    """The most that was resident so far; None when it has ended."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            return next((int(line.split()[1]) << 10 for line in file if line.startswith(b"VmHWM:")), None)
    except OSError:
        return None
