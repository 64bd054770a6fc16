"""The address of a database: what may be shown of it, and the parts of a table's name."""

import re
from typing import Final

_SECRETS: Final = ("password", "passfile", "sslpassword")
_ADDRESS: Final = re.compile(
    r"(?P<scheme>\w+://)(?:(?P<login>[^?#]*)@)?(?P<place>[^?#]*)(?:\?(?P<options>[^#]*))?"
)
_ESCAPED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_HIDDEN: Final = "***"


def without_password(address: str) -> str:
    """Return a database's address without what it takes to log in; its options are left out too.

    Examples
    --------
    >>> without_password("postgresql://planner:secret@db.example:5433/city?sslmode=require")
    'postgresql://planner@db.example:5433/city'
    """
    parts = _ADDRESS.match(address)
    if parts is None:
        return _HIDDEN
    user = (parts["login"] or "").partition(":")[0]
    return parts["scheme"] + (f"{user}@" if user else "") + parts["place"]


def hide_password(text: str, address: str) -> str:
    """Return a text, such as a driver's message, with every form of the address's password hidden.

    Examples
    --------
    >>> hide_password('bad address "postgresql://a:s%20x@b/c"', "postgresql://a:s%20x@b/c")
    'bad address "postgresql://a:***@b/c"'
    """
    for secret in sorted(_secrets(address), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def split_table(name: str) -> tuple[str | None, str]:
    """Return (schema, table) of a name; None where the name leaves the schema to the database.

    Examples
    --------
    >>> split_table("planning.stations"), split_table("stations")
    (('planning', 'stations'), (None, 'stations'))
    """
    schema, dot, table = name.rpartition(".")
    return (schema if dot else None), table


def _secrets(address: str) -> set[str]:
    """Return the password of an address as written and as meant, wherever it stands."""
    parts = _ADDRESS.match(address)
    if parts is None:
        return {address}
    written = {(parts["login"] or "").partition(":")[2]}
    for option in (parts["options"] or "").split("&"):
        key, _, value = option.partition("=")
        written |= {value} if key in _SECRETS else set()
    return {secret for text in written for secret in (text, _unescape(text)) if secret}


def _unescape(text: str) -> str:
    return _ESCAPED.sub(
        lambda run: bytes.fromhex(run[0].replace("%", "")).decode(errors="replace"), text
    )
