"""The command `pipette`, as the package brings it: the dispatcher, which finds the filters."""
import os
import sys

from ._filters import HERE


def main() -> None:
    script = HERE / "bin" / "pipette"
    if not script.exists():
        sys.exit("pipette: the filters did not come with this package (python -m pip install pipette-cells)")
    os.execv("/bin/sh", ["sh", str(script), *sys.argv[1:]])


if __name__ == "__main__":
    main()
