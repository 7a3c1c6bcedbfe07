"""Where a softphone may connect to: nothing that could loosen the page's policy."""

import pytest

from storage.rules.softphones import NO_ADDRESS, NOT_SAFE, host_of, trouble_with


@pytest.mark.parametrize(
    "address",
    [
        "wss://pbx.example.com:8089/ws",
        "wss://10.0.0.5/ws",
        "wss://[2001:db8::5]:8089/ws",
        "ws://127.0.0.1:8088/ws",
        "ws://localhost:8088/ws",
    ],
)
def test_an_address_that_a_browser_can_use_is_taken(address: str) -> None:
    assert trouble_with(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://pbx.example.com/ws",
        "wss://pbx.example.com/ws; script-src *",
        "wss://pbx.example.com/ws *",
        "wss://pbx.example.com/ws\n",
        "wss://*",
        "wss://user:pw@pbx.example.com/ws",
        "wss://pbx.example.com:99999/ws",
        "wss://pbx.example.com/ws?x=1",
        "wss:///ws",
        "wss://[::::::::::/ws",
        "",
    ],
)
def test_what_is_no_address_of_a_socket_is_refused(address: str) -> None:
    assert trouble_with(address) == NO_ADDRESS


def test_an_address_without_encryption_is_refused_but_on_this_machine() -> None:
    assert trouble_with("ws://pbx.example.com:8088/ws") == NOT_SAFE


def test_the_host_is_written_as_in_a_sip_address() -> None:
    assert host_of("wss://pbx.example.com:8089/ws") == "pbx.example.com"
    assert host_of("wss://[2001:db8::5]:8089/ws") == "[2001:db8::5]"
