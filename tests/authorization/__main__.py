"""`python -m tests.authorization --write`: draw docs/authorization.md; without it, print it."""

import sys
from collections.abc import Sequence

from tests.authorization.drawing import PAGE, drawn


def main(argv: Sequence[str]) -> int:
    if list(argv) == ["--write"]:
        PAGE.write_text(drawn(), encoding="utf-8")
    else:
        sys.stdout.write(drawn())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
