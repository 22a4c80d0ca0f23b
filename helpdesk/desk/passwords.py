"""Which passwords are taken, and how they are kept.

Length and what guessing programs try first decide, not digits and signs (NIST SP 800-63B-4
3.1.1.2). zxcvbn knows the lists: common passwords, names, dates, rows of the keyboard.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher

from helpdesk.desk.context import Refused

#: Shorter ones are tried one by one.
MIN_PASSWORD_LENGTH = 10

# argon2 reads all of it; more is no password but a way to keep the machine busy.
MAX_PASSWORD_LENGTH = 1024

# 10^8 guesses: at five a quarter of an hour nobody gets there (zxcvbn's scale is 0 to 4).
_LEAST_SCORE = 3

# zxcvbn reads no more than that; what is longer is judged by its beginning.
_JUDGED_LENGTH = 72

# What somebody who attacks this very page tries first.
_OURS = ("helpdesk", "secretariat", "jimukyoku", "mypage", "console", "事務局", "施設マイページ")


def require_good(password: str, name: str) -> None:
    """Refuse a password of `name` that is short or easily guessed. Raises Refused."""
    if len(password) > MAX_PASSWORD_LENGTH:
        raise Refused(f"a password has at most {MAX_PASSWORD_LENGTH} characters")
    if len(password) < MIN_PASSWORD_LENGTH or _score(password, name) < _LEAST_SCORE:
        raise Refused(
            f"this password is easily guessed: take at least {MIN_PASSWORD_LENGTH} characters,"
            " such as three words that do not belong together, without the user's name, the"
            " product's name, common passwords and rows of digits"
        )


def _score(password: str, name: str) -> int:
    # Loaded here: its lists take memory that a daemon needs only when passwords change.
    from zxcvbn import zxcvbn

    plain = unicodedata.normalize("NFKC", password).casefold()[:_JUDGED_LENGTH]
    known = [word for word in (name.casefold(), *_OURS) if len(word) > 2]
    rest = plain
    for word in known:  # What is known of somebody adds nothing, however it is joined.
        rest = rest.replace(word, "")
    return min(int(zxcvbn(one, user_inputs=known)["score"]) if one else 0 for one in (plain, rest))


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return PasswordHasher().hash(password)
