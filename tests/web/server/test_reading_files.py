"""Documents with pages and seconds as they are read: pictures and files for those who may see them."""

import hashlib
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from retrieval.values import Anchor, Document, ItemKind, ItemMaterial
from tests.retrieval.facsimile.files import PAGES, pdf
from tests.web.server.harness import COURSE, Builder, House
from tutor.domain.accounts import Role
from tutor.domain.curriculum import Course
from tutor.services.originals import Originals
from web.reading import fingerprint

NAME = "biology/The leaf.pdf"
TEXT = "\n\n".join(PAGES)
ANCHORS = tuple(Anchor(TEXT.index(page), page=number) for number, page in enumerate(PAGES, 1))
QUOTE = "At night the quiet stomata close"
HREF = f"/courses/{COURSE}/read/{quote(NAME)}"
PAGE = f"/courses/{COURSE}/page"
FILE = f"/courses/{COURSE}/file/{quote(NAME)}"


def put(house: House, folder: Path, text: str = TEXT, items: tuple[ItemMaterial, ...] = (), extra: str = "") -> None:
    """The leaf's three pages as a loader reads them. ``extra`` stands on the third page and not in the text."""
    data = pdf(folder / "leaf.pdf", *PAGES[:2], PAGES[2] + "\n\n" + extra).read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    document = Document(COURSE, NAME, "The leaf", sha256, "application/pdf", 5, (), "en", text, anchors=ANCHORS)
    house.system.store.library.put_document(document, "folder", [], items)
    Originals(house.system.settings.data_dir.resolve() / "originals").keep(NAME, sha256, data)


def cited(words: str = QUOTE, text: str = TEXT) -> str:
    at = text.index(words)
    return f"?from={at}&to={at + len(words)}&is={fingerprint(words)}"


