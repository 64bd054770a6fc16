"""Tables whose columns or cells are wrong."""

from tests.corpus.base import HEADER, ROW, TOWNS, change, frame, towns, towns_with, written

_SEMICOLONS = TOWNS.replace(",", ";")

CASES = {
    "open quote": (
        towns_with("T1", '"T1'),
        "layer townships (townships.csv): not a CSV table (got <…>). Mend the quotes, or bring it as GeoPackage.",
    ),
    "short row": (
        towns(TOWNS + "T2,x\n"),
        "layer townships (townships.csv): rows with more or fewer cells than the 7 columns (got 1 row: row 2). Quote cells that hold a comma.",
    ),
    "decimal comma between commas": (
        towns_with("36.067", "36,067"),
        "layer townships (townships.csv): rows with more or fewer cells than the 7 columns (got 1 row: row 1). Quote cells that hold a comma.",
    ),
    "column twice": (
        towns_with("district", "name_zh"),
        "layer townships (townships.csv): column name repeated (got name_zh). Rename one of them.",
    ),
    "no rows": (
        towns(HEADER),
        "layer townships (townships.csv): layer has no rows (expected at least one row). Fill the file, or take the layer out of the study.",
    ),
    "blank rows only": (
        towns(f"{HEADER}\n,,,,,,\n"),
        "layer townships (townships.csv): layer has no rows (expected at least one row). Fill the file, or take the layer out of the study.",
    ),
    "comma in doubt": (
        towns(change(_SEMICOLONS, "60000", "60,000")),
        "layer townships (townships.csv): column population: not a number: '60,000' (got 1 row: T1, expected digits, point as decimal mark; a comma may be a decimal or a thousands mark here)",
    ),
    "both decimal marks": (
        towns(
            change(_SEMICOLONS, "120.382;36.067", "120,3825;36,067")
            + change(_SEMICOLONS.splitlines()[1], "60000", "1,234.5").replace("T1", "T2")
        ),
        "layer townships (townships.csv): column lon: not a number: '120,3825' (got 1 row: T1, expected decimal degrees, or metres in a projected CRS, with a point)",
        "layer townships (townships.csv): column lat: not a number: '36,067' (got 1 row: T1, expected decimal degrees, or metres in a projected CRS, with a point)",
    ),
    "no places": (
        towns_with("lon,lat", "a,b"),
        'layer townships (townships.csv): no columns to place the rows by (got id, name_zh, name_en, district, population, a, b, expected lon and lat, or wkt). Say which they are: columns = { lon = "…", lat = "…" } or { wkt = "…" }.',
    ),
    "one coordinate": (
        towns_with("lon,lat", "lon,b"),
        'layer townships (townships.csv): no columns to place the rows by (got id, name_zh, name_en, district, population, lon, b, expected lon and lat, or wkt). Say which they are: columns = { lon = "…", lat = "…" } or { wkt = "…" }.',
    ),
    "two columns for longitude": (
        towns_with("district,population,lon", "lng,population,经度"),
        'layer townships (townships.csv): several columns may be lon (got lng, 经度, expected one of them named). Say which: columns = { lon = "its name" }.',
    ),
    "two columns for population": (
        towns_with("district,population", "人口,pop"),
        'layer townships (townships.csv): several columns may be population (got 人口, pop, expected one of them named). Say which: columns = { population = "its name" }.',
    ),
    "population in ten thousands": (
        towns_with("population", "人口(万人)"),
        'layer townships (townships.csv): missing column population (got id, name_zh, name_en, district, 人口(万人), lon, lat, expected these columns or a mapping). If the file names it otherwise: columns = { population = "its name" }.',
    ),
    "no column": (
        towns_with("population", "人数"),
        'layer townships (townships.csv): missing column population (got id, name_zh, name_en, district, 人数, lon, lat, expected these columns or a mapping). If the file names it otherwise: columns = { population = "its name" }.',
    ),
    "mapping of nothing": (
        towns(TOWNS, columns={"people": "population"}),
        "layer townships (townships.csv): columns: no such column in this kind of layer (got 'people', expected id, name_zh, name_en, district, population, basis, confidence, uncertainty_m, source, note, lon, lat, wkt). Write columns as { our name = file's name }.",
    ),
    "mapping to nothing": (
        towns(TOWNS, columns={"note": "remarks"}),
        "layer townships (townships.csv): columns: the file has no column for note (got 'remarks', expected one of id, name_zh, name_en, district, population, lon, lat)",
    ),
    "no id in a row": (
        towns(TOWNS + change(ROW, "T1", "")),
        "layer townships (townships.csv): column id: not filled (got 1 row: row 2, expected a value in every row)",
    ),
    "id twice": (
        towns(TOWNS + change(ROW, "60000", "60001")),
        "layer townships (townships.csv): column id: id repeated (got 1 id: T1, expected every id once)",
    ),
    "not filled": (
        towns_with("60000", ""),
        "layer townships (townships.csv): column population: not filled (got 1 row: T1, expected a value in every row)",
    ),
    "words for a number": (
        towns_with("60000", "many"),
        "layer townships (townships.csv): column population: not a number: 'many' (got 1 row: T1, expected digits, point as decimal mark)",
    ),
    "number with a unit": (
        towns_with("60000", "6万"),
        "layer townships (townships.csv): column population: not a number: '6万' (got 1 row: T1, expected digits, point as decimal mark)",
    ),
    "NaN as text": (
        towns_with("60000", "NaN"),
        "layer townships (townships.csv): column population: not a number: 'NaN' (got 1 row: T1, expected digits, point as decimal mark)",
    ),
    "infinite number": (
        towns_with("60000", "inf"),
        "layer townships (townships.csv): column population: not a finite number (got 1 row: T1, expected a finite number)",
    ),
    "negative number": (
        towns_with("60000", "-1"),
        "layer townships (townships.csv): column population: too small: '-1' (got 1 row: T1, expected at least 0 persons)",
    ),
    "underscore in a number": (
        towns_with("60000", "60_000 "),
        "layer townships (townships.csv): column population: not a number: '60_000' (got 1 row: T1, expected digits, point as decimal mark)",
    ),
    "not one of the choices": (
        towns(f"{HEADER},confidence\n{ROW},sure\n"),
        "layer townships (townships.csv): column confidence: unknown value: 'sure' (got 1 row: T1, expected A or B or C)",
    ),
    "formula for a number": (
        towns_with("60000", "=1+1"),
        "layer townships (townships.csv): column population: not a number: '=1+1' (got 1 row: T1, expected digits, point as decimal mark)",
    ),
    "hostile text": (
        towns(TOWNS.replace("T1", '"T\n1\x1b[31m{{x}}"').replace("60000", "-1")),
        "layer townships (townships.csv): column population: too small: '-1' (got 1 row: T 1 [31m{{x}}, expected at least 0 persons)",
    ),
    "many wrong rows": (
        written("towns.geojson", frame(population=[-1] * 40)),
        "layer townships (towns.geojson): column population: too small: '-1' (got 40 rows: T00, T01, T02, T03, T04, …, expected at least 0 persons)",
    ),
}
