"""Render a folium page as one HTML file that opens, whole, with no network.

folium links its scripts from four hosts; ``OfflineFigure`` puts the vendored files of
``maps/_assets`` in their place and a content security policy that forbids every connection. Text
from data never passes a template: branca compiles what an element has rendered a second time, so
a name such as ``{{…}}`` would be run as code. Such text goes in as JSON in a ``Raw`` element.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink

from maps.tiles import https_source
from siting.errors import OutputError, Problem

ASSETS = Path(__file__).parent / "_assets"

# What folium links for markers and pop-ups of its own, which our page does not use.
_DROPPED = frozenset(
    {
        *("jquery", "bootstrap", "bootstrap_css", "awesome_rotate_css", "glyphicons_css"),
        *("awesome_markers", "awesome_markers_css", "awesome_markers_font_css"),
    }
)
_JSON_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]|\\{(?=[{%#])")
_ELEMENT_END = re.compile(r"</(?:script|style)|<!--", re.IGNORECASE)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$|/\*# sourceMappingURL=.*?\*/", re.MULTILINE)
_VIEWPORT = re.compile(r"<meta name=\"viewport\"[^>]*>")
_IMAGE_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """The licence of one third-party package, with its text."""

    package: str
    version: str
    spdx: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The vendored scripts and style sheets by name (images inlined), and their licences."""

    texts: Mapping[str, str]
    licences: tuple[Licence, ...]


class Raw(Element):
    """An element whose text branca must not compile as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text as it is."""
        del kwargs
        return self.text


