"""Signatures as the standard has them, addresses that will do, growing waits."""

from datetime import timedelta

import pytest

from bot.domain import webhook as rules
from bot.errors import BadInput


def test_the_signature_is_the_standard_s_own_example() -> None:
    """From the specification of Standard Webhooks 1.0."""
    signature = rules.sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                           b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("url", ["https://city.example/hooks?x=1", "http://10.0.0.5:8080/a", " https://a.example "])
def test_addresses_that_will_do(url: str) -> None:
    assert rules.check_url(url) == url.strip()


@pytest.mark.parametrize("url", [
    "", "city.example/hooks", "ftp://city.example", "file:///etc/passwd", "https://", "https://user:word@city.example",
    "https://city.example:port/", "https://市.example/", "https://city.example/" + "a" * 500, "javascript:alert(1)",
])
def test_addresses_that_will_not(url: str) -> None:
    with pytest.raises(BadInput):
        rules.check_url(url)


def test_events_are_known_ones_in_order() -> None:
    assert rules.check_events(["ticket.closed", "ticket.accepted"]) == ["ticket.accepted", "ticket.closed"]
    with pytest.raises(BadInput):
        rules.check_events(["ticket.exploded"])


def test_waits_grow_and_end() -> None:
    waits = [rules.wait_after(n) for n in range(1, 12)]
    tries = [w for w in waits if w is not None]
    assert tries == sorted(tries) and waits[len(tries):] == [None] * (11 - len(tries))
    assert timedelta(days=2) < sum(tries, timedelta()) < timedelta(days=3)
    assert rules.wait_after(0) is None
