"""Floor 3: the web pages of the secretariat."""