class OfflineFigure(Figure):
    """A figure whose scripts and styles are all inside it and that may load nothing else.

    The same elements give the same bytes: ids are counted instead of drawn at random.

    Parameters
    ----------
    assets
        What stands in for folium's links; a link that is neither among them nor known to be
        needless is an error.
    title, lang
        Title and language of the page before its script has run.
    head, body
        Our own parts of the page; they follow folium's.
    image_hosts
        The only hosts that the page may connect to, and for images alone; none by default.
    """

    def __init__(
        self,
        assets: Assets,
        *,
        title: str,
        lang: str,
        head: Sequence[Raw] = (),
        body: Sequence[Raw] = (),
        image_hosts: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.image_sources = " ".join(["data: blob:", *map(https_source, image_hosts)])
        self.page_title = title
        self.assets = assets
        self.lang = lang
        self.parts = {
            place: "\n".join(part.text for part in parts)
            for place, parts in (("head", head), ("body", body))
        }

    def render(self, **kwargs: Any) -> str:
        """Return the page.

        Raises
        ------
        OutputError
            An element links a script or style that is not vendored.
        """
        _count_ids(self)
        for child in _children(self).values():
            child.render(**kwargs)
        self._inline_links()
        head = [_VIEWPORT.sub("", self.header.render(**kwargs)), self.parts["head"], "</head>"]
        body = ["<body>", self.html.render(**kwargs), self.parts["body"]]
        start = ["<script>", self.script.render(**kwargs), "</script>", "</body>", "</html>", ""]
        page = "\n".join((*head, *body, *start)).replace("\r", "")
        return self._opening(page) + page

    def _inline_links(self) -> None:
        header = _children(self.header)
        for name, element in list(header.items()):
            if not isinstance(element, JavascriptLink | CssLink):
                continue
            if name in _DROPPED:
                del header[name]
            elif name in self.assets.texts:
                wrap = script if isinstance(element, JavascriptLink) else style
                header[name] = wrap(self.assets.texts[name])
            else:
                raise OutputError(
                    Problem(
                        where="map.html",
                        what=f"the page links {name}, which is not vendored",
                        got=element.url,
                        mend="Add it to maps/web/package.json (assets and licences).",
                    )
                )

    def _opening(self, page: str) -> str:
        """Return the page's first lines; the policy names the hash of every inline script."""
        policy = "; ".join(
            (
                "default-src 'none'",
                "script-src " + " ".join(_hashes(page, "script")),
                "style-src " + " ".join(_hashes(page, "style")),
                f"img-src {self.image_sources}",
                "font-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        )
        # Half a character, which JSON can hold, is none that a file can.
        title = self.page_title.encode("utf-8", "replace").decode()
        return (
            f'<!DOCTYPE html>\n<html lang="{html.escape(self.lang)}">\n<head>\n'
            '<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<title>{html.escape(title)}</title>\n<link rel="icon" href="data:,">\n'
        )


def script(text: str) -> Raw:
    """Return a script element of our own or of a vendored package."""
    return Raw(f"<script>{_within_element(text)}</script>")


def style(text: str) -> Raw:
    """Return a style element of our own or of a vendored package."""
    return Raw(f"<style>{_within_element(text)}</style>")


def data_island(value: object, *, name: str) -> Raw:
    """Return a data element; browsers never execute it, the page's script reads it by its id."""
    return Raw(
        f'<script type="application/json" id="{html.escape(name)}">{to_json(value)}</script>'
    )


def to_json(value: object) -> str:
    r"""Return JSON that is inert inside an HTML element, a script and a template.

    Raises
    ------
    ValueError
        A number is NaN or infinite; unknown values are null.

    Examples
    --------
    >>> to_json({"name": "</script>{{7*7}}"})
    '{"name":"\\u003c/script\\u003e\\u007b{7*7}}"}'
    >>> to_json([])
    '[]'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _JSON_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read_assets(folder: Path = ASSETS) -> Assets:
    """Read the vendored files and check each against its hash.

    Raises
    ------
    OutputError
        The folder is missing or a file is not the one that was vendored.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise OutputError(_broken(folder.name, "the page's scripts are not installed")) from error
    images: dict[str, dict[str, str]] = {}
    for image in manifest["images"].values():
        uri = _data_uri(Path(image["file"]).suffix, _checked(folder, image))
        images.setdefault(image["asset"], {})[image["url"]] = uri
    texts = {
        name: _inlined(_checked(folder, asset).decode(), images.get(name, {}))
        for name, asset in manifest["assets"].items()
    }
    versions = {asset["package"]: asset["version"] for asset in manifest["assets"].values()}
    licences = tuple(
        Licence(
            package=package,
            version=versions[package],
            spdx=entry["spdx"],
            text=_checked(folder, entry).decode(),
        )
        for package, entry in sorted(manifest["licences"].items())
    )
    return Assets(texts=texts, licences=licences)


def _checked(folder: Path, entry: Mapping[str, str]) -> bytes:
    try:
        content = (folder / entry["file"]).read_bytes()
    except OSError as error:
        raise OutputError(_broken(entry["file"], "a file of the page is missing")) from error
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise OutputError(_broken(entry["file"], "a file of the page was changed"))
    return content


def _broken(name: str, what: str) -> Problem:
    return Problem(
        where=f"maps/_assets: {name}",
        what=what,
        mend="Install again: pip install --force-reinstall .",
    )


def _inlined(text: str, images: Mapping[str, str]) -> str:
    """Return a vendored text with its images inside and without its pointer to a source map."""
    for url, uri in images.items():
        text = re.sub(rf"url\(\s*['\"]?{re.escape(url)}['\"]?\s*\)", f'url("{uri}")', text)
    return _SOURCE_MAP.sub("", text).strip()


def _data_uri(suffix: str, content: bytes) -> str:
    return f"data:{_IMAGE_TYPES[suffix]};base64,{base64.b64encode(content).decode()}"


def _within_element(text: str) -> str:
    """Return the text if it cannot end the element that holds it."""
    found = _ELEMENT_END.search(text)
    if found:
        raise ValueError(f"{found[0]!r} inside an inline script or style")
    return text


def _hashes(page: str, tag: str) -> Sequence[str]:
    """Return the policy's sources for every inline element of a kind, in their order."""
    contents = dict.fromkeys(re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL))
    digests = (hashlib.sha256(content.encode()).digest() for content in contents)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def _count_ids(root: Element) -> None:
    """Give the elements below ``root`` counted ids; branca draws their ids from the system's randomness."""
    for number, element in enumerate(_walk(root), start=1):
        element._id = str(number)  # noqa: SLF001  # branca offers no public way


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in _children(element).values():
        yield from _walk(child)


def _children(element: Element) -> dict[str, Element]:
    children: dict[str, Element] = element._children  # noqa: SLF001  # branca offers no public way
    return children
