"""What happens to a prompt before it is tokenized, by the manifest's `prompt_cleaning`."""

from __future__ import annotations

import html
import re

_SINGLE_QUOTES, _DOUBLE_QUOTES = re.compile("[\u02bc\u2018-\u201b]"), re.compile("[\u201c-\u201f]")


def clean(prompt: str, cleaning: str) -> str:
    """Returns the cleaned prompt: unchanged for `none`; for `web-text` as the public Wan pipelines clean it.

    They also call `ftfy`, which repairs wrongly decoded text. Of that, only straight quotes matter for a prompt that is
    decoded well: the tokenizer normalises the rest.
    """
    if cleaning == "none":
        return prompt
    if cleaning != "web-text":
        raise ValueError(f"prompt_cleaning: expected none or web-text, got {cleaning!r}")
    straight = _DOUBLE_QUOTES.sub('"', _SINGLE_QUOTES.sub("'", prompt))
    return re.sub(r"\s+", " ", html.unescape(html.unescape(straight))).strip()
