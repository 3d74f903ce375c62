"""Numbers that decide which topics, scores and lists come out are data in ``models/`` or settings, not constants of a module;
those by which sources are read have names, and each says what it counts."""

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
_CALENDAR = "a fact of a calendar or of a program"
_TELLING = "how much shows what a column or a file holds: a rule of reading, which no weight can stand for"
_DEFINED = "part of what a term means, as the reference says it"
_ALLOWED = {
    "index": {
        _LAYOUT: {"_archive._CHECKED", "_listing._FIRST_UNITS", "_vocabulary._UNKNOWN"},
        _BATCH: {
            "_list_stages._MAPPED", "_lists._INFER_BLOCK", "_lists._MOST_KEPT", "_shared._MOST_READ", "_shared._MOST_REMEMBERED", "_stages._MERGED",
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
            "_counts.DISTINCTIVE, PLACE, NAMING", "_counts.WORDS, PHRASES, TOPICS", "_counts.TITLE", "_counts._FIELDS",
            "_reason_words.ALONE, BEGINS, ENDS, PLAIN, SMALL, CAPITAL, LAST",
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
    "sources": {
        _CALENDAR: {
            "_columns._WHOLE_DAY",
            "_date_calendars._BUDDHIST_AHEAD", "_date_numbers._EXCEL", "_date_numbers._JULIAN",
            "_date_numbers._JULIAN_EPOCH", "_date_spellings._BUDDHIST", "_date_spellings._BUDDHIST_YEARS",
            "_date_spellings._EPOCH", "_wikis._PARTS_OF_A_DAY", "_dates._CYCLE", "_xml._MOST_COLUMNS",
        },
        _TELLING: {
            "_cells._WITH_TEXT", "_csv._HEAD", "_date_calendars._FEWEST", "_dialects._YEARS", "_encodings._CLEARLY", "_encodings._FEW",
            "_encodings._SURE", "_evidence._BY_CELLS", "_evidence._LONGER", "_evidence._ROWS_OF_A_GUESS",
            "_evidence._WORDS_OF_A_LABEL", "_evidence._WORDS_OF_A_PHRASE", "_evidence._WORDS_OF_A_TEXT",
            "_evidence._WORDS_OF_A_TITLE", "_file._ZEROS, _OTHER_ZEROS", "_headers.PREAMBLE", "_holders._BEGUN",
            "_holders._SOME", "_json._BEGUN", "_json._LOOKED_AT", "_json._OBJECTS", "_names._LAST_RANK", "_names._LONG, _LONG_ASIDE", "_names._SHORT",
            "_names._MOST_TEXTS", "_names._WORDS_OF_AN_ID, _WORDS_OF_AN_ADDRESS, _WORDS_OF_A_NAME",
            "_page_records._LONGEST_MARKED, _LONGEST_UNDERLINED, _LONGEST_RELEASED, _LONGEST_BEHIND",
            "_reading._BY_CELLS", "_reading._LOOKED_AT", "_reading._LOOKED_AT_BYTES", "_reading._SEEN",
            "_sites._HIGHEST", "_stated._BEGINNING", "_stated._FIRST_LINES", "_stated._HEADINGS", "_stated._LINES",
            "_stated._LONGEST_LINE", "_stream._WORDS_OF_A_PATH", "_telling_cells._FEWEST_ROWS", "_telling_cells._FEWEST_WORDS",
            "_telling_cells._LONGER", "_telling_cells._LONGEST_DAY", "_telling_cells._LONG_TITLE",
            "_telling_cells._LOOKED_AT", "_telling_cells._WORDS_OF_A_HEADING", "_telling_cells._WORDS_OF_A_PHRASE",
            "_telling_cells._WORDS_OF_A_TITLE", "_text_records._LOOKED_AT", "_text_records._WORDS_OF_A_HEADING",
        },
        _BATCH: {
            "_cells._MOST_KNOWN", "_columns._SHAPES", "_database._ROWS", "_dates._MOST_KNOWN", "_file.BLOCK",
            "_names._MOST_KNOWN", "_reading._CYCLES_OF", "_rejects._IDS_IN_MEMORY", "_tables._ROWS",
            "_tables._STEPS_AT_ONCE",
        },
        _SHOWN: {
            "_file.SHOWN", "_formats._NAMED", "_locations._NAMED", "_mappings._NAMED", "_reading._FAULTS",
            "_reading._MOST_SOURCES", "_report._TOLD",
        },
        _BOUND: {
            "_wikis._MOST_TEMPLATES", "_asciidoc._LONGEST_LINE", "_bibliography._LONGEST_LATEX",
            "_cells._DEEPEST", "_cells._DEEPEST_NODES", "_cells._LONGEST_LIST", "_columns._DEEPEST", "_columns.MOST_PLANS",
            "_csv._MOST_LINES", "_csv._PATIENCE", "_dates._LONGEST", "_dialects._DEEPEST", "_dialects._LONGEST_PATH",
            "_dialects._LONGEST_TAGS",  "_exports._CSV_LONGEST", "_exports._LARGEST_ITEM",
            "_feeds.MAX_FEED", "_feeds._MOST_ATTRIBUTES", "_file.MAX_RECORD", "_file.MAX_UNPACKED", "_file.MAX_WHOLE",
            "_file.MOST_ENTRIES", "_file.MOST_TAGS", "_file._LONGEST_HEADER", "_front_matter._DEEPEST",
            "_front_matter._LONGEST", "_front_matter._LONGEST_FENCE", "_front_matter._MOST_VALUES",
            "_holders._DEEPEST", "_ignored._LONGEST", "_ignored._MOST", "_ignored._MOST_REPEATS",
            "_ignored._MOST_STARS", "_json.MAX_TOML", "_json._DEEPEST_KEY", "_locations._DEEPEST_ARCHIVES",
            "_mail._LONGEST_HEADER", "_markdown._LONGEST_LINE", "_markup._DEEPEST", "_names._LONGEST_NAME",
            "_names._LONGEST_UNIT", "_page_fields._LONGEST_TRAILER", "_page_fields._MOST_PROPERTIES",
            "_page_records._MOST_COLUMNS", "_posts.MAX_POST", "_reading._MOST_HELD",
            "_restructured._LONGEST_BLOCK, _DEEPEST", "_side_rows._LONGEST_UNIT", "_site_files._LONGEST",
            "_tables._ROWS_OF_A_VIEW", "_tables._STEPS, _STEPS_A_BYTE", "_text_records._LONGEST_BEGINNING",
            "_typed_values._DEEPEST", "_vaults._LONGEST_LINE", "_xml._DEEPEST", "_xml_documents._MOST",
            "_yaml._DEEPEST", "_yaml._SLOW", "_yaml._SLOW_IN_BRACKETS",
        },
    },
    "topics": {
        _CODES: {"_gazetteer_file.CAPITALISED, EXACT, ANY_CASE, CAPITALS"},
        _LAYOUT: {"_fast_tagger.CODE_VERSION", "_gazetteer_file.FIRST_YEAR, LAST_YEAR"},
        _BATCH: {"_known_names.LARGEST_CACHE", "_readings._MOST_LETTERS"},
        _BOUND: {
            "_capital_names._LONGEST", "_across_runs._LONGEST", "_fast_tagger._FARTHEST", "_half_names._LONGEST", "_identifiers._LONGEST", "_japanese._MOST", "_language._LONGEST",
            "_headlines._LONGEST_BEFORE", "_language._LONGEST_TAIL", "_learn_names._AROUND", "_learn_names._SHORTEST_FORM", "_lower_case._LONGEST_BEFORE", "_other_languages._LONGEST", "_plain_text._LONGEST",
        },
        _DEFINED: {"_references._SHORTEST_HASH"},
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
    assert found - allowed == set(), "move these to models/ or settings.py, or say here which kind they are"
    assert allowed - found == set(), "these no longer exist: take them out of the list"


@pytest.mark.parametrize("path", sorted((PACKAGE / "sources").glob("*.py")), ids=lambda path: path.stem)
def test_each_number_by_which_sources_are_read_says_what_it_counts(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    body = ast.parse("\n".join(lines)).body
    silent = [
        ast.unparse(line)
        for line, after in zip(body, [*body[1:], None], strict=True)
        if isinstance(line, ast.Assign | ast.AnnAssign)
        and line.value is not None
        and _is_number(line.value)
        and not any("#" in part for part in lines[line.lineno - 1 : line.end_lineno])
        and not lines[line.lineno - 2].startswith("#")
        and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
    ]
    assert silent == [], "add a comment"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("5", True), ("-0.5", True), ("(0.5, 2.0)", True), ("1 << 20", True), ("np.uint64(3)", True),
     ("{1: 0.5}", True), ("True", False), ("re.compile('a{2}')", False), ("('a', 1)", False), ("OTHER", False)],
)  # fmt: skip
def test_what_counts_as_a_number(value: str, expected: bool) -> None:
    assert _is_number(ast.parse(value, mode="eval").body) is expected
