"""The address of a database: what may be shown of it, and the parts of a table's name."""

from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

_SECRETS = ("password", "passfile", "sslpassword")
_HIDDEN = "***"


def without_password(address: str) -> str:
    """Return a database's address without what it takes to log in; its options are left out too.

    Examples
    --------
    >>> without_password("postgresql://planner:secret@db.example:5433/city?sslmode=require")
    'postgresql://planner@db.example:5433/city'
    """
    parts = urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(
        parts._replace(netloc=user.partition(":")[0] + at + host, query="", fragment="")
    )


def hide_password(text: str, address: str) -> str:
    """Return a text, such as a driver's message, with every form of the address's password hidden.

    Examples
    --------
    >>> hide_password('bad address "postgresql://a:s%20x@b/c"', "postgresql://a:s%20x@b/c")
    'bad address "postgresql://a:***@b/c"'
    """
    for secret in sorted(_secrets(urlsplit(address)), key=len, reverse=True):
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


def _secrets(parts: SplitResult) -> set[str]:
    """Return the password of an address as written and as meant, wherever it stands."""
    written = parts.netloc.rpartition("@")[0].partition(":")[2]
    found = {written, unquote(written)}
    found |= {value for key, value in parse_qsl(parts.query) if key in _SECRETS}
    return {secret for secret in found if secret}
