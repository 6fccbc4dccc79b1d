"""Letting a system go on, rehearsing and pausing it, telling it again: asked first, with what it means."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django_q.tasks import async_task

from destinations.blast import Difference
from destinations.health import Health, health
from destinations.models import Approval, Destination
from destinations.services import do_or_ask, reach, set_state, try_now
from destinations.services.reconciling import begin
from destinations.terms import Act, DestinationState
from preferences.admin.base import Confirm

SECOND = (
    "That is more than one person may do alone: a colleague is asked to agree, and it happens once they do."
)
ASKED = "A second person must agree: it stands under “What is stuck” until they do."


def before_saving() -> str:
    """Said on the form of a system that is live."""
    return (
        "Another address, list or group here, or ticking “is told confidential addresses”, may change what "
        f"it is told about many people. Where that is more than {settings.HEED_BLAST_RADIUS:.0%} of them, it "
        "is rehearsed until a colleague agrees, and nothing leaves meanwhile."
    )


def held_back(system: Destination) -> str:
    """Said once such a form is saved."""
    asked = Approval.objects.get(destination=system, act=Act.GO_LIVE, settled_at__isnull=True)
    reached = Difference(asked.people, asked.differ, exact=asked.exact).in_words
    return (
        f"Saved. It now tells {system} something else about {reached}. So {system} is rehearsed, and nothing "
        f"leaves, until a colleague agrees that it goes live. Opt-outs wait meanwhile. {ASKED}"
    )


def still_advertising(system: Destination) -> str:
    """Said once another purpose was saved of a system that counts as advertising."""
    return (
        f"Saved, but for its purpose: {system} goes on counting as advertising, where a privacy signal and "
        f"health information block events. {ASKED}"
    )


def changes(count: int) -> str:
    """`1 change`, `2,000 changes`."""
    return f"{count:,} change{'s'[: count != 1]}"


class SystemAct(Confirm):
    """Something that is done to one system as a whole."""

    def __init__(self, system: Destination) -> None:
        self.system = system
        back = reverse("admin:destinations_destination_change", args=[system.pk])
        self.stands = health([system.pk]).get(system.pk, Health())
        super().__init__(title="", words=[], button="", back=back)
        self.name_it()

    def name_it(self) -> None:
        """Title, words and button."""
        raise NotImplementedError


class Pause(SystemAct):
    """Nothing more is sent; what comes waits."""

    def name_it(self) -> None:
        self.title, self.button, self.danger = f"Pause {self.system}?", f"Pause {self.system}", True
        count = self.stands.untold
        now = f"{changes(count).capitalize()} already wait{'s'[: count == 1]}, and more will."
        self.words = [
            f"{self.system} is told nothing more until somebody lets it go on.",
            f"{now} Nothing is lost.",
            "Opt-outs wait too, and their deadlines run on: people who said no may still be contacted.",
        ]

    def act(self, request: HttpRequest) -> str:
        set_state(destination=self.system, state=DestinationState.PAUSED)
        return f"{self.system} is paused."


class Rehearse(SystemAct):
    """Worked out and written down; nothing is sent."""

    def name_it(self) -> None:
        self.title, self.button = f"Rehearse {self.system}?", f"Rehearse {self.system}"
        self.words = [
            f"Heed works out what {self.system} would be told, and writes it down. Nothing leaves.",
            "You see it under “Attempts” and on people’s pages. Going live then sends it.",
            "Opt-outs wait meanwhile, and their deadlines run on.",
        ]

    def act(self, request: HttpRequest) -> str:
        set_state(destination=self.system, state=DestinationState.SHADOW)
        return f"{self.system} is rehearsed: nothing leaves."


class Reaching(SystemAct):
    """What may reach many, and then takes a second person."""

    kind: Act
    found: Difference

    def name_it(self) -> None:
        self.found = reach(destination=self.system, act=self.kind)

    def second(self) -> list[str]:
        """Said where one person is not enough."""
        if not self.found.needs_second_person:
            return []
        self.button = "Ask a colleague to agree"
        return [f"It changes something for {self.found.in_words}. {SECOND}"]

    def act(self, request: HttpRequest) -> str:
        acted = do_or_ask(destination=self.system, act=self.kind, by=request.user.get_username())
        return ASKED if acted.approval else self.done()

    def done(self) -> str:
        raise NotImplementedError


class GoLive(Reaching):
    """What has waited is sent."""

    kind = Act.GO_LIVE

    def name_it(self) -> None:
        super().name_it()
        self.title, self.button = f"Let {self.system} go live?", f"Go live with {self.system}"
        waits = self.stands.untold
        sent = (
            f"{changes(waits).capitalize()} wait{'s'[: waits == 1]} and will be sent at once, opt-outs first."
        )
        told = sent if waits else "Nothing waits: it is told from the next change on."
        self.words = [
            told,
            "Nobody is subscribed anew, and what nobody was asked about is left alone.",
            *self.second(),
        ]

    def done(self) -> str:
        return f"{self.system} is live."


class LetShrink(Reaching):
    """A list that has lost many lines leaves after all."""

    kind = Act.SHRINK

    def name_it(self) -> None:
        super().name_it()
        self.title, self.button = f"Let the list at {self.system} shrink?", "Ask a colleague to agree"
        self.danger = True
        self.words = [
            f"Of {self.found.people:,} people who stood on it, {self.found.differ:,} are missing now. They "
            "stay on it, and whoever is new goes out with them.",
            "Whoever is no longer on it may be contacted again. Find out first why they are missing.",
            SECOND,
        ]


class Compare(SystemAct):
    """Looks at what the system holds; writes nothing there and nothing here."""

    def name_it(self) -> None:
        self.title, self.button = f"Compare {self.system} with Heed?", "Compare"
        self.words = [
            f"Heed reads what {self.system} holds about everyone, and shows who is out on one side only.",
            "Nothing is written, there or here. It takes a while; what is found stands under “Comparisons”.",
        ]

    def act(self, request: HttpRequest) -> str:
        begin(destination=self.system, by=request.user.get_username())
        async_task("destinations.tasks.compare")
        return f"{self.system} is being compared: see “Comparisons”."


class TellAgain(Reaching):
    """Everyone once more, though it was confirmed."""

    kind = Act.AGAIN

    def name_it(self) -> None:
        super().name_it()
        self.title = f"Tell {self.system} about everyone again?"
        self.button = f"Tell {self.system} again"
        self.words = [
            f"{self.system} is told again what it must hold, also where it has confirmed that already: "
            f"{self.found.in_words}. Opt-outs go first.",
            "This is for a system that has lost what it held. Nothing that anybody chose is changed.",
            *self.second(),
        ]

    def done(self) -> str:
        return f"{self.system} is told again about everyone."


class TryNow(SystemAct):
    """Not to wait for the next try."""

    def name_it(self) -> None:
        self.title, self.button = f"Try {self.system} now?", f"Try {self.system} now"
        self.words = ["One person is tried at once. If it answers, everyone else follows."]

    def act(self, request: HttpRequest) -> str:
        try_now(destination=self.system)
        return f"{self.system} is tried now."
