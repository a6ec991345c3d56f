"""A stored profile is only a shortcut: one that an older fold made, or that nobody can read, is folded anew."""

import json

import pytest
import sqlalchemy as sa

from tests.conftest import Backend
from tests.domain.learning import answer
from tutor.domain import events as e
from tutor.domain import learner
from tutor.ports import Append
from tutor.store.sql.tables import learners

STREAM = e.learner_stream("ada")


@pytest.mark.parametrize("kept", [{}, {"made_by": learner.FOLD - 1}, {"made_by": learner.FOLD, "courses": 7}])
def test_a_snapshot_of_another_fold_counts_for_nothing(sql_backend: Backend, kept: dict[str, object]) -> None:
    store = sql_backend.open()
    store.log.append(Append(STREAM, (e.LearnerJoined("es"), answer("a-0"), answer("a-1", right=False))))
    folded = store.learners.profile("ada")
    assert folded.course("biology").answers == 2
    engine = sa.create_engine(sql_backend.url)
    with engine.begin() as connection:
        stored = json.loads(connection.execute(sa.select(learners.c.profile)).scalar_one())
        assert stored["made_by"] == learner.FOLD
        changed = {"last_seq": 3, "language": "ar", **kept}
        connection.execute(learners.update().values(profile=json.dumps(changed)))
    engine.dispose()
    store = sql_backend.open()
    assert store.learners.profile("ada") == folded
    store.log.append(Append(STREAM, (answer("a-2"),)))
    recorded = store.log.read(STREAM)
    assert store.learners.profile("ada") == learner.fold((r.event, r.seq, r.at) for r in recorded)
