"""Marks texts for the catalogue."""


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a text for the catalogue; it is looked up where it is shown."""
    return text
