"""A link that cannot be: the cause is named within seconds, and no login is hammered."""

import asyncio
import random

import pytest

from pbx_bridge.ami import Clock, Link, Retries, Trouble
from pbx_bridge.ami.troubles import of_error, of_refusal
from pbx_bridge.config import AmiConfig

CONFIG = AmiConfig(username="crm", secret="x")
IN_USE = "Message: Login Already In Use"


class QuickClock(Clock):
    """Sleeping costs nothing and is written down."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def quick_clock() -> QuickClock:
    return QuickClock()


async def state_of(pbx, config, eventually):
    async with Link(config) as link:
        await eventually(lambda: link.state.status != "connecting")
        return link.state


async def test_a_wrong_secret_is_told(pbx, config_of, eventually):
    state = await state_of(pbx, config_of(pbx, secret="wrong"), eventually)
    assert (state.status, state.cause) == ("refused", "login_refused")
    for reason in ("no such user", "wrong secret", "permit and deny"):
        assert reason in state.why
    assert "wrong" not in state.why.replace("wrong secret", "")


async def test_a_second_login_that_is_not_allowed_is_told(pbx, config_of, eventually):
    pbx.behaviours["Challenge"] = lambda peer, a: peer.answer(a, "Response: Error", IN_USE)
    state = await state_of(pbx, config_of(pbx), eventually)
    assert (state.status, state.cause) == ("refused", "in_use")
    assert "allowmultiplelogin=no" in state.why


async def test_a_full_pbx_that_closes_at_once_is_told(pbx, config_of, eventually):
    pbx.greeting = b""
    pbx.on_bytes = None
    async with Link(config_of(pbx)) as link:
        await eventually(lambda: pbx.peers)
        pbx.peers[0].writer.close()
        await eventually(lambda: link.state.status == "down")
    assert link.counts.troubles["greeting_cut"] >= 1


async def test_a_login_that_is_cut_is_told_and_is_no_refusal(pbx, config_of, eventually):
    pbx.behaviours["Login"] = lambda peer, _: peer.cut()
    state = await state_of(pbx, config_of(pbx), eventually)
    assert (state.status, state.cause) == ("down", "login_cut")


@pytest.mark.parametrize(
    ("prepare", "cause"),
    [
        pytest.param(lambda pbx: setattr(pbx, "greeting", b""), "slow_greeting", id="says nothing"),
        pytest.param(lambda pbx: setattr(pbx, "silent", True), "slow_login", id="no answer"),
    ],
)
async def test_a_pbx_that_says_nothing_is_told_in_time(pbx, config_of, eventually, prepare, cause):
    prepare(pbx)
    async with Link(config_of(pbx, open_timeout=0.1)) as link:
        # a busy machine may be slow to connect as well; the next try is not
        await eventually(lambda: (link.state.status, link.state.cause) == ("down", cause))
    assert link.counts.troubles[cause] >= 1


async def test_a_port_where_nothing_listens_is_told(pbx, config_of, eventually, unused_tcp_port):
    state = await state_of(pbx, config_of(pbx, port=unused_tcp_port), eventually)
    assert (state.status, state.cause) == ("down", "connection_refused")


async def test_a_connect_without_an_answer_is_told(pbx, config_of, eventually, monkeypatch):
    async def never(*_, **__):
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    state = await state_of(pbx, config_of(pbx, open_timeout=0.05), eventually)
    assert (state.status, state.cause) == ("down", "slow_connect")
    assert "firewall" in state.why


async def test_a_secret_that_no_line_can_carry_is_told(pbx, config_of, eventually):
    state = await state_of(pbx, config_of(pbx, secret="a\nb", login="plain"), eventually)
    assert state.cause == "unfit_login"
    assert not pbx.named("Login")


@pytest.mark.bar(14)
async def test_a_wrong_secret_is_tried_four_times_in_ten_minutes(
    pbx, config_of, quick_clock, eventually, proof
):
    tried = []
    refuse = pbx.behaviours["Login"]

    def note(peer, action):
        tried.append(quick_clock.now)
        refuse(peer, action)

    pbx.behaviours["Login"] = note
    config = config_of(pbx, secret="wrong", retry_first=1.0, retry_cap=60.0)
    async with Link(config, clock=quick_clock) as link:
        await eventually(lambda: len(tried) >= 25)
        assert link.state.status == "refused"
    assert all(later - tried[0] > 0 for later in tried[1:])
    most = max(len([t for t in tried if at <= t < at + 600]) for at in tried)
    assert tried[4] - tried[0] < 700  # and it does go on
    proof.measured("logins tried in 10 minutes", most, at_most=4)
    proof.tried(1, of="refusals")


async def test_a_corrected_pbx_is_found_again_after_a_refusal(
    pbx, config_of, quick_clock, eventually
):
    pbx.secret, right = "other", pbx.secret
    async with Link(config_of(pbx, retry_cap=60.0), clock=quick_clock) as link:
        await eventually(lambda: link.state.status == "refused")
        pbx.secret = right
        await eventually(lambda: link.state.status == "connected")
        assert link.state.why is None


def test_pauses_double_up_to_a_cap_with_jitter():
    retries = Retries(CONFIG, random.Random(1).random)
    pauses = [retries.pause(refused=False) for _ in range(12)]
    for pause, step in zip(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60], strict=True):
        assert step / 2 <= pause <= step
    assert len({round(pause, 6) for pause in pauses[6:]}) == 6
    assert min(pauses[6:]) >= 30
    retries.succeeded()
    assert retries.pause(refused=False) <= 1


def test_refusals_count_even_when_a_login_succeeds_between_them():
    retries = Retries(CONFIG, lambda: 0.0)
    for now in (0.0, 10.0, 20.0, 30.0):
        assert retries.barred(now) == 0
        retries.refused(now)
        retries.succeeded()
    assert retries.barred(30.0) == 570.0
    assert retries.barred(600.0) == 0


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        pytest.param(PermissionError(13, "Permission denied"), "unreachable", id="os error"),
        pytest.param(ConnectionRefusedError(), "connection_refused", id="refused"),
        pytest.param(UnicodeError("label too long"), "no_such_name", id="odd name"),
        pytest.param(TypeError("secret"), "unexpected", id="unexpected"),
    ],
)
def test_every_error_becomes_a_sentence_without_its_details(error, cause):
    trouble = of_error(error, host="pbx", port=5038)
    assert trouble.name == cause
    assert trouble.why.endswith((".", "?"))
    assert "secret" not in trouble.why


def test_an_unknown_refusal_repeats_what_asterisk_says():
    trouble = of_refusal("Too many cooks", username="crm")
    assert isinstance(trouble, Trouble)
    assert trouble.refused
    assert "Too many cooks" in trouble.why
