"""Mails by the hundred, each with the truth beside it.

What a mail says and what is true of it are made together: nothing here reads a mail.
`society` makes a registry, `writing` the ways in which one value is written, `hands` the
ways in which a form is filled in, `letters` whole mails, and `score` compares.
"""
