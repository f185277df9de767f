"""What the emulator executes: the zygote of the children whose instructions are counted.

It is started with the same words wherever it runs, and told the rest: what a process is started with lies in its
memory, and shifts all that comes after.
"""

import marshal
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import emulator, zygote

if __name__ == "__main__":
    emulator.is_inside = True
    control = socket.socket(fileno=emulator.CONTROL)
    zygote.serve(control, zygote.Place(*marshal.loads(control.recv(65536))), None)
