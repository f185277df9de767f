"""What the emulator executes: the zygote of the children whose instructions are counted.

It is started with the same words wherever it runs, and told the rest: what a process is started with lies in its
memory, and shifts all that comes after. So does the order in which a file system lists a folder's names; the runner's
own modules, which lie elsewhere in each engine's boxes, are therefore found without listing any.
"""

import _frozen_importlib_external as files
import marshal
import os
import socket
import sys
from typing import Any

HERE = os.path.dirname(os.path.realpath(__file__))


class Beside:
    """Finds the runner and its modules, and no others."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        """Where the module lies; None where it is not the runner's."""
        package, _, module = name.partition(".")
        if package != "runner":
            return None
        location = f"{HERE}/{module or '__init__'}.py"
        return files.spec_from_file_location(name, location, submodule_search_locations=None if module else [HERE])


sys.meta_path.insert(0, Beside)

from runner import emulator, zygote  # noqa: E402

if __name__ == "__main__":
    emulator.is_inside = True
    control = socket.socket(fileno=emulator.CONTROL)
    zygote.serve(control, zygote.Place(*marshal.loads(control.recv(65536))), None)
