"""Cards are put away for later, or for good."""

from uuid import uuid4

from storage.calls import OfferRecord


async def test_a_card_put_away_for_later_stays_to_be_wrapped_up(desk, pops) -> None:
    call = await desk.call()
    offer = next(offer for offer in call.offers if offer.extension == "101")
    response = await desk.send(f"/desk/pops/{offer.id}/dismissals")
    assert response.status == 200
    assert pops.told == [("dismissed", (desk.ann.user.id, offer.id))]
    assert f"/desk/calls/{call.id}/wrap-up" in await desk.ann.get("/desk")


async def test_a_call_with_nothing_to_note_is_not_asked_for_again(desk, pops) -> None:
    call = await desk.call()
    response = await desk.ann.post(f"/desk/calls/{call.id}/dismissals")
    assert response.status == 303
    assert "Not wrapped up" not in await desk.ann.get("/desk")
    [(what, (user, offer))] = pops.told
    assert (what, user) == ("dismissed", desk.ann.user.id)
    away = {row.extension for row in await desk.rows(OfferRecord) if row.dismissed_at}
    assert away == {"101"}
    assert offer in {each.id for each in call.offers}


async def test_nobody_puts_away_a_colleagues_call(desk, pops) -> None:
    call = await desk.call(by="102", tell=lambda teller: type(teller)(
        teller.pbx, teller.start, tag=teller.tag, rings=1
    ).ended("101"))  # fmt: skip
    response = await desk.send(f"/desk/calls/{call.id}/dismissals", by=desk.bob)
    assert response.status == 409  # whether there is such a call is nobody else's business
    assert not any(row.dismissed_at for row in await desk.rows(OfferRecord))
    assert pops.told == []


async def test_a_call_that_is_not_there_is_told_on_the_desk(desk) -> None:
    response = await desk.ann.post(f"/desk/calls/{uuid4()}/dismissals")
    assert (response.status, response.headers["Location"]) == (303, "/desk")
    assert "not stored yet" in await desk.ann.get("/desk")


async def test_an_address_that_is_no_id_is_not_there(desk) -> None:
    assert (await desk.ann.post("/desk/pops/latest/dismissals")).status == 404
    assert (await desk.ann.client.get("/desk/calls/latest/wrap-up")).status == 404
