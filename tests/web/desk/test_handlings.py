"""What a page may ask of a call that goes on is checked before the PBX hears of it."""

from uuid import uuid4

import pytest

from storage.errors import Refused

JSON = {"Accept": "application/json"}


async def send(browser, deed: str, **fields: str):
    response = await browser.post(f"/desk/calls/{uuid4()}/{deed}", fields, headers=JSON)
    return response.status, await response.json()


@pytest.mark.parametrize("digits", ["", "1 2", "12a", "x" * 30, "1\r\nAction: Logoff"])
async def test_only_keys_of_a_phone_are_pressed(sign_in, controls, digits: str) -> None:
    status, said = await send(await sign_in("agent"), "keys", digits=digits)
    assert status == 422
    assert "Keys are" in said["errors"]["digits"]
    assert controls.handling.asked == []


async def test_keys_are_written_into_no_log(sign_in, controls, capsys) -> None:
    status, _ = await send(await sign_in("agent"), "keys", digits="4929123")
    assert status == 200
    [(deed, (_user, _call, digits), _named)] = controls.handling.asked
    assert (deed, digits) == ("press", "4929123")
    written = capsys.readouterr()
    assert "4929123" not in written.out + written.err


async def test_what_the_pbx_refuses_is_said(sign_in, controls) -> None:
    controls.handling.refuses = Refused("This call is over.")
    for deed in ("hang-ups", "parkings", "returns"):
        assert await send(await sign_in("agent", deed), deed) == (
            422,
            {"errors": {"": "This call is over."}},
        )


async def test_a_transfer_needs_a_target(sign_in, controls) -> None:
    ann = await sign_in("agent")
    assert (await send(ann, "transfers", kind="phone", target=""))[0] == 422
    assert (await send(ann, "transfers", kind="moon", target="101"))[0] == 422
    status, said = await send(ann, "transfers", kind="phone", target="101")
    assert status == 422
    assert "No phone is assigned" in said["errors"][""]
    assert controls.handling.asked == []
