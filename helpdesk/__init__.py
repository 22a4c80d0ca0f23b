"""helpdesk: reads a society's mailbox, checks who asks, queues decisions, writes letters."""
