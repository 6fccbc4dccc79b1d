"""Staff's pages for the systems that are told, and for every time one was."""

from destinations.admin import attempts, background, systems

__all__ = ["attempts", "background", "systems"]
