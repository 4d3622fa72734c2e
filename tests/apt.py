"""Programs of the system that tests need and a bare machine lacks."""

import os
import shutil
import subprocess


def install(package: str) -> None:
    """Install it on Debian or Ubuntu as root; elsewhere nothing is done. Look for it afterwards."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run(
            ["apt-get", "-qq", *command],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            check=False,
        )
