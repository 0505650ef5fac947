"""What nobody writes by mistake: bent paths, hosts, texts and figures."""

from __future__ import annotations

from typing import Final

ODD_TAILS: Final = (
    "x",
    "=",
    "%00",
    "%ED%A0%80",
    "%2e%2e",
    "//evil.example",
    "/by/",
    "/by/%00",
    "/by/..%2f..",
    "/by/stripe%0d%0aX-Evil:1",
    "/by/" + "a" * 3_000,
    "/invoice.pdf%00.html",
)
ODD_HOSTS: Final = (
    "platform.localhost:8443",
    "platform.localhost:1@evil.example",
    "platform.localhost/evil",
    "evil.example",
    "platform.localhost.evil.example",
    "PLATFORM.localhost.",
    "platform.localhost:99999",
    "platform.localhost:",
)
ODD_TEXTS: Final = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\r\nBcc: all@mail.example",
    "\u202eevil\u202c",
    "\ufffe\uffff",
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "../../etc/passwd",
    "$where",
    "a" * 100_000,
)
