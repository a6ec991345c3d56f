"""The pages round the conversation: reading, material, review, settings."""

import json
import re
import zipfile
from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.rig import QUESTION, answered, ask, turns
from tutor.domain.accounts import Role
from tutor.llm.scripted import Say


async def test_reading_the_course_from_front_to_back(open_rig: Open) -> None:
    async with open_rig() as rig:
        page = await rig.signed_in(rig.house.person(), "/courses/energy-for-life")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Energy for life")
        await page.get_by_role("link", name="ATP, the cell's small change").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("ATP, the cell's small change")
        assert await page.locator("math").count() > 3
        await page.get_by_role("link", name="Next").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Enzymes, the matchmakers")
        await page.get_by_role("link", name="Previous").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("ATP, the cell's small change")
        await page.get_by_role("link", name="Ask about this").click()
        await expect(page.get_by_role("textbox", name="Your message")).to_have_value(
            "I have a question about “ATP, the cell's small change”: "
        )


async def test_a_passage_that_moved_is_said_to_be_missing(open_rig: Open) -> None:
    async with open_rig() as rig:
        path = "/courses/energy-for-life/read/1-energy/04-atp.md?from=999998&to=999999"
        page = await rig.signed_in(rig.house.person(), path)
        await expect(page.get_by_role("status")).to_contain_text("the course has changed")
        await expect(page.locator("mark")).to_have_count(0)


async def test_a_trainer_makes_a_course_and_a_student_asks_it(open_rig: Open, tmp_path: Path) -> None:
    async with open_rig([Say("Volcanoes melt rock [1].")]) as rig:
        page = await rig.signed_in(rig.house.person(Role.TRAINER), "/courses")
        await page.get_by_label("Title").fill("Volcanoes")
        await page.get_by_role("button", name="Create course").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Volcanoes")
        await expect(page.get_by_text("No documents yet.")).to_be_visible()
        file = tmp_path / "magma.md"
        file.write_text("# Magma\n\nA volcano brings magma, which is molten rock, to the surface.\n", encoding="utf-8")
        await page.get_by_label("Choose files").set_input_files(file)
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("link", name="Magma")).to_be_visible()
        await expect(page.locator(".job-status").first).to_have_text("Done")
        student = await rig.signed_in(rig.house.person(), "/chat?course=volcanoes")
        await ask(student, "What does a volcano bring to the surface?")
        turn = await answered(student)
        await turn.locator("a.source").first.click()
        await expect(student.locator(".passage #quote")).to_contain_text("molten rock")
        await page.get_by_role("button", name="Remove: Magma").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("link", name="Magma")).to_have_count(0)
        await expect(page.locator(".jobs li").first).to_contain_text("Removing “magma.md”")
        await student.get_by_role("button", name="Close").click()
        await turn.locator("a.source").first.click()
        await expect(student.get_by_role("alert")).to_have_text("This document is no longer part of the course.")
        await student.get_by_role("link", name="Course", exact=True).click()
        await student.get_by_role("navigation", name="Other courses").get_by_role("link").click()
        await expect(student).to_have_url(re.compile("/courses/"))


async def test_a_file_that_cannot_be_read_is_refused_with_words(open_rig: Open, tmp_path: Path) -> None:
    async with open_rig() as rig:
        page = await rig.signed_in(rig.house.person(Role.TRAINER), "/courses/energy-for-life/material")
        file = tmp_path / "film.mp4"
        file.write_bytes(b"\x00\x01")
        fine = tmp_path / "good.md"
        fine.write_text("# A good file\n\nMoss grows on the north side of the wall.\n", encoding="utf-8")
        await page.get_by_label("Choose files").set_input_files([file, fine])
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("alert")).to_contain_text("can't be taken")
        await expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text(["film.mp4"])
        await expect(page.get_by_role("link", name="A good file")).to_be_visible()


