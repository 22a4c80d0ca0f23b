"""The rules and templates that come with helpdesk, and where those in use are found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from helpdesk.errors import HelpdeskError

RULES_NAME = "mailbox_rules.yaml"
TEMPLATES_NAME = "templates"

_PACKAGE = Path(__file__).parent

# A wheel carries the copies inside the package; in a checkout they stand beside it.
_CARRIED = _PACKAGE / "_shipped"


class ShippedFilesError(HelpdeskError):
    """Rules or templates are not where they were said to be, or cannot be copied."""


def shipped_folder() -> Path:
    """Return the folder that holds the shipped mailbox_rules.yaml and templates."""
    return _CARRIED if _CARRIED.is_dir() else _PACKAGE.parent


def resolve_rules_path(given: Path, was_given: bool) -> Path:
    """Return the rules file to read; the shipped one where the default path is absent.

    Raises ShippedFilesError for a path that was named and is no file.
    """
    if given.is_file():
        return given
    if was_given:
        raise ShippedFilesError(f"HELPDESK_RULES names {given}, where there is no such file")
    return shipped_folder() / RULES_NAME


def resolve_templates_path(given: Path, was_given: bool) -> Path:
    """Return the folder of templates; the shipped one where the default path is absent.

    Raises ShippedFilesError for a path that was named and is no folder.
    """
    if given.is_dir():
        return given
    if was_given:
        raise ShippedFilesError(f"HELPDESK_TEMPLATES names {given}, where there is no such folder")
    return shipped_folder() / TEMPLATES_NAME


def copy_out(folder: Path) -> list[Path]:
    """Copy rules and templates into a folder and return the new files, sorted.

    Raises ShippedFilesError, and then copies nothing, where a file stands in the way.
    """
    source = shipped_folder()
    names = sorted(_names(source))
    for name in names:
        if (folder / name).exists():
            raise ShippedFilesError(
                f"{folder / name} is there already and is not overwritten;"
                " name another folder or move it away"
            )
    try:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, folder / name)
    except OSError as error:
        raise ShippedFilesError(f"{folder} cannot be written ({error.strerror})") from error
    return [folder / name for name in names]


def _names(source: Path) -> Iterator[Path]:
    """Yield what is shipped, relative to its folder."""
    yield Path(RULES_NAME)
    for path in (source / TEMPLATES_NAME).rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(source)
