from pathlib import Path
from urllib.parse import urlencode

import pytest

from fashion_search.errors import PasswordError
from fashion_search.ui import login
from fashion_search.ui.limits import Tries
from fashion_search.ui.login import Login
from tests.ui.test_limits import Clock


def form(password: str) -> bytes:
    return urlencode({"password": password, "next": "/"}).encode()


def test_the_password_lets_in_and_nothing_else_does() -> None:
    asked = Login("pass wörd ✓", 1)
    cookie, wait = asked.enter(form("pass wörd ✓"), "10.0.0.1")
    assert wait == 0
    assert asked.knows(cookie)
    for wrong in ("", "pass", "pass wörd", "PASS WÖRD ✓", "pass wörd ✓ "):
        assert asked.enter(form(wrong), "10.0.0.1")[0] is None
    for number, odd in enumerate((b"", b"\xff" * 100, b"&".join(b"password=x" for _ in range(100)), b"password")):
        assert asked.enter(odd, f"10.0.1.{number}") == (None, 0)  # each is looked at: none of them waits


def test_a_cookie_cannot_be_made_up_or_prolonged() -> None:
    clock = Clock()
    asked = Login("secret", 2, clock=clock)
    cookie, _ = asked.enter(form("secret"), "10.0.0.1")
    assert cookie is not None
    until, _, signature = cookie.partition(".")
    assert int(until) == 1000 + 7200
    for made_up in (None, "", ".", "9999999999.", f"{int(until) + 1}.{signature}", f"{until}.{signature[:-1]}0", "ü.ü"):
        assert not asked.knows(made_up) or made_up == cookie
    assert not Login("secret", 2, clock=clock).knows(cookie)  # of another process
    clock.now += 7199
    assert asked.knows(cookie)
    clock.now += 1
    assert not asked.knows(cookie)


def test_tries_are_limited_by_address_and_a_right_password_is_not_looked_at_while_one_waits() -> None:
    clock = Clock()
    asked = Login("secret", 1, Tries(free=2, clock=clock))
    assert [asked.enter(form("wrong"), "10.0.0.1")[1] for _ in range(3)] == [0, 0, 1]
    assert asked.enter(form("secret"), "10.0.0.1") == (None, 1)
    assert asked.enter(form("secret"), "10.0.0.2")[0] is not None
    clock.now += 1
    assert asked.enter(form("secret"), "10.0.0.1")[0] is not None


def test_who_has_a_network_of_ipv6_is_one() -> None:
    assert login.whose("2001:db8::1") == login.whose("2001:db8::ffff:1") != login.whose("2001:db8:0:1::1")
    assert login.whose("::ffff:10.0.0.1") == login.whose("10.0.0.1") != login.whose("10.0.0.2")
    assert login.whose("") == login.whose("a proxy") == "unknown"


def test_the_cookie_is_for_this_site_alone() -> None:
    asked = Login("secret", 1)
    assert asked.cookie("v", False) == "fashion_search_login=v; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"
    assert asked.cookie("v", True).endswith("; Secure")


@pytest.mark.parametrize(
    ("target", "way"),
    [
        ("/Metrics?catalog=a&k=5", "/Metrics?catalog=a&k=5"),
        ("//elsewhere.invalid", "/"),
        ("/\\elsewhere.invalid", "/"),
        ("https://elsewhere.invalid", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: b", "/"),
        ("/login", "/"),
        ("", "/"),
    ],
)
def test_the_way_on_leads_nowhere_else(target: str, way: str) -> None:
    assert login.inside(target) == way


def test_the_form_shows_what_comes_from_outside_as_text() -> None:
    shown = login.page('/"><script>alert(1)</script>').decode()
    assert "<script" not in shown
    assert "&quot;&gt;&lt;script&gt;" in shown
    assert "Try again in 12 seconds." in login.page("/", 12).decode()


def test_the_password_of_the_last_file_counts(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("a.toml", "b.toml", "c.toml"))
    assert login.password([str(first)]) is None
    first.write_text('password = "one"\n', "utf-8")
    second.write_text('password = "zwei"\n', "utf-8")
    third.write_text("[other]\nkey = 1\n", "utf-8")
    assert login.password(list(map(str, (first, second, third)))) == "zwei"


@pytest.mark.parametrize("text", ['password = ""', "password = 12345", "password = [", 'password = "   "', "\xff"])
def test_a_password_that_cannot_be_read_is_no_open_door(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secrets.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(PasswordError):
        login.password([str(file)])
