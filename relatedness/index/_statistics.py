"""The statistics of an index's corpus, frozen until they are fitted again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relatedness.index._tagging import stored_names, stored_templates
from relatedness.ranking import Calibration, FittedVocabulary, UsualMeaning
from relatedness.storage import Store
from relatedness.templates import TemplateText
from relatedness.topics import (
    Gazetteer,
    Lexicon,
)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The statistics of an index's corpus, frozen until they are fitted again.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> statistics = Statistics.load(index._store)
    >>> statistics.vocabulary.n_events, statistics.vocabulary.terms[:3]
    (2, ['isil', 'seiz', 'mosul'])
    """

    vocabulary: FittedVocabulary
    gazetteer: Gazetteer  # the shipped one, with the user's own lines
    lexicon: Lexicon  # the names that the tagger learned from the corpus
    # Text that recurs across the corpus and says nothing about an event, such as form headings.
    templates: TemplateText
    floor: int  # in the kernel's units, from `relatedness.ranking.Noise`
    fitted: str  # the time of the fit in UTC, ISO 8601
    traits: NDArray[np.uint8]  # shape (n_columns,): from `relatedness.ranking.column_traits`
    common: UsualMeaning
    calibration: Calibration  # from `relatedness.ranking.calibrate`

    @classmethod
    def load(cls, store: Store) -> Statistics:
        """Read the statistics of an index, all terms of its vocabulary included.

        Raises
        ------
        IndexFormatError
            If the stored arrays do not fit together.
        """
        statistics = store.meta("statistics")
        terms, channels, frequency, weight = list(zip(*store.all_terms(), strict=True)) or ((), (), (), ())
        vocabulary = FittedVocabulary(
            n_events=int(statistics["n_events"]),
            pivots=[float(pivot) for pivot in statistics["pivots"]],
            terms=list(terms),
            channels=np.array(channels, dtype=np.uint8),
            frequency=np.array(frequency, dtype=np.int64),
            weight=np.array(weight, dtype=np.float64),
        )
        traits = store.array("traits")
        if len(traits) != len(terms):
            raise store.damaged("its arrays do not fit together")
        calibration = Calibration.from_record(statistics["calibration"])
        gazetteer, lexicon = stored_names(store)
        return cls(
            vocabulary=vocabulary,
            gazetteer=gazetteer,
            lexicon=lexicon,
            templates=stored_templates(store),
            floor=int(statistics["floor"]),
            fitted=str(statistics["fitted"]),
            traits=traits,
            common=UsualMeaning.from_record(statistics),
            calibration=calibration,
        )
