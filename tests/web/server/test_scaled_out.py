"""Two server processes, one PostgreSQL, one ``chroma run`` and one folder of files, as docs/scaling.md sets them up."""

import os
import signal
from pathlib import Path

from tests.conftest import Backend
from tests.postgres import Cluster
from tests.web.server.harness import COURSE, MATERIAL, Page, eventually
from tests.web.server.processes import begun, chroma, opened, server, signed_in, uploaded, with_course
from tutor.domain import events as e
from tutor.domain.accounts import Role

MORE = """# Roots

## What roots drink

Root hairs take up water and minerals from the soil. Mycorrhiza is a fungus that helps them.
"""


async def test_two_servers_share_everything_and_one_of_them_dies(
    tmp_path: Path, postgresql_backend: Backend, cluster: Cluster
) -> None:
    url = postgresql_backend.url
    with opened(url) as store:
        with_course(store)
        ada, trainer = signed_in(store), signed_in(store, "trainer", Role.TRAINER)

        def embedded(count: int) -> bool:
            states = store.library.documents(COURSE)
            return len(states) == count and all(state.embedded == state.passages for state in states)

        def indexers() -> int:
            query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database <> 0"
            with store._db.outside() as connection:
                return int(connection.exec_driver_sql(query).scalar_one())

        def modes(talk: str) -> list[str]:
            log = store.log.read(e.conversation_stream(talk))
            return [one.event.mode for one in log if isinstance(one.event, e.PassagesRetrieved)]

        async with chroma(tmp_path / "vectors") as vectors:
            shared = {
                "database_url": url,
                "chroma_url": vectors,
                "files_dir": str(tmp_path / "files"),
                "embedder": "hashing",
                "scripted_seconds_per_word": 0.05,
                "chat_model": "scripted",
            }
            async with server(tmp_path / "a", **shared) as a, server(tmp_path / "b", **shared) as b:
                assert await uploaded(a, trainer) == 303
                await eventually(lambda: embedded(1), 60)
                assert indexers() == 1
                # What one server took in, the other finds, by words and by meaning, as soon as it has caught up.
                talk = await begun(b, ada)
                for house, name in ((b, "b"), (a, "a")):
                    async with house.page(ada, talk) as page:

                        async def found_by_meaning(page: Page = page, name: str = name) -> bool:
                            await page.ask(client_id=f"{name}{len(page.frames)}")
                            assert (await page.until("finished"))["outcome"] == "complete"
                            return modes(talk)[-1] == "hybrid"

                        await eventually(found_by_meaning, 60)
                # One dies in the middle of a turn; whoever listened on the other is told, and goes on there.
                async with a.page(ada, talk) as on_a, b.page(ada, talk) as on_b:
                    turn = (await on_a.ask(client_id="m3"))["turn"]
                    await on_b.until("message")
                    os.kill(a.process.pid, signal.SIGKILL)
                    await a.process.wait()
                    assert (await on_b.until("interrupted"))["turn"] == turn
                    await on_b.say(type="retry", client_id="m4", turn=turn)
                    assert (await on_b.until("finished"))["outcome"] == "complete"
                # Whichever worked on the indexes: the one that is left does now.
                assert await uploaded(b, trainer, "roots.md", MORE) == 303
                await eventually(lambda: embedded(2), 60)
                assert indexers() == 1
                assert (tmp_path / "files" / "material" / COURSE / "leaves.md").read_text() == MATERIAL
