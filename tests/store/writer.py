"""A process of its own that writes: ``python -m tests.store.writer URL NAME COUNT``.

Prints the sequence number of each append once it is committed. One turn goes to two streams at a time, so that a
reader can tell whether half an append was ever left behind.
"""

import sys

from tutor.domain import events as e
from tutor.ports import Append
from tutor.store.sql import SqlStore


def main(url: str, name: str, count: str) -> None:
    store = SqlStore(url, busy_seconds=30)
    for n in range(int(count)):
        turn = f"{name}-{n}"
        sent = Append("conversation:c1", (e.MessageSent(turn, turn, f"message {turn}"),), key=turn)
        met = Append("learner:ada", (e.MaterialMet("biology", "c1", turn, (f"passage-{turn}",), n),), key=turn)
        sys.stdout.write(f"{store.log.append(sent, met)[0].seq}\n")
        sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
