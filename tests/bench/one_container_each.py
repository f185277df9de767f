"""`python -m bench.one_container_each IMAGE CGROUP SCRIPTS`: a container per script, one after the other."""

import json
import subprocess
import sys
from pathlib import Path

from bench.clock import Stopwatch


def main() -> None:
    """Run them and print the cost."""
    image, group, scripts = sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text())
    command = ["docker", "run", "--rm", "-i", "--network", "none", "--cgroup-parent", group]
    command += ["--entrypoint", "python3", image, "-"]
    with Stopwatch() as watch:
        for script in scripts:
            subprocess.run(command, input=script.encode(), capture_output=True, check=True)
    print(json.dumps({"cpu_s": watch.cpu_s, "wall_s": watch.wall_s, "samples": len(scripts), "wrong": []}))


if __name__ == "__main__":
    main()
