"""Floor 2: one use case a module, one transaction each."""
