"""Office files that are the same to the byte: a zip whose entries bear no date."""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

NO_DATE: Final = datetime(1980, 1, 1)  # noqa: DTZ001  # Office properties are read as UTC without a zone
"""Stands where the formats want a date: the first one that a zip can hold."""


def without_dates(content: bytes, *, replaced: Mapping[str, bytes] | None = None) -> bytes:
    """Return a zip with the same entries in the same order, all of ``NO_DATE``.

    Parameters
    ----------
    replaced
        Content to put into entries instead of what they hold, by name.
    """
    new = replaced or {}
    target = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as made:
        for name in source.namelist():
            entry = ZipInfo(name, NO_DATE.timetuple()[:6])
            # A picture is packed already.
            entry.compress_type = ZIP_STORED if name.endswith(".png") else ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, new.get(name) or source.read(name))
    return target.getvalue()
