"""Secrets that we must be able to read again (the PBX's), encrypted with the installation's key."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage.errors import Refused


class SecretBox:
    """Encrypts and decrypts with Fernet; the first key encrypts, every key decrypts (rotation)."""

    def __init__(self, keys: list[str]) -> None:
        self._box = MultiFernet([Fernet(key) for key in keys])

    def close(self, secret: str) -> str:
        """Return `secret` encrypted."""
        return self._box.encrypt(secret.encode()).decode()

    def open(self, token: str) -> str:
        """Return what `close` was given; raises Refused when no key of ours fits."""
        try:
            return self._box.decrypt(token.encode()).decode()
        except InvalidToken:
            raise Refused(
                "a stored secret was encrypted with another key; enter the secret again"
            ) from None


def new_key() -> str:
    """Return a fresh key for the settings file."""
    return Fernet.generate_key().decode()
