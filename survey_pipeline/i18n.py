"""Words for people: an English text, its values, and the catalogue that translates it.

The English text is the key of the catalogue (gettext's way), so code reads naturally and a missing
translation still says something. Stored records keep the text and the values apart
(`Message.to_json`), so that a note written under one locale can be shown under another.
`scripts/catalogue` gathers the texts into `locale/` and compiles what is translated there.

`{organisation}` in any text is the office that asks, by its configured name. A process serves one
workspace: `app.py` gives the name when it opens it.
"""

import gettext as _gettext
import json
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any

from survey_pipeline.frozen import frozen

DOMAIN = "survey_pipeline"
LOCALES = ("zh_CN", "en")
ORGANISATION = "市评议办"
"""The name of the office that asks, where the configuration gives none."""
_DIRECTORY = Path(__file__).parent / "locale"
_PLACE = "{organisation}"
_named = {_PLACE: ORGANISATION}


@cache
def catalogue(locale: str) -> _gettext.NullTranslations:
    """Return the message catalogue of a locale; English texts are the keys themselves."""
    return _gettext.translation(DOMAIN, _DIRECTORY, languages=[locale], fallback=True)


def name_organisation(name: str) -> None:
    """Name the office that asks in every text of this process, from now on."""
    _named[_PLACE] = name


def with_organisation(text: str) -> str:
    """Return `text` with the name of the office that asks in the place of `{organisation}`."""
    return text.replace(_PLACE, _named[_PLACE]) if _PLACE in text else text


def translate(text: str, locale: str) -> str:
    """Return `text` in `locale`, or as it is where the catalogue does not have it."""
    return with_organisation(catalogue(locale).gettext(text))


def N_(text: str) -> str:  # noqa: N802 - gettext's own name: mark now, translate later
    """Mark a text for the catalogue and return it unchanged."""
    return text


@frozen
class Message:
    """A sentence with named placeholders, translated only when it is shown."""

    text: str
    params: dict[str, object] = field(default_factory=dict)

    def render(self, locale: str = "en") -> str:
        """Return the sentence in `locale` with its values filled in; a `Message` among them too."""
        if not self.text:
            return ""
        values = {
            name: value.render(locale) if isinstance(value, Message) else value
            for name, value in self.params.items()
        }
        words = catalogue(locale).gettext(self.text)
        return words.format_map({"organisation": _named[_PLACE], **values})

    def __str__(self) -> str:
        return self.render()

    def to_json(self) -> str:
        """Return the stored form: text and values, keys sorted."""
        return json.dumps(self._plain(), ensure_ascii=False, sort_keys=True)

    def _plain(self) -> dict[str, object]:
        params = {
            name: value._plain() if isinstance(value, Message) else str(value)
            for name, value in self.params.items()
        }
        return {"text": self.text, "params": params}

    @classmethod
    def from_json(cls, stored: str) -> "Message":
        """Read what `to_json` wrote."""
        return cls._of(json.loads(stored))

    @classmethod
    def _of(cls, data: dict[str, Any]) -> "Message":
        params = {
            name: cls._of(value) if isinstance(value, dict) else value
            for name, value in data["params"].items()
        }
        return cls(data["text"], params)


CODED = N_("{code}{word:.0}")
"""English shows the code, Chinese the word: `.0` writes nothing of the other."""


def coded(code: str, word: object) -> Message:
    """Return a stored word for a sentence: its code in English, in Chinese what people call it.

    Args:
        code: as it is stored and typed.
        word: its Chinese, or a `Message` of the catalogue.
    """
    return Message(CODED, {"code": code, "word": word})
