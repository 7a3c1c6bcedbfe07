"""What the list of calls is asked for, read from the address of the page."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from pbx_bridge.call import CallResult, Direction
from pbx_bridge.matching import Level
from storage.calls import MISSED, About, CallFilters, Course, Place, Reviewed, Transferred
from web.i18n import _

ONE_DAY = timedelta(days=1)
MORE = frozenset(
    {
        *("recording", "tag", "review", "comment", "talk_from", "talk_to", "wait_from", "wait_to"),
        *("transferred", "held", "match", "pbx", "dialled", "note"),
    }
)
Period = Literal["today", "yesterday", "7", "30", "custom", "all"]
Optional = BeforeValidator(lambda value: value or None)
CLOCK = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,4}):)?(\d{1,5})", re.ASCII)


def seconds_of(text: object) -> int | None:
    """Return the seconds of 1:30 or 90, None for nothing; raises ValueError."""
    if text is None or text == "":
        return None
    found = CLOCK.fullmatch(str(text).strip())
    if found is None:
        raise ValueError("no length of time")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


Length = Annotated[int | None, BeforeValidator(seconds_of)]


class Question(BaseModel):
    """The filters of the list as a person chose them; every field may be left out."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", frozen=True)

    period: Period = "7"
    since: Annotated[date | None, Optional] = None
    until: Annotated[date | None, Optional] = None  # the last day, itself included
    agent: Annotated[UUID | None, Optional] = None
    queue: Annotated[str, StringConstraints(max_length=80)] = ""
    customer: Annotated[UUID | None, Optional] = None
    outcome: Annotated[UUID | None, Optional] = None
    direction: Annotated[Direction | None, Optional] = None
    result: Annotated[CallResult | Literal["missed"] | None, Optional] = None
    recording: Annotated[Literal["yes", "no"] | None, Optional] = None
    tag: Annotated[UUID | None, Optional] = None
    comment: Annotated[str, StringConstraints(max_length=120)] = ""
    review: Annotated[Reviewed | None, Optional] = None
    talk_from: Length = None
    talk_to: Length = None
    wait_from: Length = None
    wait_to: Length = None
    transferred: Annotated[Transferred | None, Optional] = None
    held: Annotated[Literal["yes", "no"] | None, Optional] = None
    match: Annotated[Level | None, Optional] = None
    pbx: Annotated[UUID | None, Optional] = None
    dialled: Annotated[str, StringConstraints(max_length=80)] = ""
    note: Annotated[str, StringConstraints(max_length=120)] = ""
    q: Annotated[str, StringConstraints(max_length=120)] = ""
    after: str = ""
    before: str = ""

    def about(self, *, heard: frozenset[UUID] | None, rated: frozenset[UUID] | None) -> About:
        """Return what of it is about recordings and reviews, with whose the asker may know."""
        return About(
            has_recording=None if self.recording is None else self.recording == "yes",
            tag_id=self.tag,
            comment=self.comment,
            heard=heard,
            reviewed=self.review,
            rated=rated,
        )

    def filters(self, *, now: datetime, zone: ZoneInfo, about: About | None = None) -> CallFilters:
        """Return the same for storage; days are those of the company's zone."""
        first, last = self._days(now.astimezone(zone).date())
        return CallFilters(
            since=_midnight(first, zone) if first else None,
            until=_midnight(last + ONE_DAY, zone) if last else None,
            user_ids=frozenset({self.agent}) if self.agent else None,
            queue=self.queue or None,
            customer_id=self.customer,
            outcome_id=self.outcome,
            direction=self.direction,
            results=self._results(),
            number=self.q,
            about=about or About(),
            course=Course(
                talk_from=self.talk_from, talk_to=self.talk_to, wait_from=self.wait_from,
                wait_to=self.wait_to, transferred=self.transferred,
                held=None if self.held is None else self.held == "yes", dialled=self.dialled,
                note=self.note, pbx_id=self.pbx, match=self.match,
            ),
        )  # fmt: skip

    def _results(self) -> frozenset[CallResult] | None:
        if self.result is None:
            return None
        return MISSED if self.result == "missed" else frozenset({CallResult(self.result)})

    def _days(self, today: date) -> tuple[date | None, date | None]:
        match self.period:
            case "today":
                return today, today
            case "yesterday":
                return today - ONE_DAY, today - ONE_DAY
            case "7" | "30":
                return today - timedelta(days=int(self.period) - 1), None
            case "custom":
                return self.since, self.until
            case "all":
                return None, None

    def problems(self) -> dict[str, str]:
        """Return what does not fit together, by field."""
        if self.period == "custom" and self.since and self.until and self.until < self.since:
            return {"until": _("The last day is before the first.")}
        for least, most in (("talk_from", "talk_to"), ("wait_from", "wait_to")):
            shortest, longest = getattr(self, least), getattr(self, most)
            if shortest is not None and longest is not None and longest < shortest:
                return {most: _("The longest time is shorter than the shortest.")}
        return {}

    @property
    def asks_for_more(self) -> bool:
        """Whether it asks for what stands behind "More" on the page."""
        return bool(MORE & self.chosen().keys())

    def chosen(self) -> dict[str, str]:
        """Return what differs from a fresh list, as it stands in the address; no place in it."""
        values = self.model_dump(mode="json", exclude_defaults=True, exclude={"after", "before"})
        return {name: str(value) for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was asked: checked, or with a sentence for what cannot be understood."""

    question: Question
    errors: dict[str, str]


def read(query: dict[str, str]) -> Asked:
    """Check what an address asks for; what cannot be understood is left out and named."""
    try:
        question = Question.model_validate(query)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors(include_url=False)}
        rest = {name: value for name, value in query.items() if name not in wrong}
        sentence = _("This cannot be understood; it was left out.")
        return Asked(Question.model_validate(rest), dict.fromkeys(sorted(wrong), sentence))
    return Asked(question, question.problems())


def place_of(text: str) -> Place | None:
    """Read a place in the list from an address; None for what is none."""
    at, _underscore, key = text.partition("_")
    try:
        return Place(datetime.fromisoformat(at).astimezone(UTC), UUID(key))
    except ValueError:
        return None


def written(place: Place | None) -> str:
    """Write a place so that it can stand in an address."""
    if place is None:
        return ""
    return f"{place.started_at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z_{place.id}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def key_of(text: str) -> UUID | None:
    """Return the id that stands in an address; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
