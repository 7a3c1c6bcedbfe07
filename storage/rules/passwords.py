"""Which passwords we accept: long ones that are not the first a stranger would try; pure."""

import unicodedata

SHORTEST = 12  # characters
LONGEST = 200  # argon2 reads them all; a megabyte of password is an attack
KEYBOARD_ROWS = ("1234567890", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")
LEAKED = (  # what lists of leaked passwords begin with, digits and signs at the end cut
    "administrator adminadmin asterisk callcenter callcentre changeme computer correcthorse "
    "correcthorsebatterystaple default dragon football freepbx guest iloveyou iloveyouiloveyou "
    "letmein letmeinletmein login master monkey passphrase passwd password passwordpassword "
    "princess qazwsxedc qwerty qwertyuiop ringbook ringbookringbook secret sunshine superman "
    "supervisor telephone temporary test testtest testtesttest trustno welcome "
    "welcomewelcome whatever zaq1xsw2cde3 1qaz2wsx3edc 1q2w3e4r5t6y iamanagent mypassword "
    "newpassword yourpassword letmeinplease thisisapassword passwordispassword"
)
COMMON = frozenset(LEAKED.split())
LEET = str.maketrans("@4301$5!7", "aaeoissit")
FEWEST_DIFFERENT = 5


def plain(password: str) -> str:
    """Return the password as it is hashed: one spelling for what one person types."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, *, login: str, name: str) -> str | None:
    """Return why the password is refused, as one word, or None where it may be used."""
    password = plain(password)
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if _holds_owner(password.casefold(), login=login, name=name):
        return "personal"
    if _is_common(password.casefold()):
        return "common"
    return None


def _holds_owner(password: str, *, login: str, name: str) -> bool:
    """Whether little is left of the password without its owner's login and names."""
    for word in sorted({login.casefold(), *name.casefold().split()}, key=len, reverse=True):
        if len(word) > 2:  # noqa: PLR2004 - an initial is in every password
            password = password.replace(word, "")
    letters = [letter for letter in password if letter.isalnum()]
    return len(letters) < FEWEST_DIFFERENT


def _is_common(password: str) -> bool:
    bare = password.strip("0123456789!?.,-_*#$%&+= ")
    words = {password, bare, password.translate(LEET), bare.translate(LEET)}
    return (
        not bare
        or len(set(password)) < FEWEST_DIFFERENT
        or not words.isdisjoint(COMMON)
        or _is_a_run(bare)
    )


def _is_a_run(password: str) -> bool:
    """Whether every piece of four follows a row of the keyboard or the alphabet."""
    rows = [*KEYBOARD_ROWS, *(row[::-1] for row in KEYBOARD_ROWS)]
    pieces = [password[at : at + 4] for at in range(0, len(password), 4)]
    return all(any(piece in row for row in rows) for piece in pieces)
