"""Numbers that decide which topics, scores and lists come out are data in ``models/`` or settings, not constants of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "relatedness"

# What a number at the top of a module may be, in the rooms that make topics, scores and lists. None of these changes which
# result is better: a tuning constant belongs into ``models/`` with a sentence, or into `Config`.
_LAYOUT = "how numbers are packed, marked or rounded: another value is another format"
_CODES = "names of cases"
_BOUND = "a bound on time or memory, met by no usual text"
_BATCH = "how much is done at once: changes speed only"
_COST = "what a step takes, in nanoseconds: chooses between ways to the same result"
_SHOWN = "how much of a text or report is shown"
_DEFINED = "part of what a term means, as the reference says it"
_ALLOWED = {
    "index": {
        _LAYOUT: {"_archive._CHECKED", "_listing._FIRST_UNITS", "_vocabulary._UNKNOWN"},
        _BATCH: {
            "_list_stages._MAPPED", "_lists._INFER_BLOCK", "_shared._MOST_READ", "_shared._MOST_REMEMBERED", "_stages._MERGED",
            "_stages._RUN", "_stages._SECTION", "_tagging._MODEL_BATCH", "_view._AT_ONCE", "_vocabulary._MOST_TERMS",
        },
        _BOUND: {"_distributed._END", "_state._MARKS"},
        _SHOWN: {"_check._MOST", "_distributed._FAULTS", "_listing._LONGEST_TITLE", "_story._LONGEST_TITLE"},
        _DEFINED: {"_listing.PERIOD_DAYS", "_plan._ALWAYS_REMOVED"},
    },
    "languages": {_BOUND: {"_segments._MOST"}},
    "quality": {
        _BATCH: {"_bootstrap._DRAWN"},
        _SHOWN: {"_audit._BANDS", "_audit._GAPS", "_bootstrap._LARGEST"},
    },
    "ranking": {
        _CODES: {
            "_choice.LISTED, NO_SCORE, BELOW_FLOOR, BELOW_CUTOFF, COPY_OF_RESULT, LITTLE_OVERLAP, BEYOND",
            "_counts.WORDS, PHRASES, TOPICS", "_counts.TITLE", "_counts._FIELDS",
            "_reason_words.ALONE, BEGINS, ENDS, PLAIN, SMALL, CAPITAL",
        },
        _LAYOUT: {
            "_choice.FREE", "_common_subjects._OTHER", "_common_subjects._UNREAD", "_counts._IMPORTANCE_UNIT", "_counts._NO_TOKENS",
            "_embeddings._FINE", "_embeddings._HASH_BYTES", "_embeddings._LARGEST", "_embeddings._MINILM_WIDTH", "_embeddings._MOST_TOKENS", "_explanation.DIGITS", "_explanation.UNITS",
            "_explanation._WIDTH", "_intrinsics.LANES", "_kernel.ROW", "_kernel.WEIGHT_BITS, WEIGHT",
            "_kernel.ZERO, TWO, THREE, FOUR", "_offer._NOTHING", "_recency.RECENCY_BITS", "_rows.DOT_BITS",
            "_rows.DOT_LIMIT", "_rows.NOBODY", "_rows.ONE", "_rows.SCORE_BITS", "_rows.SLACK",
            "_tokens.END_OF_SENTENCE", "_vectors.WEIGHT_BITS", "_vectors.WHOLE_TITLE", "_vocabulary.SQUARE_UNIT",
            "_written.BREAK",
        },
        _BATCH: {
            "_common_phrases._AT_A_TIME", "_common_phrases._RUNS", "_common_subjects._AT_A_TIME", "_counts._BLOCK", "_embeddings._BATCH",
            "_estimators._BLOCK", "_kernel._AHEAD", "_kernel._HALVINGS", "_pair_kernel._AHEAD", "_pair_kernel._LOOKS",
            "_packed_terms._BLOCK", "_pairs._BLOCK", "_plain._CELLS", "_shared_phrases._MOST_TOKENS", "_topk.CHUNK", "_topk._LARGEST_SEGMENT",
            "_topk._ROOM", "_topk._SMALLEST_SEGMENT",
        },
        _COST: {
            "_calibrate._PRODUCT_NS, _PAIR_NS", "_common_phrases._PAIR_NS", "_compiling._PATIENCE", "_compiling._spent",
            "_contexts._SHARED_NS", "_embeddings._NUMBER_NS", "_lists._CHOICE_NS", "_offer._ENTRY_NS",
            "_pairs._NEIGHBOUR_NS, _DOT_NS, _CELL_NS", "_topk._ROW_NS, _PRODUCT_NS, _ENTRY_NS, _KEY_NS",
        },
        _BOUND: {"_calibrate._MOST_STEPS, _LONGEST_STEP, _LAST_STEP", "_recency._MOST_DAYS", "_shared_phrases._TAIL", "_tokens._MOST_ENDINGS"},
        _DEFINED: {"_shared_phrases._LONGEST"},
    },
    "topics": {
        _CODES: {"_gazetteer_file.CAPITALISED, EXACT, ANY_CASE, CAPITALS"},
        _LAYOUT: {"_fast_tagger.CODE_VERSION", "_gazetteer_file.FIRST_YEAR, LAST_YEAR"},
        _BATCH: {"_known_names.LARGEST_CACHE", "_readings._MOST_LETTERS"},
        _BOUND: {
            "_capital_names._LONGEST", "_across_runs._LONGEST", "_fast_tagger._FARTHEST", "_half_names._LONGEST", "_japanese._MOST", "_language._LONGEST",
            "_language._LONGEST_TAIL", "_learn_names._AROUND", "_learn_names._SHORTEST_FORM", "_other_languages._LONGEST",
        },
    },
}  # fmt: skip


def _numbers(room: str) -> Iterator[str]:
    """The names that modules of a room give to numbers, as ``module.NAME``."""
    for path in sorted((PACKAGE / room).glob("*.py")):
        for line in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                isinstance(line, ast.Assign | ast.AnnAssign)
                and line.value is not None
                and _is_number(line.value)
            ):
                target = line.targets[0] if isinstance(line, ast.Assign) else line.target
                yield f"{path.stem}.{ast.unparse(target).strip('()')}"


def _is_number(value: ast.expr) -> bool:
    """Whether a value is made of numbers, and of nothing that has a meaning apart from them, as a pattern has."""
    parts = list(ast.walk(value))
    literals = [part.value for part in parts if isinstance(part, ast.Constant)]
    return (
        any(isinstance(one, int | float) and not isinstance(one, bool) for one in literals)
        and not any(isinstance(one, str | bytes) for one in literals)
        and not any(isinstance(part, ast.comprehension | ast.Subscript | ast.Lambda) for part in parts)
    )


@pytest.mark.parametrize("room", sorted(_ALLOWED))
def test_numbers_that_decide_about_results_are_data(room: str) -> None:
    allowed = {name for names in _ALLOWED[room].values() for name in names}
    found = set(_numbers(room))
    assert found - allowed == set(), "move these to models/ or config.py, or say here which kind they are"
    assert allowed - found == set(), "these no longer exist: take them out of the list"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("5", True), ("-0.5", True), ("(0.5, 2.0)", True), ("1 << 20", True), ("np.uint64(3)", True),
     ("{1: 0.5}", True), ("True", False), ("re.compile('a{2}')", False), ("('a', 1)", False), ("OTHER", False)],
)  # fmt: skip
def test_what_counts_as_a_number(value: str, expected: bool) -> None:
    assert _is_number(ast.parse(value, mode="eval").body) is expected
