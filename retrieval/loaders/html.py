"""Web pages to canonical text: the content without what surrounds it, formulas of every kind a page may hold.

Nothing is fetched: pictures count by their descriptions, and a page that draws itself by a program has no text.
"""

from __future__ import annotations

import re

from retrieval.loaders import html_tree
from retrieval.loaders.assembly import assembled, loaded, without_text
from retrieval.loaders.elements import Element
from retrieval.loaders.html_content import content
from retrieval.loaders.html_walk import Walk
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.wording import escaped

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


class HtmlLoader:
    """Reads ``.html``, ``.htm`` and ``.xhtml``."""

    suffixes = (".html", ".htm", ".xhtml")
    media_type = "text/html"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        is_xml = source.path.lower().endswith(".xhtml")
        root = (html_tree.chapter if is_xml else html_tree.page)(data, source.path)
        language = language_of(root) or source.language
        walk = Walk(language)
        body = content(root)
        whole = assembled(walk.parts(body), walk.exercises)
        if not whole.text and not whole.exercises:
            raise without_text(
                source.path,
                "A page that a program draws in the browser has to be saved there as a complete page, or as PDF.",
            )
        return loaded(whole, data, source, self.media_type, title=source.title or _title(root, body), language=language)


def language_of(root: Element) -> str | None:
    """The language that a page names, as a BCP 47 tag."""
    body = next(iter(root.find("body")), root)
    said = root.attributes.get("lang") or body.attributes.get("lang") or ""
    return said if _TAG.fullmatch(said) else None


def _title(root: Element, body: Element) -> str | None:
    """The one great heading, which names the page alone; else the title, which often names the site too."""
    headings = body.find("h1")
    said = [headings[0]] if len(headings) == 1 else [part for head in root.find("head") for part in head.find("title")]
    words = " ".join(" ".join(part.words() for part in said[:1]).split())
    return escaped(words) or None


LOADER = HtmlLoader()
