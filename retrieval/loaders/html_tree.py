"""From the bytes of a web page or a chapter of an EPUB to a tree of elements.

The encoding is the one the bytes show or the page names; it is never guessed. Chapters are XML where they are sound
XML, because ``<a id="x"/>`` means something else in HTML. Nothing is fetched and no entity of a file's own is expanded.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from lxml import etree

from retrieval.errors import UnreadableDocument
from retrieval.loaders.archive import broken, xml
from retrieval.loaders.decoding import clean, decode
from retrieval.loaders.elements import Element

DEEPEST = 100  # elements inside one another; what lies deeper is taken as text

_DECLARED = re.compile(
    rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml\b[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)", re.I
)
# What a name means to browsers, as Python names it (WHATWG Encoding, 4.2). Others are refused.
_ENCODINGS = {
    **dict.fromkeys(("iso-8859-1", "latin1", "ascii", "us-ascii", "windows-1252", "cp1252", "x-cp1252"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "windows-949"), "cp949"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("iso-8859-9", "latin5", "windows-1254"), "cp1254"),
    **dict.fromkeys(("tis-620", "iso-8859-11", "windows-874"), "cp874"),
    "euc-jp": "euc_jp",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    **{f"windows-{number}": f"cp{number}" for number in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{number}": f"iso8859_{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}
_SEVEN_BIT = {"iso-2022-jp": "iso2022_jp"}  # would pass for UTF-8
_DATA = re.compile(r"data:[\w.+/-]{0,100}(?:;[\w=-]{0,60}){0,4};base64,[A-Za-z0-9+/=%\s]*")
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]{0,200}\?>")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_VOID = frozenset({"br", "embed", "hr", "img", "input", "keygen", "param", "source", "track", "wbr"})
_OPS = "{http://www.idpf.org/2007/ops}type"


def page(data: bytes, path: str) -> Element:
    """The ``html`` element of a page. Raises ``UnreadableDocument`` (``encoding``, ``binary``, ``broken``)."""
    return _html(decoded(data, path), path)


def chapter(data: bytes, path: str) -> Element:
    """The ``html`` element of XHTML, read as HTML where it is no sound XML.

    Raises ``UnreadableDocument`` (``encoding``, ``binary``, ``broken``, ``entities``).
    """
    text = decoded(data, path)
    named = _NAMED.sub(lambda match: match[0] if match[1] in _OF_XML else unescape(match[0]), text)
    try:
        root = xml(_DECLARATION.sub("", named).lstrip().encode(), path)
    except UnreadableDocument as error:
        if error.data["reason"] != "broken":
            raise
        return _html(text, path)
    return _converted(root, 0)


def sound_xml(data: bytes, path: str) -> Element:
    """The root of any XML. Raises ``UnreadableDocument`` (``broken``, ``entities``)."""
    return _converted(xml(data, path), 0)


def decoded(data: bytes, path: str) -> str:
    """The text of a page: by its byte order mark, as UTF-8, or in the encoding it names."""
    match = _DECLARED.search(data[:4096])
    name = (match[1] or match[2]).decode("ascii", "replace").lower() if match else ""
    if name in _SEVEN_BIT:
        return _as(data, _SEVEN_BIT[name], path)
    try:
        return _without_data(decode(data, path))
    except UnreadableDocument as error:
        if error.data["reason"] != "encoding" or name not in _ENCODINGS:
            raise
    return _as(data, _ENCODINGS[name], path)


def _as(data: bytes, encoding: str, path: str) -> str:
    try:
        return _without_data(clean(data.decode(encoding)))
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            f"{path}: says that it is written in {encoding}, but it is not. Save the page as UTF-8.",
            path=path,
            reason="encoding",
            byte=error.start,
        ) from error


def _without_data(text: str) -> str:
    """Pictures written into the page are megabytes that nobody reads."""
    return _DATA.sub("data:", text) if ";base64," in text else text


def _html(text: str, path: str) -> Element:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, recover=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):  # nothing but blanks or comments
        root = None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise broken(path)  # the rest of the page would be lost: elements some two thousand deep
    return Element("html") if root is None else _converted(root, 0)


def _converted(node: Any, depth: int) -> Element:
    element = Element(_name(node.tag), {_attribute(key): value for key, value in node.attrib.items()})
    if depth >= DEEPEST:
        element.children.append("".join(node.itertext()))
        return element
    _add(element, node.text)
    for child in node:
        if isinstance(child.tag, str):
            inner = _converted(child, depth + 1)
            if inner.tag != "wbr":
                element.children.append(inner)
            if inner.tag in _VOID:  # libxml2 doesn't know some of them and puts what follows inside
                for moved in inner.children:
                    _add(element, moved)
                inner.children = []
        _add(element, child.tail)
    return element


def _add(element: Element, node: Element | str | None) -> None:
    """Text is joined to the text before it, where a comment or a ``wbr`` stood between."""
    if not node:
        return
    if isinstance(node, str) and element.children and isinstance(element.children[-1], str):
        element.children[-1] += node
    else:
        element.children.append(node)


def _name(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _attribute(key: str) -> str:
    return "epub:type" if key == _OPS else key.rpartition("}")[2].lower().replace("xml:lang", "lang")
