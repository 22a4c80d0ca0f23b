"""The rules and templates that come with the program, and copies of them for editing."""

from __future__ import annotations

import shutil
from pathlib import Path

from helpdesk.errors import HelpdeskError

RULES_FILE = "mailbox_rules.yaml"
TEMPLATES_FOLDER = "templates"


class ShippedError(HelpdeskError):
    """A file or folder of the rules or templates is not where it should be."""


def shipped_folder() -> Path:
    """Return the folder with the shipped copies: in the wheel, or the checkout's top."""
    package = Path(__file__).resolve().parent
    packaged = package / "_shipped"
    return packaged if packaged.is_dir() else package.parent


def resolve_rules_path(path: Path, given: bool) -> Path:
    """Return the rules file to use; the shipped one where the default path is absent."""
    return _resolve(path, given, RULES_FILE, path.is_file())


def resolve_templates_path(path: Path, given: bool) -> Path:
    """Return the templates folder to use; the shipped one where the default is absent."""
    return _resolve(path, given, TEMPLATES_FOLDER, path.is_dir())


def _resolve(path: Path, given: bool, name: str, exists: bool) -> Path:
    if exists:
        return path
    if given:
        raise ShippedError(f"{path} does not exist; helpdesk init DIR writes one to start from")
    return shipped_folder() / name


def copy_out(folder: Path) -> list[Path]:
    """Copy rules and templates into `folder` and return what was written.

    Raises ShippedError where one of them is there already: edited files are never
    overwritten.
    """
    rules, templates = folder / RULES_FILE, folder / TEMPLATES_FOLDER
    for path in (rules, templates):
        if path.exists():
            raise ShippedError(f"{path} exists already; choose another folder or move it away")
    source = shipped_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / RULES_FILE, rules)
        shutil.copytree(source / TEMPLATES_FOLDER, templates)
    except OSError as error:
        raise ShippedError(f"{folder} cannot be written ({error.strerror})") from error
    return [rules, templates]
