"""mailbox_rules.yaml: what the secretariat may change without a programmer."""

from helpdesk.rules.load import Mistake, RulesError, load_rules
from helpdesk.rules.model import Desk, Duration, Rules

__all__ = ["Desk", "Duration", "Mistake", "Rules", "RulesError", "load_rules"]
