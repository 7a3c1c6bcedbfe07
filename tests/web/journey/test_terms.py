"""Until when a node may act, by its own clock."""

from web.journey.terms import Term

SECONDS = 3.0


def begun() -> Term:
    return Term.begun(7, asked_at=100.0, seconds=SECONDS)


def test_a_term_ends_by_itself_counted_from_the_asking() -> None:
    assert begun().holds(102.9)
    assert not begun().holds(103.0)


def test_a_renewal_counts_from_its_own_asking() -> None:
    term = begun().renewed(asked_at=101.0, has_rivals=True)
    assert term.holds(103.9)
    assert not term.holds(104.0)


def test_a_node_that_asked_in_time_goes_on_while_the_base_is_silent() -> None:
    term = begun().unanswered(asked_at=101.0).unanswered(asked_at=103.0)
    assert term.holds(105.9)
    assert not term.holds(106.0)


def test_a_node_that_woke_too_late_waits_for_an_answer() -> None:
    term = begun().unanswered(asked_at=160.0)
    assert not term.holds(160.0)
    assert term.renewed(asked_at=161.0, has_rivals=True).holds(161.0)


def test_where_no_other_node_is_nobody_can_have_taken_over() -> None:
    alone = begun().renewed(asked_at=101.0, has_rivals=False)
    assert alone.unanswered(asked_at=160.0).holds(162.9)


def test_an_old_question_shortens_nothing() -> None:
    term = begun().renewed(asked_at=102.0, has_rivals=True)
    assert term.unanswered(asked_at=101.0).holds(104.9)
