"""How long someone who guesses passwords must wait: growing delays, no lock-out; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

WINDOW = timedelta(minutes=15)  # older refusals count no longer
FREE_OF_LOGIN = 5  # refusals of one login from one address before the first wait
FREE_OF_ADDRESS = 30  # a whole office may stand behind one address
FIRST_WAIT = timedelta(seconds=5)  # doubled by each further refusal
LONGEST_WAIT = timedelta(minutes=10)
NOW = timedelta(0)


def origin_of(address: str) -> str:
    """Return what counts as one origin: the address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), 64), strict=False))


def wait(refused_at: Sequence[datetime], *, free: int, now: datetime) -> timedelta:
    """Return how long until the next attempt may be made; zero means now."""
    recent = [at for at in refused_at if now - at < WINDOW]
    beyond = len(recent) - free
    if beyond < 0:
        return NOW
    doublings = min(beyond, 12)
    pause = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return max(max(recent) + pause - now, NOW)
