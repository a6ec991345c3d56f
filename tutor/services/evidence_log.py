"""Learners' histories as arrays, for ``tutor.services.replaying``."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tutor.domain.assessment import JUDGED
from tutor.domain.events import EvidenceObserved
from tutor.domain.knowledge import Knowledge, Weighed
from tutor.domain.tracing import weighed
from tutor.domain.tracing_parameters import Model
from tutor.services.replaying import Log

History = Sequence[tuple[EvidenceObserved, datetime]]


def gathered(histories: Sequence[History], model: Model) -> Log:
    """The judged evidence of many learners in one course; ``model`` says how far kinds of evidence count."""
    import numpy as np

    judged = [[pair for pair in history if pair[0].verdict in JUDGED and pair[0].kcs] for history in histories]
    kept = sorted((history for history in judged if history), key=len, reverse=True)
    lengths = np.array([len(history) for history in kept], dtype=np.int64)
    steps = int(lengths.max(initial=0))
    # Learners are sorted by length, so those with a t-th answer are the first ones.
    active = np.searchsorted(-lengths, -np.arange(steps), side="left")
    starts = np.concatenate([[0], np.cumsum(active)]).astype(np.int64)

    items: dict[str, int] = {}
    kcs: dict[str, int] = {}
    groups: dict[tuple[str, ...], tuple[int, ...]] = {}
    item_of, group_of, seen_of, weight, difficulty, times, learner_of = [], [], [], [], [], [], []
    plain = {True: Weighed(1.0, unaided=True), False: Weighed(0.0)}
    for learner, history in enumerate(kept):
        state = Knowledge()
        for evidence, at in history:
            item_of.append(items.setdefault(evidence.item, len(items)))
            group = groups.get(evidence.kcs)
            if group is None:
                names = sorted(set(evidence.kcs))
                group = groups[evidence.kcs] = tuple(kcs.setdefault(kc, len(kcs)) for kc in names)
            group_of.append(group)
            if _is_plain(evidence):
                seen_of.append(plain[evidence.credit == 1.0])
                weight.append(1.0)
            else:
                unaided = evidence.opportunity and evidence.hint_level == 0
                weight.append(min(1.0, max(0.0, evidence.certainty)) if unaided else 0.0)
                seen_of.append(weighed(evidence, state, model))
                if evidence.seconds is not None and evidence.seconds > 0.0:
                    timed = state.timed + 1
                    pace = state.pace + (math.log(evidence.seconds) - state.pace) / min(timed, 20)
                    state = replace(state, pace=pace, timed=timed)
            difficulty.append(evidence.difficulty)
            times.append(at.timestamp())
            learner_of.append(learner)

    within = np.concatenate([np.arange(length) for length in lengths]) if kept else np.zeros(0, dtype=np.int64)
    who = np.array(learner_of, dtype=np.int64)
    by_step = np.lexsort((who, within))
    who, item = who[by_step], np.array(item_of, dtype=np.int64)[by_step]
    groups_sorted = [group_of[row] for row in by_step]
    first = np.concatenate([[0], np.cumsum([len(group) for group in groups_sorted])]).astype(np.int64)
    kc = np.array([kc for group in groups_sorted for kc in group], dtype=np.int64)
    meeting = np.repeat(who, np.diff(first))
    _, trace = np.unique(meeting * max(1, len(kcs)) + kc, return_inverse=True)
    _, memory = np.unique(who * max(1, len(items)) + item, return_inverse=True)
    table = np.array([(s.credit, s.up, s.down, s.opportunity) for s in seen_of], dtype=float).reshape(-1, 4)[by_step]
    return Log(
        learners=len(kept),
        starts=starts,
        learner=who,
        item=item,
        memory=memory.astype(np.int64),
        first=first,
        kc=kc,
        trace=trace.astype(np.int64),
        credit=table[:, 0],
        up=table[:, 1],
        down=table[:, 2],
        counts=table[:, 3] > 0,
        weight=np.array(weight)[by_step],
        difficulty=np.array(difficulty)[by_step],
        times=np.array(times)[by_step],
        items=list(items),
        kcs=list(kcs),
    )


def _is_plain(evidence: EvidenceObserved) -> bool:
    """An unaided first try, right or wrong for sure: what most of any log consists of."""
    return (
        evidence.seconds is None
        and evidence.confidence is None
        and evidence.hint_level == 0
        and evidence.certainty == 1.0
        and evidence.opportunity
        and (evidence.credit == 1.0 or evidence.credit == 0.0)
    )
