"""TLS to the PBX: verified against a CA of one's own, or refused with the reason."""

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pbx_bridge.ami import Link, probe


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pbx")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "pbx.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
async def tls_pbx(pbx, certificate, eventually):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0, ssl=context)
    pbx.port = server.sockets[0].getsockname()[1]
    yield pbx
    server.close()
    pbx.cut()
    await eventually(lambda: not pbx.peers)


async def test_a_known_certificate_lets_us_in(tls_pbx, linked, certificate):
    async with linked(tls_pbx, tls=True, tls_ca=certificate) as link:
        assert (await link.ask({"Action": "Ping"})).success


async def test_an_unknown_certificate_is_refused_before_any_secret_is_sent(tls_pbx, config_of):
    result = await probe(config_of(tls_pbx, tls=True))
    assert (result.ok, result.trouble.name) == (False, "tls_untrusted")
    assert "self-signed" in result.why or "self signed" in result.why
    assert not tls_pbx.actions


async def test_a_certificate_for_another_name_is_refused(tls_pbx, config_of, certificate):
    config = config_of(tls_pbx, host="localhost", tls=True, tls_ca=certificate)
    assert (await probe(config)).trouble.name == "tls_untrusted"


async def test_verification_can_be_turned_off_on_purpose(tls_pbx, config_of):
    assert (await probe(config_of(tls_pbx, tls=True, tls_verify=False))).ok


async def test_a_port_without_tls_is_told(pbx, config_of):
    result = await probe(config_of(pbx, tls=True))
    assert result.trouble.name == "tls"


async def test_a_missing_ca_file_is_named_and_tried_again(pbx, config_of, tmp_path, eventually):
    missing = tmp_path / "ca.pem"
    async with Link(config_of(pbx, tls=True, tls_ca=missing)) as link:
        await eventually(lambda: link.counts.troubles["tls_ca"] >= 2)
        assert "ca.pem" in link.state.why


async def test_a_tls_link_that_is_cut_comes_back(tls_pbx, linked, certificate, eventually):
    async with linked(tls_pbx, tls=True, tls_ca=certificate) as link:
        tls_pbx.cut()
        await eventually(lambda: tls_pbx.connections == 2 and link.state.status == "connected")
        assert link.state.why is None
