"""The stages of a customer, as files of other programs spell them."""

import pytest

from storage.rules import lifecycles
from storage.rules.lifecycles import Lifecycle


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Lead", Lifecycle.LEAD),
        ("  STAMMKUNDE ", Lifecycle.LOYAL),
        ("Потенциальный клиент", Lifecycle.PROSPECT),
        ("Kunde", Lifecycle.CUSTOMER),
        ("churned", Lifecycle.FORMER),
        ("", None),
        ("VIP-Gold", None),
    ],
)
def test_a_cell_names_a_stage_or_none(text: str, stage: Lifecycle | None) -> None:
    assert lifecycles.read(text) is stage


@pytest.mark.parametrize("stage", Lifecycle)
def test_a_stage_reads_its_own_word(stage: Lifecycle) -> None:
    assert lifecycles.read(stage.value) is stage
