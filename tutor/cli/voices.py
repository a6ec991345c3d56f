"""``diotima voices``: who speaks which language here."""

from typing import Annotated

import typer

from tutor.cli.opening import settings_given, table


def voices(
    lang: Annotated[list[str] | None, typer.Option(help="Only these languages; all otherwise.")] = None,
) -> None:
    """List the voices of each language, best first. The one marked * speaks unless the script (voice: kokoro:af_heart)
    or --voice asks for another."""
    from media_gen.language import available
    from media_gen.speech.engines import every
    from tutor.services.film_means import voices as found

    engines = every(settings_given().models_dir)
    try:
        rows = [
            (
                voice.language,
                "*" if voice.default else "",
                voice.wanted_as,
                voice.lacks or ("here; sends the text away" if voice.online else "here"),
            )
            for tag in lang or available()
            for voice in found(tag, engines)
        ]
    finally:
        for engine in engines:
            engine.close()
    table(("language", "", "voice", ""), rows)
