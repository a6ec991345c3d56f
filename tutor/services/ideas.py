"""A model answer taken apart into the ideas it holds: the expectations of a harvested question.

Sentences are the unit; one that leans on the sentence before it ("It then ...") stays with it, and a sentence of two
full clauses is parted. What only gives an example or speaks to the teacher is no idea.
"""

import re
from collections.abc import Sequence

from retrieval.sentences import sentences
from retrieval.terms import query_terms

MOST = 4  # ideas that one answer can be asked to hold; a learner who has to say ten things gives up
LONGEST = 45  # words of an idea that leaning sentences may grow to
SHORTEST_CLAUSE = 5  # words

_OPENING = re.compile(
    r"^(?:(?:and|but|so|yet|y|pero|und|aber)\s+|(?:specifically|therefore|thus|hence|consequently|however|moreover|"
    r"furthermore|in addition|additionally|also|as a result|in other words|in fact|finally|además|por lo tanto|"
    r"sin embargo|por tanto|außerdem|daher|deshalb),\s+)+",
    re.I,
)
_LEANING = re.compile(
    r"^(?:(?:it|its|they|their|them|this|these|those|he|she|his|her|here|estos?|estas?|ellos|ellas|dies(?:e[rsnm]?)?|"
    r"sie|es)\b|"
    r"(?:both|each|neither|one|some|others?|another)\s+(?:is|are|was|were|has|have|can|will|of (?:them|these))\b)",
    re.I,
)
_EXAMPLE = re.compile(
    r"^(?:for (?:example|instance)|an? example|examples? (?:are|is|include)|one (?:possibility|example)|por ejemplo|"
    r"zum beispiel|e\.g\.|مثلا|على سبيل المثال)",
    re.I,
)
_ASIDE = re.compile(
    r"\b(?:answers? (?:will|may|can|might|could)?\s*vary|student answers?|students? (?:should|may|might)|"
    r"possible answers?|accept (?:any|all)|las respuestas (?:variarán|pueden variar))\b",
    re.I,
)
# Where a second full clause begins.
_JOINT = re.compile(
    r";\s+(?:and\s+|but\s+|however,?\s+|therefore,?\s+)?|"
    r",\s+(?:whereas|while|but)\s+(?!(?:not|also|rather|instead|only|still|is|are|was|were|has|have|had|do|does|did|can|"
    r"could|may|might|must|will|would|should|never)\b)|"
    r",\s+and\s+(?=(?:the|a|an|it|they|this|these|its|their|each|both|most|some|all)\s)",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|can|could|may|might|must|will|would|should|do|does|did|"
    r"[a-z]{3,}(?:ates?|izes?|ises?|ifies|ify)|become|becomes|contain|contains|make|makes|give|gives|take|takes|form|"
    r"forms|occur|occurs|require|requires|cause|causes|allow|allows|help|helps|use|uses|lead|leads|remain|remains)\b",
    re.I,
)


def speaks_to_teacher(answer: str) -> bool:
    """Whether the book says that answers differ: such a model answer is one of many."""
    return bool(_ASIDE.search(answer))


def ideas(question: str, answer: str, language: str | None) -> tuple[str, ...]:
    """The ideas of ``answer``, in its order and words; at least one where it says anything at all."""
    said = [answer[found.start : found.end].strip() for found in sentences(answer)] or [answer.strip()]
    kept = [one for one in said if not _EXAMPLE.match(one) and not _ASIDE.search(one)] or said
    parts = [clause for one in _leaning_joined(kept) for clause in _clauses(one)]
    asked = set(query_terms(question, language))
    weights = [_weight(part, at, asked, language) for at, part in enumerate(parts)]
    best = sorted(sorted(range(len(parts)), key=lambda at: (-weights[at], at))[:MOST])
    return tuple(_polished(parts[at]) for at in best)


def _weight(part: str, place: int, asked: set[str], language: str | None) -> float:
    """How much an idea belongs to the answer: of a long one, what takes up the question's words counts, and what comes
    first. Nothing is left out for adding no word: "outside" may be the whole answer to "inside or outside?"."""
    words = set(query_terms(part, language))
    return 1.5 * len(words & asked) + 0.25 * min(len(words - asked), 6) - 0.3 * place


def sub_questions(question: str) -> tuple[str, ...]:
    """The questions a prompt asks one after the other; none where it asks a single one."""
    found = [question[each.start : each.end].strip() for each in sentences(question)]
    asking = tuple(one for one in found if one.endswith(("?", "？", "؟")))
    return asking if len(asking) > 1 else ()


def asks_for(idea: str, asked: Sequence[str], language: str | None) -> str:
    """The one of several questions that ``idea`` answers, by the words they share; empty where that isn't plain."""
    words = set(query_terms(idea, language))
    shared = sorted(((len(words & set(query_terms(one, language))), one) for one in asked), reverse=True)
    return shared[0][1] if len(shared) > 1 and shared[0][0] > shared[1][0] else ""


def _leaning_joined(said: Sequence[str]) -> list[str]:
    found: list[str] = []
    for one in said:
        plain = _OPENING.sub("", one)
        if found and _LEANING.match(plain) and len(found[-1].split()) + len(one.split()) <= LONGEST:
            found[-1] = f"{found[-1]} {one}"
        else:
            found.append(one)
    return found


def _clauses(sentence: str) -> list[str]:
    for joint in _JOINT.finditer(sentence):
        before, after = sentence[: joint.start()], sentence[joint.end() :]
        if _LEANING.match(after) or not (_stands(before) and _stands(after)):
            continue
        if "(" in before and ")" not in before[before.rindex("(") :]:
            continue
        return [f"{before.rstrip(' .')}.", *_clauses(after)]
    return [sentence]


def _stands(clause: str) -> bool:
    return len(clause.split()) >= SHORTEST_CLAUSE and bool(_VERB.search(clause))


def _polished(idea: str) -> str:
    plain = _OPENING.sub("", idea).strip()
    return plain[:1].upper() + plain[1:] if plain[:1].isalpha() else plain
