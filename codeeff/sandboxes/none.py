"""No isolation at all: the runner as an ordinary process. Only for code you wrote yourself."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from codeeff.sandboxes import Engine, _emulator
from codeeff.sandboxes._runner import PYTHON_FLAGS, RunnerBox, runner_folder
from codeeff.sandboxes._stream import ProcessStream


class Unprotected:
    """Runs programs with all your rights; needs --i-trust-this-code."""

    isolation = "none: programs run with all the user's rights"

    def probe(self) -> str:
        """See the protocol `Engine`."""
        return self.version()

    def version(self) -> str:
        return "none"

    def open(self, core: int | None) -> RunnerBox:
        folder = Path(tempfile.mkdtemp(prefix="codeeff-"))
        main = runner_folder() / "__main__.py"
        command = [sys.executable, *PYTHON_FLAGS, str(main), "--tmp", str(folder), "--scratch", str(folder)]
        found = _emulator.if_any()
        if found is not None:
            command += ["--emulator", *map(str, found)]
        if core is not None:
            command += ["--core", str(core)]
        return RunnerBox(ProcessStream(command, folder))


PLUGIN: Final[Engine] = Unprotected()
