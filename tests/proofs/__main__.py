"""`./portal prove NAME [options]`, or `python -m tests.proofs`: exit code 1 if a promise was broken."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

PROOFS: Final = ("crash", "storm", "checkout-rush", "bad-calls", "machine", "planted")


def main(argv: Sequence[str]) -> int:
    """Without a name all of them, as short as they are unless told otherwise."""
    if not argv:
        return max(main([name]) for name in PROOFS)
    name, *options = argv
    if name not in PROOFS:
        sys.stderr.write(f"There is no proof {name}. There are: {', '.join(PROOFS)}.\n")
        return 2
    kept = import_module(f"tests.proofs.{name.replace('-', '_')}").main(options)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
