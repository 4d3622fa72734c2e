"""What a bench says: one JSON object a line."""

import json
import sys
from collections.abc import Sequence


def say(name: str, unit: str, n: int, **figures: object) -> None:
    """Print one line; floats keep three decimals at most."""
    line = {"name": name, **{key: _short(value) for key, value in figures.items()}}
    sys.stdout.write(json.dumps({**line, "unit": unit, "n": n}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def share(samples: Sequence[float], part: float) -> float:
    """The sample that `part` of all are not above: 0.95 for the p95."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def spread(samples: Sequence[float], *parts: float) -> dict[str, float]:
    """{'p50': …, 'p95': …}, by default these two; nothing of nothing."""
    if not samples:
        return {}
    return {f"p{part * 100:.0f}": share(samples, part) for part in parts or (0.5, 0.95)}


def _short(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value
