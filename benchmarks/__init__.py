"""How fast it is, measured beside something else on the same machine; see README.md."""
