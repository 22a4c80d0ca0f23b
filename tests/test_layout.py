"""The house keeps its floors: what import-linter cannot say of them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "helpdesk"

# Pure parts of the standard library: no files, no sockets, no processes, no chance.
PURE = frozenset(
    """
    __future__ abc base64 binascii bisect calendar codecs collections copy dataclasses datetime
    decimal difflib email enum fractions functools hashlib heapq hmac html itertools json math
    numbers operator quopri re string struct textwrap types typing typing_extensions unicodedata
    urllib.parse contextlib
    """.split()
)
# Small libraries that only work on text and dates they are given.
TEXT_LIBRARIES = frozenset(
    {
        "rapidfuzz",
        "selectolax",
        "inscriptis",
        "ja_itaiji",
        "jpholiday",
        "idna",
        "lxml",
        "flufl.bounce",
    }
)
OWN = frozenset({"helpdesk.domain", "helpdesk.errors"})

# Whoever asks these gets another answer tomorrow.
CLOCKS = frozenset({"now", "today", "utcnow", "time", "monotonic", "perf_counter"})
DOORS_OUT = frozenset({"open", "print", "input", "exec", "eval", "__import__", "breakpoint"})


def modules_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give line and dotted name of every imported module, wherever it is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: import by the full name"
            yield node.lineno, node.module or ""


def is_within(module: str, allowed: frozenset[str]) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:length]) in allowed for length in range(1, len(parts) + 1))


@pytest.mark.parametrize("path", modules_of(PACKAGE / "domain"), ids=name_of)
def test_domain_imports_nothing_but_pure_text_libraries(path: Path) -> None:
    strange = [
        f"line {line}: {module}"
        for line, module in imports_of(tree_of(path))
        if not is_within(module, PURE | TEXT_LIBRARIES | OWN)
    ]
    assert strange == []


@pytest.mark.parametrize("path", modules_of(PACKAGE / "domain"), ids=name_of)
def test_domain_asks_no_clock_and_opens_no_file(path: Path) -> None:
    strange = []
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        # `found.time()` of a date and time is no clock, `datetime.now()` is: a class is asked.
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            asked = node.func.value
            if isinstance(asked, ast.Name) and asked.id in {"datetime", "date", "time"}:
                strange.append(f"line {node.lineno}: {asked.id}.{node.func.attr}")
        elif isinstance(node.func, ast.Name) and node.func.id in DOORS_OUT:
            strange.append(f"line {node.lineno}: {node.func.id}")
    assert strange == []


@pytest.mark.parametrize("path", modules_of(PACKAGE), ids=name_of)
def test_package_imports_only_what_a_plain_installation_has(path: Path) -> None:
    # The demo brings servers of its own, and says so where they are absent.
    extra = "demo" if path.is_relative_to(PACKAGE / "demo") else None
    declared = {
        re.split(r"[\[<>=! ]", line, maxsplit=1)[0].lower().replace("-", "_")
        for line in dependencies(extra)
    }
    # Distributions that bring modules of another name, and what they bring with them.
    brought = {"argon2", "dotenv", "ruamel", "markupsafe", "lxml", "flufl"}
    strange = [
        f"line {line}: {module}"
        for line, module in imports_of(tree_of(path))
        if (top := module.split(".")[0]) not in sys.stdlib_module_names
        and top not in declared | brought | {"helpdesk"}
    ]
    assert strange == []


def dependencies(extra: str | None) -> list[str]:
    import tomllib

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: list[str] = project["dependencies"]
    return found + project["optional-dependencies"][extra] if extra else found


@pytest.mark.parametrize("name", ["runtime.txt", "demo.txt", "dev.txt"])
def test_requirements_are_pinned_with_hashes_and_hold_no_addresses(name: str) -> None:
    text = (REPOSITORY / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9._\[\]-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