async def read(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_citation_opens_its_page_with_the_quote_marked(builder: Builder, tmp_path: Path) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        put(house, tmp_path)
        page = await read(client, HREF + cited())
        assert f'<mark id="quote">{QUOTE}</mark>' in page
        assert [f'id="page-{number}"' in page for number in (1, 2, 3, 4)] == [True, True, True, False]
        assert "the quoted words marked" in page
        assert f'href="{HREF}?page=1#page-1"' in page
        assert f'href="{HREF}?page=3#page-3"' in page
        assert f'href="{FILE}#page=2"' in page
        start = TEXT.index(QUOTE)
        picture = await client.get(f"{PAGE}/2/{quote(NAME)}?from={start}&to={start + len(QUOTE)}")
        assert picture.headers["content-type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
        again = await client.get(picture.url, headers={"if-none-match": picture.headers["etag"]})
        assert again.status_code == 304
        plain = await client.get(f"{PAGE}/2/{quote(NAME)}")
        assert plain.content != picture.content


async def test_a_page_is_turned(builder: Builder, tmp_path: Path) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        put(house, tmp_path)
        page = await read(client, f"{HREF}?page=3")
        assert f"{PAGE}/3/" in page
        assert "<mark" not in page
        assert 'rel="next" href="' + HREF not in page
        # Without a place it opens at its beginning, and a page that says nothing at the one before.
        assert f"{PAGE}/1/" in await read(client, HREF)
        assert f"{PAGE}/3/" in await read(client, f"{HREF}?page=99")
        assert (await client.get(f"{HREF}?page=0")).status_code == 422


async def test_other_words_in_the_place_of_a_quote_are_not_marked(builder: Builder, tmp_path: Path) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        put(house, tmp_path)
        address = HREF + cited() + "&page=2"
        put(house, tmp_path, TEXT.replace("night the quiet", "noon the lively"))
        page = await read(client, address)
        assert "the course has changed" in page
        assert "<mark" not in page
        assert "the quoted words marked" not in page
        assert f"{PAGE}/2/" in page


async def test_a_quote_that_is_not_on_the_page_is_marked_in_the_text_alone(builder: Builder, tmp_path: Path) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        text = TEXT.replace("small pores", "tiny openings")
        put(house, tmp_path, text)
        page = await read(client, HREF + cited("tiny openings", text))
        assert '<mark id="quote">tiny openings</mark>' in page
        assert f"{PAGE}/" in page
        assert "the quoted words marked" not in page


async def test_pages_with_exercises_are_for_those_who_look_after_the_course(builder: Builder, tmp_path: Path) -> None:
    """Their text knows nothing of the exercises; the picture and the file would give them away."""
    async with builder.open() as house:
        put(house, tmp_path, extra="Answer: the guard cells swell with water and so the pore opens.")
        item = ItemMaterial(COURSE, NAME, ItemKind.FREE_RESPONSE, "Why?", (), "It swells.", 0, 0)
        async with house.client(house.person()) as student, house.client(house.person(Role.TRAINER)) as trainer:
            assert (await student.get(f"{PAGE}/2/{quote(NAME)}")).status_code == 200
            for address in (f"{PAGE}/3/{quote(NAME)}", FILE):
                assert (await student.get(address)).status_code == 404
                assert (await trainer.get(address)).status_code == 200
            page = await read(student, f"{HREF}?page=3")
            assert "shown as a picture: it holds exercises" in page
            assert "<img" not in page
            assert FILE not in page
            put(house, tmp_path, items=(item,))
            assert (await student.get(f"{PAGE}/1/{quote(NAME)}")).status_code == 404
            assert (await student.get(f"{PAGE}/3/{quote(NAME)}")).status_code == 200
            assert (await student.get(FILE)).status_code == 404
            assert (await trainer.get(f"{PAGE}/1/{quote(NAME)}")).status_code == 200


async def test_the_file_opens_in_the_browser_and_runs_nothing(builder: Builder, tmp_path: Path) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        put(house, tmp_path)
        answer = await client.get(FILE)
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''The%20leaf.pdf"
        assert "script-src" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "private, no-cache"
        part = await client.get(FILE, headers={"range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"%PDF")


async def test_an_operator_may_keep_the_files_from_learners(builder: Builder, tmp_path: Path) -> None:
    async with builder.open(share_originals=False) as house:
        put(house, tmp_path)
        async with house.client(house.person()) as student, house.client(house.person(Role.REVIEWER)) as reviewer:
            for address in (f"{PAGE}/2/{quote(NAME)}", FILE):
                assert (await student.get(address)).status_code == 404
                assert (await reviewer.get(address)).status_code == 200
            assert QUOTE in await read(student, HREF)


@pytest.mark.parametrize("path", ["none.pdf", "leaves.md", "../" + NAME, quote(NAME) + "/..", "%2e%2e/diotima.db"])
async def test_nothing_but_a_document_of_the_course_is_served(builder: Builder, tmp_path: Path, path: str) -> None:
    async with builder.open() as house:
        put(house, tmp_path)
        house.system.store.library.put_course(Course("other", "Other", "en"))
        async with house.client(house.person(Role.TRAINER)) as client:
            for kind in ("page/1", "file"):
                assert (await client.get(f"/courses/{COURSE}/{kind}/{path}")).status_code in (404, 422)
                assert (await client.get(f"/courses/other/{kind}/{quote(NAME)}")).status_code == 404
            for number in (4, 1_000_000):
                assert (await client.get(f"{PAGE}/{number}/{quote(NAME)}")).status_code == 404
        async with house.client() as nobody:
            for address in (f"{PAGE}/1/{quote(NAME)}", FILE):
                assert (await nobody.get(address)).status_code in (303, 401)


async def test_a_damaged_file_leaves_the_text(builder: Builder, tmp_path: Path) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        data = b"%PDF-1.7 and nothing else"
        sha256 = hashlib.sha256(data).hexdigest()
        document = Document(COURSE, NAME, "The leaf", sha256, "application/pdf", 5, (), "en", TEXT, anchors=ANCHORS)
        house.system.store.library.put_document(document, "folder", [], [])
        Originals(house.system.settings.data_dir.resolve() / "originals").keep(NAME, sha256, data)
        page = await read(client, HREF + cited())
        assert f'<mark id="quote">{QUOTE}</mark>' in page
        assert "<img" not in page
        assert (await client.get(f"{PAGE}/1/{quote(NAME)}")).status_code == 404


async def test_where_no_picture_can_be_kept_the_text_is_read(builder: Builder, tmp_path: Path) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        put(house, tmp_path)
        cache = house.system.settings.data_dir / "cache"
        cache.mkdir(exist_ok=True)
        (cache / "pages").write_text("in the way")  # as a full disk is
        page = await read(client, HREF + cited())
        assert f'<mark id="quote">{QUOTE}</mark>' in page
        assert "<img" not in page
        (cache / "pages").unlink()
        assert "<img" in await read(client, HREF + cited())


async def test_a_transcript_shows_its_times(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        anchors = (
            Anchor(0, second=1.0),
            Anchor(TEXT.index("Stomata"), second=751.4),
            Anchor(TEXT.index("Roots"), second=3700),
        )
        document = Document(COURSE, "talk.vtt", "Talk", "0", "text/vtt", 6, (), "en", TEXT, anchors=anchors)
        house.system.store.library.put_document(document, "folder", [], [])
        page = await read(client, f"/courses/{COURSE}/read/talk.vtt" + cited())
        assert f'<mark id="quote">{QUOTE}</mark>' in page
        for second, shown in ((1, "0:01"), (751, "12:31"), (3700, "1:01:40")):
            assert f'id="second-{second}" href="#second-{second}"' in page
            assert f">{shown}</a>" in page
        assert "<video" not in page
