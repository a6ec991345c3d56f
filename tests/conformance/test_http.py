"""Every route held to its own description by requests that schemathesis makes up; ``bench.conformance`` makes 5,000.

What is made up depends on the seed alone, so a failure comes again.
"""

from pathlib import Path

import pytest

from bench._conformance_http import fuzz, room
from tutor.domain.accounts import Role

# What the requests library leaves to the garbage collector: a pooled connection that a redirect or a stream ended.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
SEED = 11


def test_no_request_breaks_the_server_and_every_answer_is_described(tmp_path: Path) -> None:
    with room(tmp_path) as found:
        tally = fuzz(found, 260, SEED, roles=(Role.STUDENT, Role.ADMIN))
    assert tally.failures == []
    assert tally.crashes == 0
    assert len(tally.operations) > 60
    # The requests reach what there is: they are answered, refused and not found in turn.
    assert all(tally.statuses[status] > 10 for status in (200, 404, 422))
