"""Open mode over the network, as a stranger finds it: what is refused, and that nobody is let in by trying."""

import http.client
import random
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from tools.resilience.payloads import serving
from tools.resilience.trial import Outcome

_PASSWORD = "correct horse battery staple"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_READ = ("/", "/Metrics", "/media/a.png", "/_stcore/host-config", "/_stcore/metrics", "/component/a")
_SENT = ("/_stcore/upload_file/a/b", "/_stcore/agent/interact", "/")
_ASKED = (*(("GET", path) for path in _READ), *(("PUT", path) for path in _SENT))  # without the password


def run(count: int, seed: int) -> Outcome:
    """Try ``count`` passwords from as many made-up addresses, and everything else without one."""
    with tempfile.TemporaryDirectory(prefix="open-") as text:
        folder = Path(text)
        (folder / ".streamlit").mkdir()
        (folder / ".streamlit/secrets.toml").write_text(f'password = "{_PASSWORD}"\n', "utf-8")
        with serving(folder / "home", "--public", folder=folder) as base:
            return visit(base, count, seed)


def visit(base: str, count: int, seed: int) -> Outcome:
    """The same on a server whose password is this trial's."""
    host = base.removeprefix("http://")
    outcome = Outcome()
    for method, path in _ASKED:
        status, headers, body = _ask(host, method, path)
        if status not in (401, 403, 404) or b"<script" in body:
            outcome.broken.append(f"{method} {path} was answered by {status} without the password")
        if headers.get("x-content-type-options") != "nosniff" or "content-security-policy" not in headers:
            outcome.broken.append(f"{path} lacks headers")
    for origin in ("http://elsewhere.invalid", "null", f"https://{host}.elsewhere.invalid"):
        if _ask(host, "GET", "/_stcore/stream", b"", **_WEBSOCKET, Origin=origin)[0] == 101:
            outcome.broken.append(f"a WebSocket of {origin} was taken")
    drawn = random.Random(seed)
    looked_at = 0
    started = time.monotonic()
    for number in range(count):
        guess = "".join(drawn.choices(_ALPHABET, k=8))
        status, headers, _ = _log_in(host, guess, X_Forwarded_For=f"10.{number % 256}.{drawn.randrange(256)}.1")
        looked_at += status == 401
        if status not in (401, 429) or "set-cookie" in headers:
            outcome.broken.append(f"a wrong password was answered by {status}")
    seconds = time.monotonic() - started
    wait = int(_log_in(host, _PASSWORD)[1].get("retry-after", "0"))
    if count > 10 and not wait:
        outcome.broken.append(f"after {count} wrong passwords there is no wait")
    if count > 10 and looked_at > 8 + seconds:  # the first waits are of a second and more
        outcome.broken.append(f"{looked_at} passwords were looked at in {seconds:.1f} s")
    outcome.figures = {
        "asked without a password": len(_ASKED),
        "passwords tried": count,
        "of these looked at": looked_at,
        "s": round(seconds, 1),
        "wait after them, s": wait,
    }
    return outcome


_WEBSOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def _log_in(host: str, password: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    form = urlencode({"password": password, "next": "/"}).encode()
    return _ask(host, "POST", "/login", form, Content_Type="application/x-www-form-urlencoded", **headers)


def _ask(host: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found
