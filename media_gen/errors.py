"""The errors of this room.

MediaError
|- ScriptInvalid      the deck or lesson can't be read; data: line, slide
|- AssetMissing       a picture or clip that the lesson names is not there, or not allowed; data: asset, slide
|- LanguageUnknown    no language file of that tag; data: language
|- SlideFailed        a slide can't be set; data: slide
|- SpeechFailed       no voice could speak a sentence; data: engine, language
|  |- VoiceMissing    the engine or the voice is not installed here, or does not speak the language
|  `- VoiceBusy       an online engine refused for now (429, 5xx); retrying helps
|- TranslationFailed  the engine failed; data: engine, source, target
|  `- CannotTranslate the engine can't do this pair of languages
|- RenderCancelled    somebody asked to stop
`- ChecksFailed       the film is not fit to publish; data: findings
"""

from typing import Any, ClassVar


class MediaError(Exception):
    """Base of all errors that this room raises on purpose. The message is for the person who wrote the script."""

    code: ClassVar[str] = "media_error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str = "", **data: Any) -> None:
        super().__init__(message or self.code)
        self.data: dict[str, Any] = data


class ScriptInvalid(MediaError):
    code = "script_invalid"


class AssetMissing(MediaError):
    code = "asset_missing"


class LanguageUnknown(MediaError):
    code = "language_unknown"


class SlideFailed(MediaError):
    code = "slide_failed"


class SpeechFailed(MediaError):
    code = "speech_failed"


class VoiceMissing(SpeechFailed):
    code = "voice_missing"


class VoiceBusy(SpeechFailed):
    code = "voice_busy"
    retryable = True


class TranslationFailed(MediaError):
    code = "translation_failed"
    retryable = True


class CannotTranslate(TranslationFailed):
    code = "cannot_translate"
    retryable = False


class RenderCancelled(MediaError):
    code = "render_cancelled"


class ChecksFailed(MediaError):
    code = "checks_failed"
