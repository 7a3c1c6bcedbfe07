"""How to reach Asterisk: wrong settings are named, the secret is not."""

import pytest
from pydantic import ValidationError

from pbx_bridge.config import AmiConfig


def test_the_secret_is_in_no_text_of_a_config():
    config = AmiConfig(username="crm", secret="c4n4ry")
    assert "c4n4ry" not in f"{config} {config!r} {config.model_dump_json()}"
    assert config.secret.get_secret_value() == "c4n4ry"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("host", ""),
        ("port", 0),
        ("port", "many"),
        ("username", ""),
        ("login", "kerberos"),
        ("encoding", "utf-16"),
        ("encoding", "rot13"),
        ("encoding", "klingon"),
        ("timezone", "Mars/Base"),
        ("timezone", "../etc/passwd"),
        ("ping_interval", 0),
        ("sekret", "x"),
    ],
)
def test_a_wrong_setting_is_named_and_the_secret_is_not(setting, value):
    with pytest.raises(ValidationError) as caught:
        AmiConfig(**{"username": "crm", "secret": "c4n4ry", setting: value})
    assert setting in str(caught.value)
    assert "c4n4ry" not in str(caught.value)


def test_a_mute_peer_is_noticed_within_ten_seconds_by_default():
    config = AmiConfig(username="crm", secret="x")
    assert config.ping_interval + 2 * config.ping_timeout <= 10
    assert config.open_timeout <= 5
    assert config.retry_cap >= 30


def test_text_from_a_file_becomes_truth_values_and_numbers():
    config = AmiConfig(username="crm", secret="x", tls="false", port="5039", tls_verify="no")
    assert (config.tls, config.port, config.tls_verify) == (False, 5039, False)


def test_a_cap_below_the_first_pause_is_refused():
    with pytest.raises(ValidationError, match="retry_cap"):
        AmiConfig(username="crm", secret="x", retry_first=5, retry_cap=1)


def test_a_missing_setting_is_named_and_the_secret_beside_it_is_not():
    with pytest.raises(ValidationError) as caught:
        AmiConfig(secret="c4n4ry")
    assert "username" in str(caught.value)
    assert "c4n4ry" not in str(caught.value)
