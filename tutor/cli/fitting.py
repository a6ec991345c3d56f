"""``fit``: what the answers teach about how hard things are."""

from typing import Annotated

import typer

from tutor.cli.opening import opened, table
from tutor.domain.errors import InvalidInput


def fit(course: Annotated[str, typer.Option(help="Only this course.")] = "") -> None:
    """Learn from all answers how hard questions are and what tells most, and let the learner model count with it."""
    from tutor.services.adopting import practised_courses, refit

    with opened() as system:
        courses = (course,) if course else practised_courses(system.store)
        if not courses:
            raise InvalidInput("Nobody was graded yet, so there is nothing to learn from.")
        rows = []
        for name in courses:
            try:
                done = refit(system.store, name)
            except InvalidInput as problem:
                if course:
                    raise
                rows.append((name, "-", "-", "-", str(problem)))
                continue
            news = f"adopted for {done.adopted}" if done.adopted else "nothing new"
            rows.append((done.course, str(done.answers), str(done.learners), done.version, news))
        table(("course", "answers", "learners", "parameters", ""), list(rows))
