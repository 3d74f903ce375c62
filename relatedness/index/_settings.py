"""The settings and statistics that an index stores beside its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from relatedness import __version__
from relatedness.config import Config
from relatedness.index._state import State
from relatedness.index._statistics import Statistics
from relatedness.languages import ways_of
from relatedness.ranking import PARTS, Encoder, encoder_key
from relatedness.topics import Tagger, own_to_json


def settings_of(
    config: Config,
    *,
    state: State,
    tagger: Tagger,
    encoder: Encoder | None,
    statistics: Statistics,
    languages: Sequence[str],
    reading: Mapping[str, Any],
    numbered: bool,
) -> dict[str, Any]:
    """The settings that a new index keeps.

    Parameters
    ----------
    statistics : Statistics
        If they have no time of fitting, the present time is stored.
    languages : sequence of str
        The languages of its events.
    reading : mapping
        How the events were read.
    numbered : bool
        Whether ids come out as whole numbers.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    vocabulary = statistics.vocabulary
    return {
        "version": __version__,
        "built": now,
        "refreshed": None,
        **state.to_meta(),
        "config": config.to_dict(),
        "config_digest": config.digest,
        "tagger": tagger.key,
        "gazetteer": own_to_json(statistics.gazetteer.own),
        "lexicon": statistics.lexicon.to_json(),
        "templates": statistics.templates.to_json(),
        "encoder": None if encoder is None else encoder_key(encoder),
        "words": ways_of(languages),
        "statistics": {
            "n_events": vocabulary.n_events,
            "pivots": list(vocabulary.pivots),
            "floor": statistics.floor,
            **statistics.common.to_record(),
            "calibration": statistics.calibration.to_record(),
            "fitted": statistics.fitted or now,
            "changed_since": 0,
        },
        "parts": list(PARTS),
        "reading": dict(reading),
        "numbered": numbered,
    }
