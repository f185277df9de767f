"""No isolation at all: the runner as an ordinary process. Only for code you wrote yourself."""

import sys
import tempfile
from typing import Final

from codeeff.sandboxes import Engine
from codeeff.sandboxes._runner import ENVIRONMENT, RunnerBox, runner_folder


class Unprotected:
    """Runs programs with all your rights; needs --i-trust-this-code."""

    isolation = "none: programs run with all the user's rights"

    def version(self) -> str:
        return "none"

    def open(self, core: int | None) -> RunnerBox:
        folder = tempfile.mkdtemp(prefix="codeeff-")
        command = [sys.executable, "-I", "-S", "-B", str(runner_folder() / "runner" / "__main__.py"), "--tmp", folder]
        if core is not None:
            command += ["--core", str(core)]
        return RunnerBox(command, ENVIRONMENT)


PLUGIN: Final[Engine] = Unprotected()
