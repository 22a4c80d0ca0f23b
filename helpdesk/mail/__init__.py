"""Floor 1: the doors to IMAP, SMTP and the letter templates."""
