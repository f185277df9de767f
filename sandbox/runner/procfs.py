"""What the kernel says of processes, and of the box, in its files."""

import os

PAGE, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    """All that a process and its descendants started and that is alive."""
    found, at = [pid], 0
    while at < len(found):
        try:
            for thread in os.listdir(f"/proc/{found[at]}/task"):
                with open(f"/proc/{found[at]}/task/{thread}/children") as file:
                    found += map(int, file.read().split())
        except OSError:
            pass  # it has just ended
        at += 1
    return found[1:]


def waited_ns(pid: int) -> int:
    """How long that thread of a process was ready to run and not let that was so the longest."""
    found = [0]
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                found.append(int(file.read().split()[1]))
    except OSError:
        pass  # it has just ended, or the kernel keeps no such account
    return max(found)


def oom_kills() -> int:
    """How often the kernel killed for the box's memory limit; 0 where the box has none."""
    for path in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        try:
            with open(path) as file:
                return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
        except OSError:
            pass
    return 0


def cpu_ticks(pid: int, *, is_child: bool) -> int:
    """CPU of those a process has waited for, and of itself unless it is the child, whose clock is read more exactly."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[13 if is_child else 11 : 15]))


def resident_bytes(pid: int) -> int:
    """What a process holds in memory; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE
    except OSError:
        return 0
