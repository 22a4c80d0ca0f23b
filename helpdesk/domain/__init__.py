"""Floor 0: pure rules of mail, request, registry and case; no I/O, no clock."""
