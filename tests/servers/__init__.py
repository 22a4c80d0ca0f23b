"""Real servers on loopback for the tests, unprivileged and each in a folder of its own."""
