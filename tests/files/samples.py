"""Bank files of other programs, read where their folder stands beside the project, never copied."""

from pathlib import Path

from portal_app.settings import ROOT

_FOLDERS = [parent / "shared" / "samples" / "cnab" for parent in ROOT.parents]


def samples(pattern: str) -> list[Path]:
    """Those whose name matches; none at all where the folder is not there."""
    return sorted(file for folder in _FOLDERS for file in folder.glob(pattern))


# Files of our own, one a bank and kind: from public layouts, approved by nobody.
GOLDEN = ROOT / "tests" / "files" / "golden"
