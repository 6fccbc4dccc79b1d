"""What a service refuses, in words that say what to do."""


class Refused(Exception):
    """The request cannot be carried out; nothing was written. The message is for the person who asked."""

    code = "refused"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class UnknownCategory(Refused):
    code = "unknown_category"


class UnknownChannel(Refused):
    code = "unknown_channel"


class Malformed(Refused):
    code = "malformed"


class NobodyNamed(Refused):
    code = "nobody_named"


class Forbidden(Refused):
    code = "forbidden"


class NotFound(Refused):
    code = "not_found"


class InFlight(Refused):
    code = "in_flight"


class OtherBody(Refused):
    code = "other_body"
