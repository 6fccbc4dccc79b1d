"""Staff's pages for the systems that are told, every time one was, and by when they must know."""

from destinations.admin import alarms, attempts, background, deadline_rules, systems

__all__ = ["alarms", "attempts", "background", "deadline_rules", "systems"]
