"""Where a customer stands with us: the stages, and how files of other programs spell them."""

from enum import StrEnum

from storage.rules import names


class Lifecycle(StrEnum):
    """A stage of the relation; none is stored where nobody has said."""

    LEAD = "lead"  # showed interest
    PROSPECT = "prospect"  # is talked to about something to buy
    CUSTOMER = "customer"  # has bought
    LOYAL = "loyal"  # buys again and again
    FORMER = "former"  # has left


_WORDS = {
    Lifecycle.LEAD: "lead, new, interested, interessent, лид, новый, contact, piste",
    Lifecycle.PROSPECT: (
        "prospect, potential, opportunity, potenzieller kunde, потенциальный, "
        "потенциальный клиент, client potentiel"
    ),
    Lifecycle.CUSTOMER: "customer, client, buyer, active, kunde, клиент, покупатель, cliente",
    Lifecycle.LOYAL: (
        "loyal, regular, repeat, vip, promoter, stammkunde, лояльный, постоянный, "
        "постоянный клиент, fidele"
    ),
    Lifecycle.FORMER: (
        "former, lost, churned, inactive, ex, ehemalig, ehemaliger kunde, verloren, "
        "бывший, бывший клиент, потерян, ancien"
    ),
}
_BY_WORD = {names.fold(word): stage for stage, words in _WORDS.items() for word in words.split(",")}


def read(text: str) -> Lifecycle | None:
    """Return the stage that a cell of a file names, None where it names none."""
    return _BY_WORD.get(names.fold(text))
