"""Archives that are broken, not safe, or do not say what is meant; workbooks, which are archives."""

import stat
import zipfile
from pathlib import Path

from siting.model import LayerSpec
from tests.builders import point_to
from tests.corpus.base import HEADER, ROW, TOWNS, archive, towns, workbook

_DATA = TOWNS.encode()
_HEAD, _LINE = HEADER.split(","), ROW.split(",")


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("towns.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _damaged(
    folder: Path, *, share: float = 1.0, flip: bool = False, flag: bool = False
) -> LayerSpec:
    """Make an archive and cut it, change a byte of its data, or call it encrypted."""
    path = Path(archive(("towns.csv", _DATA * 20))(folder).path)
    data = bytearray(path.read_bytes())
    if flip:
        data[90] ^= 0xFF
    if flag:
        data[6] |= 1
        data[data.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(data[: int(len(data) * share)])
    return point_to(path, "townships", crs="EPSG:4326")


def _inner() -> bytes:
    import io  # noqa: PLC0415

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as inner:
        inner.writestr("towns.csv", _DATA)
    return file.getvalue()


def _cut_workbook(folder: Path) -> LayerSpec:
    spec = workbook(_HEAD, _LINE)(folder)
    data = Path(spec.path).read_bytes()
    Path(spec.path).write_bytes(data[: len(data) // 2])
    return spec


def _bomb_workbook(folder: Path) -> LayerSpec:
    spec = workbook(_HEAD, _LINE)(folder)
    with zipfile.ZipFile(spec.path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/image1.png", bytes(64 * 2**20))
    return spec


def _huge(folder: Path) -> LayerSpec:
    """Make an archive whose table of contents says that it unpacks to four GiB."""
    path = Path(archive(("towns.csv", _DATA))(folder).path)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\1\2")
    data[entry + 24 : entry + 28] = (0xFFFF_0000).to_bytes(4, "little")
    path.write_bytes(data)
    return point_to(path, "townships", crs="EPSG:4326")


def _no_sheet_data(folder: Path) -> LayerSpec:
    """Make an archive that is called a workbook."""
    return archive(("towns.csv", _DATA), name="towns.xlsx")(folder)


CASES = {
    "archive cut off": (
        lambda f: _damaged(f, share=0.6),
        "layer townships (towns.zip): archive cannot be read (got <…>, expected a ZIP archive). Copy or download it again.",
    ),
    "archive with a changed byte": (
        lambda f: _damaged(f, flip=True),
        "layer townships (towns.zip): archive cannot be read (got <…>, expected a ZIP archive). Copy or download it again.",
    ),
    "archive encrypted": (
        lambda f: _damaged(f, flag=True),
        "layer townships (towns.zip): archive is encrypted (got 'towns.csv', expected an archive without a password). Unpack it yourself, look at it, and name the file inside.",
    ),
    "text for archive": (
        lambda f: point_to(Path(towns(TOWNS)(f).path).rename(f / "towns.zip"), "townships"),
        "layer townships (towns.zip): archive cannot be read (got <…>, expected a ZIP archive). Copy or download it again.",
    ),
    "zip bomb": (
        archive(("towns.csv", bytes(64 * 2**20))),
        "layer townships (towns.zip): archive may be a bomb (got 64 MiB from 64 KiB, expected at most 200 times its size). Unpack it yourself, look at it, and name the file inside.",
    ),
    "zip bomb of gigabytes": (
        _huge,
        "layer townships (towns.zip): archive unpacks to too much (got 4096 MiB, expected at most 2048 MiB). Unpack it yourself, look at it, and name the file inside.",
    ),
    "zip bomb of many": (
        archive(*((f"{n}.csv", b"") for n in range(10_001))),
        "layer townships (towns.zip): archive has too many members (got 10001, expected at most 10000). Unpack it yourself, look at it, and name the file inside.",
    ),
    "path traversal": (
        archive(("../../towns.csv", _DATA)),
        "layer townships (towns.zip): archive has a name that leads out of it (got '../../towns.csv', expected plain relative names). Unpack it yourself, look at it, and name the file inside.",
    ),
    "path traversal in Windows' way": (
        archive(("..\\towns.csv", _DATA)),
        "layer townships (towns.zip): archive has a name that leads out of it (got '..\\\\towns.csv', expected plain relative names). Unpack it yourself, look at it, and name the file inside.",
    ),
    "absolute path": (
        archive(("/etc/cron.d/towns.csv", _DATA)),
        "layer townships (towns.zip): archive has a name that leads out of it (got '/etc/cron.d/towns.csv', expected plain relative names). Unpack it yourself, look at it, and name the file inside.",
    ),
    "drive letter": (
        archive(("C:/towns.csv", _DATA)),
        "layer townships (towns.zip): archive has a name that leads out of it (got 'C:/towns.csv', expected plain relative names). Unpack it yourself, look at it, and name the file inside.",
    ),
    "link in an archive": (
        archive((_link(), b"/etc/passwd")),
        "layer townships (towns.zip): archive holds a link (got 'towns.csv', expected files). Unpack it yourself, look at it, and name the file inside.",
    ),
    "archive in an archive": (
        archive(("towns.zip", _inner())),
        "layer townships (towns.zip): archive holds an archive (got towns.zip, expected .csv, .tsv, .txt, .xlsx, .parquet, .geoparquet, .shp, .gpkg, .geojson …). Unpack it yourself, look at it, and name the file inside.",
    ),
    "archive of pictures": (
        archive(("a.png", b"1"), ("readme.md", b"2")),
        "layer townships (towns.zip): archive holds no file of data (got a.png, readme.md, expected .csv, .tsv, .txt, .xlsx, .parquet, .geoparquet, .shp, .gpkg, .geojson …). Unpack it yourself, look at it, and name the file inside.",
    ),
    "archive of nothing": (
        archive(),
        "layer townships (towns.zip): archive holds no file of data (expected .csv, .tsv, .txt, .xlsx, .parquet, .geoparquet, .shp, .gpkg, .geojson …). Unpack it yourself, look at it, and name the file inside.",
    ),
    "archive of two tables": (
        archive(("a.csv", _DATA), ("b.csv", _DATA)),
        'layer townships (towns.zip): archive holds several files of data (got a.csv, b.csv, expected one, or one named townships). Name the file: layer = "its name".',
    ),
    "no such member": (
        archive(("a.csv", _DATA), ("b.csv", _DATA), layer="c"),
        "layer townships (towns.zip): archive has no such file (got 'c', expected a.csv or b.csv). Name the file: layer = \"its name\".",
    ),
    "bad table in an archive": (
        archive(("towns.csv", TOWNS.replace("60000", "many").encode())),
        "layer townships (towns.zip/towns.csv): column population: not a number: 'many' (got 1 row: T1, expected digits, point as decimal mark)",
    ),
    "KMZ without KML": (
        archive(("a.png", b"1"), name="towns.kmz"),
        "layer townships (towns.kmz): archive holds no file of data (got a.png, expected .csv, .tsv, .txt, .xlsx, .parquet, .geoparquet, .shp, .gpkg, .geojson …). Unpack it yourself, look at it, and name the file inside.",
    ),
    "workbook cut off": (
        _cut_workbook,
        "layer townships (towns.xlsx): archive cannot be read (got <…>, expected a workbook (.xlsx)). Copy or download it again.",
    ),
    "workbook that is a bomb": (
        _bomb_workbook,
        "layer townships (towns.xlsx): archive may be a bomb (got 64 MiB from 68 KiB, expected at most 200 times its size). Unpack it yourself, look at it, and name the file inside.",
    ),
    "archive for workbook": (
        _no_sheet_data,
        "layer townships (towns.xlsx): file cannot be read as a workbook (got <…>, expected an .xlsx file). Open it in an office program and save it again.",
    ),
    "no such sheet": (
        workbook(_HEAD, _LINE, layer="站点"),
        "layer townships (towns.xlsx): workbook has no sheet of this name (got '站点', expected Sheet1). Name the sheet: layer = \"its name\".",
    ),
    "two sheets": (
        workbook(_HEAD, _LINE, sheets=("甲", "乙")),
        'layer townships (towns.xlsx): workbook has several sheets (got 甲, 乙, expected one, or one named townships). Name the sheet: layer = "its name".',
    ),
    "sheet without rows": (
        workbook(),
        "layer townships (towns.xlsx): layer has no rows (expected at least one row). Fill the file, or take the layer out of the study.",
    ),
    "formula without a value": (
        workbook(_HEAD, [*_LINE[:4], "=1+1", *_LINE[5:]]),
        "layer townships (towns.xlsx): formulas without a stored value (got 1 row: row 2, expected values). Open it in an office program and save it again, or paste the values.",
    ),
    "error value": (
        workbook(_HEAD, [*_LINE[:4], "#N/A", *_LINE[5:]]),
        "layer townships (towns.xlsx): column population: not a number: '#N/A' (got 1 row: T1, expected digits, point as decimal mark)",
    ),
}
