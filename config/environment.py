"""The environment, read strictly: what can't be read is refused by its name. Its value may be a secret."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

ON_OR_OFF = {*environ.Env.BOOLEAN_TRUE_STRINGS, "1", "0", "false", "off", "no", "n"}


class Environment(environ.Env):  # type: ignore[misc]  # untyped
    """As django-environ reads it, but `HTTPS=enabled` is a mistake there, and means *off*."""

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """Raises ImproperlyConfigured, naming the setting."""
        if cast is bool and self.ENVIRON.get(var, "on").strip().lower() not in ON_OR_OFF:
            raise ImproperlyConfigured(f"{var} must be on or off (docs/settings.md)")
        try:
            return super().get_value(var, cast, default, parse_default)
        except ValueError:  # JSON's errors are ValueErrors, too
            raise ImproperlyConfigured(f"{var} can't be read: docs/settings.md says what it is") from None
