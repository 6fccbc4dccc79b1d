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


class Forgotten(NotFound):
    """Somebody who was forgotten (R19)."""

    code = "forgotten"

    def __init__(self) -> None:
        super().__init__("this person was forgotten: nothing is recorded about them or sent to them any more")


class InFlight(Refused):
    code = "in_flight"


class OtherBody(Refused):
    code = "other_body"
