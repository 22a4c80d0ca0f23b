"""`helpdesk demo`: the whole thing on an embedded mail server, with a made-up society."""
