"""The app's password, by choice: where it is kept, how it is asked for, and the cookie of those who gave it.

The password is in ``secrets.toml``, where Streamlit looks for it: ``password = "…"``. It is compared in constant time,
wrong tries make the next one wait, and the cookie is signed with a key of the process: who restarts the app logs all
out.
"""

import hashlib
import hmac
import ipaddress
import secrets
import time
import tomllib
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from fashion_search.errors import PasswordError
from fashion_search.home import shipped
from fashion_search.ui.limits import Tries, in_words

PATH = "/login"
"""Where the form is sent to."""

COOKIE = "fashion_search_login"
MOST_BYTES = 4_096
"""Of a form."""


def password(files: list[str]) -> str | None:
    """The password in the last of these files that has one; None where none has.

    Raises:
        PasswordError: a file cannot be read, or its password is no text or empty: nothing is served then.
    """
    found: str | None = None
    for file in map(Path, files):
        try:
            given = tomllib.loads(file.read_text("utf-8")).get("password")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise PasswordError(f"{file} cannot be read, so the app cannot tell its password: {error}") from error
        if given is None:
            continue
        if not isinstance(given, str) or not given.strip():
            raise PasswordError(
                f'The password in {file} is empty or no text. Write password = "…", or remove the line.'
            )
        found = given
    return found


class Login:
    """Who may in. One for a process: tries are counted whatever session they come from.

    Args:
        password: what is asked for.
        hours: how long a login lasts.
        tries: those that were wrong.
        clock: the time, in seconds.
    """

    def __init__(self, password: str, hours: float, tries: Tries | None = None, clock: Callable[[], float] = time.time):
        self._expected = _digest(password)
        self._key = hmac.digest(secrets.token_bytes(32), self._expected, "sha256")
        self._seconds, self._clock = int(hours * 3600), clock
        self._tries = tries or Tries()

    def knows(self, cookie: str | None) -> bool:
        """Whether a cookie is one that was given here and still holds."""
        until, _, signature = (cookie or "").partition(".")
        is_signed = hmac.compare_digest(signature.encode(), self._signature(until).encode())
        return is_signed and int(until) > self._clock()

    def enter(self, form: bytes, address: str) -> tuple[str | None, int]:
        """Look at what was sent.

        Returns:
            A new cookie's value, or None where the password is wrong or was not looked at; and, where it was not, after
            how many seconds it would be.
        """
        name = whose(address)
        if wait := self._tries.wait(name):
            return None, wait
        if not hmac.compare_digest(_digest(field(form, "password")), self._expected):
            self._tries.failed(name)
            return None, 0
        self._tries.succeeded(name)
        until = str(int(self._clock()) + self._seconds)
        return f"{until}.{self._signature(until)}", 0

    def cookie(self, value: str, is_secure: bool) -> str:
        """As a header: no script can read it, and no other site sends it along."""
        secure = "; Secure" if is_secure else ""
        return f"{COOKIE}={value}; Path=/; Max-Age={self._seconds}; HttpOnly; SameSite=Lax{secure}"

    def _signature(self, until: str) -> str:
        return hmac.digest(self._key, until.encode(), "sha256").hex()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def whose(address: str) -> str:
    """Who is held to be at an address: of IPv6 the network of 64 bits, which is one person's."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def field(form: bytes, name: str) -> str:
    """A field of a form; empty where there is none, and where there are more than any form of ours has."""
    try:
        fields: Mapping[str, list[str]] = parse_qs(
            form.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=8
        )
    except ValueError:
        return ""
    return fields.get(name, [""])[0]


def inside(target: str) -> str:
    """A way on that leads nowhere but into this app."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_path and target.isascii() and not target.startswith(PATH) else "/"


def page(target: str, wait: int = 0, was_wrong: bool = False) -> bytes:
    """The form as HTML. It has no script, and nothing of the app but its name and logo."""
    said = ""
    if wait:
        said = f"Too many wrong passwords came in. Try again {in_words(wait)}."
    elif was_wrong:
        said = "This is not the password."
    logo = b64encode(shipped("assets/icon.svg").read_bytes()).decode()
    alert = f'<p class="said" role="alert">{escape(said)}</p>' if said else ""
    return _PAGE.format(style=_STYLE, logo=logo, alert=alert, target=escape(inside(target)), path=PATH).encode()


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Log in · fashion_search</title>
<link rel="icon" href="data:image/svg+xml;base64,{logo}">
<style>{style}</style>
</head>
<body>
<main>
<img src="data:image/svg+xml;base64,{logo}" alt="" width="44" height="44">
<h1>fashion_search</h1>
<form method="post" action="{path}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="{target}">
{alert}
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
"""

_STYLE = """
:root { color-scheme: light dark; --ink: #24211e; --paper: #fdfcfa; --field: #fff; --line: #8c8378; --lead: #8a3b2a;
  --on-lead: #fff; --alarm: #9c2419 }
@media (prefers-color-scheme: dark) { :root { --ink: #f1ece6; --paper: #161412; --field: #221f1c; --line: #8c8378;
  --lead: #eba08c; --on-lead: #161412; --alarm: #ffb4a6 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif }
main { width: min(22rem, 100vw - 2.5rem); padding-bottom: 12vh }
h1 { margin: .75rem 0 1.5rem; font-size: 1.6rem; line-height: 1.2 }
label { display: block; margin-bottom: .35rem; font-weight: 600 }
input[type=password] { width: 100%; padding: .65rem .8rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--field); color: inherit; font: inherit }
button { width: 100%; margin-top: 1rem; padding: .65rem; border: 0; border-radius: .5rem; background: var(--lead);
  color: var(--on-lead); font: inherit; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid var(--lead); outline-offset: 2px }
.said { margin: .75rem 0 0; color: var(--alarm) }
"""