async def test_an_archive_is_taken_told_about_and_removed_as_one(open_rig: Open, tmp_path: Path) -> None:
    archive, letter = tmp_path / "rocks.zip", tmp_path / "letter.docm"
    letter.write_bytes(b"x")
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("1-magma.md", "# Magma chambers\n\nMagma is molten rock below the surface.")
        made.writestr("2-lava.md", "# Lava flows\n\nLava is molten rock above the surface.")
        made.writestr("../climbing.md", "# Climbing\n\nOut of the archive.")
    async with open_rig() as rig:
        page = await rig.signed_in(rig.house.person(Role.TRAINER), "/courses/energy-for-life/material")
        await expect(page.locator("#formats")).to_contain_text("PDF")
        await page.get_by_label("Choose files").set_input_files([archive, letter])
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("alert")).to_contain_text("Save it without macros")
        await expect(page.get_by_role("link", name="Lava flows")).to_be_visible()
        await page.locator(".jobs summary").first.click()
        await expect(page.locator(".jobs")).to_contain_text("rocks.zip/../climbing.md: this path leaves the archive.")
        await expect(page.get_by_role("row").filter(has=page.get_by_text("rocks.zip", exact=True))).to_contain_text(
            "2 doc"
        )
        await page.get_by_role("button", name="Remove: rocks.zip").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("link", name="Lava flows")).to_have_count(0)
        await expect(page.get_by_role("link", name="Magma chambers")).to_have_count(0)
        await expect(page.get_by_text("rocks.zip", exact=True)).to_have_count(0)


async def test_a_student_has_no_business_with_the_material(open_rig: Open) -> None:
    async with open_rig() as rig:
        for path in ("/courses", "/courses/energy-for-life/material", "/review"):
            page = await rig.signed_in(rig.house.person(), path)
            await expect(page.get_by_role("heading", name="This page isn't open to you")).to_be_visible()


async def test_a_reviewer_sees_why(open_rig: Open) -> None:
    async with open_rig() as rig:
        student = await rig.signed_in(rig.house.person())
        await ask(student)
        await answered(student)
        page = await rig.signed_in(rig.house.person(Role.REVIEWER), "/review")
        await page.get_by_role("searchbox").fill("cell pay")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name=QUESTION).click()
        main = page.get_by_role("main")
        await expect(main.locator(".passages > li").first).to_be_visible()
        await expect(main).to_contain_text("free_question")
        await expect(main.locator("pre.prompt").last).to_contain_text(QUESTION)
        await expect(main).to_contain_text("scripted")
        await expect(page.get_by_role("textbox")).to_have_count(0)


async def test_settings(open_rig: Open) -> None:
    async with open_rig() as rig:
        account = await rig.house.system.accounts.create("ada", "a first password", "Ada")
        page = await rig.visitor()
        await page.goto(rig.house.http + "/settings")
        await page.get_by_label("Username").fill("ada")
        await page.get_by_role("textbox", name="Password").fill("a first password")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("radio", name="As on this device")).to_be_checked()
        await page.get_by_label("Language of the interface").select_option("es")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ajustes")
        await page.get_by_label("Contraseña actual").fill("a first password")
        await page.get_by_label("Contraseña nueva", exact=True).fill("a second password")
        await page.get_by_label("Repite la contraseña nueva").fill("another password")
        await page.get_by_role("button", name="Cambiar la contraseña").click()
        await expect(page.get_by_role("alert")).to_contain_text("no son iguales")
        await page.get_by_label("Contraseña actual").fill("a first password")
        await page.get_by_label("Contraseña nueva", exact=True).fill("a second password")
        await page.get_by_label("Repite la contraseña nueva").fill("a second password")
        await page.get_by_role("button", name="Cambiar la contraseña").click()
        await expect(page.get_by_role("status")).to_contain_text("ha cambiado")
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="Descargar mis datos").click()
        path = await (await coming.value).path()
        assert json.loads(path.read_text(encoding="utf-8"))["account"]["username"] == "ada"
        await page.get_by_label("Escribe ada para confirmar").fill("no")
        await page.get_by_role("button", name="Borrarlo todo").click()
        await expect(page.get_by_role("alert")).to_contain_text("no se ha borrado nada")
        await page.get_by_label("Escribe ada para confirmar").fill("ada")
        await page.get_by_role("button", name="Borrarlo todo").click()
        await expect(page.get_by_role("status")).to_contain_text("Se han borrado tu cuenta")
        assert await rig.house.system.accounts.get(account.id) is None


async def test_a_conversation_to_take_along(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await answered(page)
        await expect(turns(page)).to_have_count(1)
        await page.get_by_role("button", name="More about").click()
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="Download").click()
        text = (await (await coming.value).path()).read_text(encoding="utf-8")
        assert text.startswith(f"# {QUESTION}")
        assert "quoting the course itself" in text
