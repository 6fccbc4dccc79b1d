"""A mapper turns what holds for people into the fields one system expects: rows of target, source, steps."""

from destinations.mapping.evaluating import Mapper, Row, compiled
from destinations.mapping.view import View

__all__ = ["Mapper", "Row", "View", "compiled"]
