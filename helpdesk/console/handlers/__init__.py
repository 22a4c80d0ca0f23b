"""The pages: each reads what was asked, calls one desk function, and names a template."""
