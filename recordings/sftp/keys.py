"""Keys of SSH as lines of text: ours are made here, a host's is known by its fingerprint."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


def fresh() -> tuple[str, str]:
    """Return a new private key and its public line, as OpenSSH writes them."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return private.decode(), f"{public.decode()} ringbook"


def fingerprint(public: str) -> str:
    """Return a public line's fingerprint as ssh-keygen prints it; raises ValueError."""
    try:
        _, blob, *_ = public.split()
        digest = hashlib.sha256(base64.b64decode(blob, validate=True)).digest()
    except ValueError:
        raise ValueError("no public key") from None
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
