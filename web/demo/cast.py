"""Who is in the demo: made-up people with numbers from the ranges kept for fiction."""

from dataclasses import dataclass

from pbx_bridge.simulator import Phone
from storage.customers import CustomerKind
from storage.rules.lifecycles import Lifecycle
from storage.rules.permissions import RoleName

QUEUE, QUEUE_LABEL, QUEUE_NUMBER = "sales", "Sales", "4000"
NUMBER_NAME, NUMBER_SOURCE = "Order line", "Spring catalogue"  # of what callers of the queue dial
OTHER_QUEUE, OTHER_LABEL = "service", "Service"  # to log in to
WRAP_UP_SECONDS = 20
PAUSES = ("Lunch", "Short break", "Training", "Back office")
TEAM = "Front office"
OUTCOMES = ("Order taken", "Question answered", "Complaint", "Call back agreed", "Wrong number")
PHONES = (Phone("101", "Ann Wright"), Phone("102", "Ben Okafor"), Phone("103", "Cleo Marin"))
ACCOUNTS = (
    ("ann", "Ann Wright", RoleName.AGENT, "101"),
    ("ben", "Ben Okafor", RoleName.AGENT, "102"),
    ("cleo", "Cleo Marin", RoleName.AGENT, "103"),
    ("sue", "Sue Lindqvist", RoleName.SUPERVISOR, ""),
    ("adam", "Adam Rowe", RoleName.ADMINISTRATOR, ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer of the demo; `company` is the name of one they speak for."""

    name: str
    numbers: tuple[str, ...]  # as a person would write them in Britain
    kind: CustomerKind = CustomerKind.PERSON
    address_as: str | None = None
    lifecycle: Lifecycle | None = None
    company: str | None = None
    role: str = ""
    about: str = ""
    note: str = ""
    promise: str = ""
    email: str | None = None


def _company(name: str, number: str, about: str) -> Person:
    return Person(name=name, numbers=(number,), kind=CustomerKind.COMPANY, about=about)


CUSTOMERS = (
    _company("Harbour Lights Hotel", "020 7946 0100", "40 rooms; orders linen every spring."),
    _company("Bramble & Finch Ltd", "0161 496 0200", "Bakery with three shops."),
    _company("Norrland Möbler AB", "+46 8 465 004 10", "Furniture; invoices in kronor."),
    Person(
        name="Zoë O'Brien", numbers=("+44 7700 900101", "020 7946 0101"), address_as="Zoë",
        lifecycle=Lifecycle.LOYAL,
        company="Harbour Lights Hotel", role="Purchasing", email="zoe@harbourlights.example",
        about="Prefers to be called before ten.",
        note="Asked for samples of the heavier linen; likes the oat colour.",
        promise="Send the new price list",
    ),
    Person(
        name="Marcus Finch", numbers=("+44 7700 900102",), company="Bramble & Finch Ltd",
        lifecycle=Lifecycle.CUSTOMER,
        role="Owner", note="Two ovens are out of warranty since June.",
        promise="Offer a service contract for both ovens",
    ),
    Person(
        name="Иван Сергеевич Петров", numbers=("+7 916 123-45-67",), address_as="Иван Сергеевич",
        note="Ждёт ответа по доставке; удобнее звонить после обеда.",
    ),
    Person(
        name="Jürgen Müller", numbers=("+49 30 23125 111",), address_as="Herr Müller",
        lifecycle=Lifecycle.FORMER,
        note="Delivery went to the old address; the new one is noted.",
        promise="Refund the second delivery",
    ),
    Person(name="Amara Nwosu", numbers=("+44 7700 900104",), note="Happy with the last order."),
    Person(name="Chloé Lefèvre", numbers=("+33 1 99 00 12 34",), address_as="Madame Lefèvre"),
    Person(name="Tom Hargreaves", numbers=("0113 496 0105",), about="Hard of hearing: speak up."),
    Person(name="Linda Hargreaves", numbers=("0113 496 0105",)),
    Person(
        name="Priya Raman", numbers=("0161 496 0106",), note="Waiting for the spare lid, size M.",
        promise="Tell her when the lid is in stock",
    ),
    Person(
        name="Astrid Norén", numbers=("+46 70 174 06 05",), company="Norrland Möbler AB",
        role="Sales", note="Speaks Swedish and English.",
    ),
    Person(name="Daniel Cho", numbers=("020 7946 0107",), lifecycle=Lifecycle.LEAD),
)  # fmt: skip

STRANGERS = ("+442079460199", "+441614960198", "+447700900197", "")  # "" withholds the number


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A task of the demo, or with a number a callback; `due` in hours from now, `doer` a login."""

    title: str
    due: float | None
    customer: str = ""
    doer: str = ""  # empty: anyone of the team
    by: str = "ann"
    body: str = ""
    is_callback: bool = False


ERRANDS = (
    Errand(
        title="The price of the heavier linen", due=-1.5, customer="Zoë O'Brien", doer="ann",
        is_callback=True,
    ),
    Errand(title="", due=0.75, customer="Priya Raman", by="ben", is_callback=True),
    Errand(
        title="Whether the delivery came", due=26, customer="Jürgen Müller", doer="ann",
        is_callback=True,
    ),
    Errand(
        title="Send the service contract", due=3, customer="Marcus Finch", doer="ann", by="sue",
        body="Both ovens, two years; the draft is in the folder of the team.",
    ),
    Errand(title="Ask the warehouse for size M", due=None, customer="Priya Raman", by="cleo"),
    Errand(title="Tidy up the list of sample books", due=50, doer="ann"),
)  # fmt: skip
