"""What a test may ask of the machine, and what happens where it is missing."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

#: The user that the servers run as where the tests run as root: nobody, nogroup.
NOBODY = 65534

_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin")


def missing(sentence: str) -> NoReturn:
    """Skip the test on a developer's machine, fail it under CI=true: nothing is left out unseen."""
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@cache
def _find(name: str) -> str | None:
    path = os.pathsep.join((os.environ.get("PATH", ""), *_SYSTEM_FOLDERS))
    return shutil.which(name, path=path)


def program(name: str, package: str) -> str:
    """Return the full path of a server's program, or skip or fail the test."""
    return _find(name) or missing(
        f"{name} is not installed (Debian: {package}); `make test` installs what is missing."
    )


def is_root() -> bool:
    """Return whether the tests run as root."""
    return os.geteuid() == 0


def give_to_nobody(path: Path) -> None:
    """Let the unprivileged servers own a file or folder, where the tests run as root."""
    if is_root():
        os.chown(path, NOBODY, NOBODY)


def unprivileged(*command: str) -> list[str]:
    """Return the command as it is started without privileges, ended when its parent ends."""
    prefix = [program("setpriv", "util-linux")]
    if is_root():
        prefix += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*prefix, "--pdeathsig=TERM", *command]
