"""What is sealed at rest: birthdates, member numbers, and the mails that may hold them.

AES-GCM under a data key, whose name stands in front of what it sealed; the data keys are
themselves sealed under the secret key (HELPDESK_SECRET_KEY) and kept in `state`. So keys
are changed by writing rows anew, and a copied database alone shows nothing.
The one door to cryptography.
"""

from __future__ import annotations

import base64
import hmac
import io
import os
import secrets
import threading
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from helpdesk.domain.keyed import keyed_digest
from helpdesk.errors import HelpdeskError

#: Where the keyring hangs on every connection of a database.
KEYRING = "helpdesk_keyring"

_FACT = "data_keys"
_SECRET_FACT = "secret_key"  # noqa: S105 - the name of a row
_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D 8.2: 96 bits.
_NONCES_AT_ONCE = 128
_ID_LENGTH = 6

_TEXT_MARK = "sealed:"
_BYTES_MARK = b"\x00sealed:"


class VaultError(HelpdeskError):
    """What is sealed in the database cannot be opened with HELPDESK_SECRET_KEY."""


class _Nonces:
    """Random nonces, drawn from the system many at once: each asking gives up the processor.

    A nonce must never serve twice under one key (NIST SP 800-38D 8), so a forked child,
    which has the same memory, throws its share away.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn = io.BytesIO()
        os.register_at_fork(after_in_child=self._forget)

    def draw(self) -> bytes:
        with self._lock:
            nonce = self._drawn.read(_NONCE_BYTES)
            if len(nonce) < _NONCE_BYTES:
                self._drawn = io.BytesIO(secrets.token_bytes(_NONCE_BYTES * _NONCES_AT_ONCE))
                nonce = self._drawn.read(_NONCE_BYTES)
            return nonce

    def _forget(self) -> None:
        self._lock = threading.Lock()  # Another thread may have held it.
        self._drawn = io.BytesIO()


_NONCES = _Nonces()


class Vault:
    """Seals and opens; knows every data key that is in use."""

    def __init__(self, keys: dict[str, bytes], current: str, index_key: bytes) -> None:
        """Keep the keys; `current` seals what is written from now on."""
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self.current = current
        self._index_key = index_key

    def knows(self, name: str) -> bool:
        """Say whether a data key of this name is at hand."""
        return name in self._keys

    def seal(self, text: str) -> str:
        """Return a text as it is stored; nothing stays nothing."""
        if not text:
            return text
        sealed = self._sealed(text.encode("utf-8", "surrogatepass"))
        return f"{_TEXT_MARK}{self.current}:{base64.b64encode(sealed).decode()}"

    def open(self, stored: str) -> str:
        """Return what a stored text says. Raises VaultError."""
        if not stored.startswith(_TEXT_MARK):
            return stored
        name, _, sealed = stored.removeprefix(_TEXT_MARK).partition(":")
        plain = self._opened(name, base64.b64decode(sealed))
        return plain.decode("utf-8", "surrogatepass")

    def seal_bytes(self, raw: bytes) -> bytes:
        """Return bytes as they are stored."""
        return _BYTES_MARK + self.current.encode() + self._sealed(raw)

    def open_bytes(self, stored: bytes) -> bytes:
        """Return what stored bytes say. Raises VaultError."""
        if not stored.startswith(_BYTES_MARK):
            return stored
        rest = stored[len(_BYTES_MARK) :]
        return self._opened(rest[:_ID_LENGTH].decode("ascii", "replace"), rest[_ID_LENGTH:])

    def index(self, kind: str, value: str) -> str:
        """Return the keyed digest by which a value is looked up; '' for nothing."""
        if not value:
            return ""
        text = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return keyed_digest(self._index_key, text).hex()

    def derived(self, purpose: str) -> bytes:
        """Return a key for a purpose; it stays the same when data or secret keys change."""
        return derived_key(self._index_key, purpose)

    def _sealed(self, raw: bytes) -> bytes:
        nonce = _NONCES.draw()
        return nonce + self._keys[self.current].encrypt(nonce, raw, self.current.encode())

    def _opened(self, name: str, sealed: bytes) -> bytes:
        key = self._keys.get(name)
        if key is None:
            raise VaultError(f"there is no data key {name}; was the database restored in part?")
        try:
            return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except InvalidTag as error:
            raise VaultError("a sealed value was altered, or is another key's") from error


def key_of_stored(stored: str | bytes) -> str | None:
    """Return the name of the data key that sealed a stored value; None: it is not sealed."""
    if isinstance(stored, bytes):
        if not stored.startswith(_BYTES_MARK):
            return None
        return stored[len(_BYTES_MARK) :][:_ID_LENGTH].decode("ascii", "replace")
    if not stored.startswith(_TEXT_MARK):
        return None
    return stored.removeprefix(_TEXT_MARK).partition(":")[0]


class Keyring:
    """Gives the vault of a database; made with the secret key, or the one kept in it."""

    def __init__(self, secret: bytes | None) -> None:
        """Remember the secret; nothing is read before the first look."""
        self._secret = secret
        self._vault: Vault | None = None
        self._lock = threading.RLock()

    def vault(self, tx: Connection) -> Vault:
        """Return the vault, drawing keys at the very first use. Raises VaultError."""
        with self._lock:
            if self._vault is None:
                self._vault = self._load(tx)
            return self._vault

    def forget(self) -> None:
        """Read the keys anew at the next look: they were changed, or a transaction failed."""
        with self._lock:
            self._vault = None

    def secret(self, tx: Connection) -> bytes:
        """Return the secret key: the setting, or one drawn once and kept in the database."""
        from helpdesk.store import facts

        if self._secret is not None:
            return self._secret
        known = facts.read_fact(tx, _SECRET_FACT)
        if known is None:
            known = secrets.token_hex(_KEY_BYTES)
            facts.write_fact(tx, _SECRET_FACT, known)
        return bytes.fromhex(known)

    def _load(self, tx: Connection) -> Vault:
        from helpdesk.store import facts

        secret = self.secret(tx)
        known = facts.read_fact(tx, _FACT)
        if known is None:
            known = self._drawn(secret)
            facts.write_fact(tx, _FACT, known)
        keys = {name: _unwrap(secret, name, sealed) for name, sealed in known["keys"].items()}
        return Vault(keys, known["current"], _unwrap(secret, "index", known["index"]))

    def _drawn(self, secret: bytes) -> dict[str, Any]:
        name, key = _new_key()
        index = secrets.token_bytes(_KEY_BYTES)
        return {
            "current": name,
            "keys": {name: _wrap(secret, name, key)},
            "index": _wrap(secret, "index", index),
        }

    def rotate(self, tx: Connection, old_secret: bytes | None = None) -> str:
        """Add a data key and make it the current one; return its name.

        `old_secret`: the secret key that sealed the data keys so far, where it changed.
        """
        from helpdesk.store import facts

        secret = self.secret(tx)
        known = facts.read_fact(tx, _FACT) or self._drawn(secret)
        opened = old_secret or secret
        keys = {name: _unwrap(opened, name, one) for name, one in known["keys"].items()}
        index = _unwrap(opened, "index", known["index"])
        name, key = _new_key()
        keys[name] = key
        fresh = {
            "current": name,
            "keys": {one: _wrap(secret, one, raw) for one, raw in keys.items()},
            "index": _wrap(secret, "index", index),
        }
        facts.write_fact(tx, _FACT, fresh)
        self.forget()
        return name

    def drop_old(self, tx: Connection) -> int:
        """Forget every data key but the current one; return how many went."""
        from helpdesk.store import facts

        known = facts.read_fact(tx, _FACT)
        gone = [name for name in known["keys"] if name != known["current"]]
        known["keys"] = {known["current"]: known["keys"][known["current"]]}
        facts.write_fact(tx, _FACT, known)
        self.forget()
        return len(gone)


def vault_of(tx: Connection) -> Vault:
    """Return the vault of the database that a transaction is in."""
    return keyring_of(tx).vault(tx)


def keyring_of(tx: Connection) -> Keyring:
    """Return the keyring of the database that a transaction is in."""
    found: Keyring = tx.get_execution_options()[KEYRING]
    return found


def derived_key(secret: bytes, purpose: str) -> bytes:
    """Return a key of its own for a purpose (RFC 5869, the expand step)."""
    return hmac.digest(secret, f"helpdesk {purpose}\x01".encode(), "sha256")


def _new_key() -> tuple[str, bytes]:
    return secrets.token_hex(_ID_LENGTH // 2), secrets.token_bytes(_KEY_BYTES)


def _wrap(secret: bytes, name: str, key: bytes) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(derived_key(secret, "wrap")).encrypt(nonce, key, name.encode())
    return base64.b64encode(nonce + sealed).decode()


def _unwrap(secret: bytes, name: str, wrapped: str) -> bytes:
    raw = base64.b64decode(wrapped)
    try:
        return AESGCM(derived_key(secret, "wrap")).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], name.encode()
        )
    except InvalidTag as error:
        raise VaultError(
            "the data keys in the database were sealed under another HELPDESK_SECRET_KEY;"
            " set the one that was in force (or: helpdesk key rotate --old-key-file FILE)"
        ) from error
