"""Identifiers: what counts as one term beside its pieces, and what does not."""

from __future__ import annotations

import oracle_score
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.ranking._codes import find_codes, humps
from relatedness.ranking._tokens import term_of


def codes(text: str) -> list[str]:
    return [code for code, _ in find_codes(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vendor patches CVE-2024-1.", ["cve2024-1"]),
        ("GHSA-cfgh-2p4q (high)", ["ghsa-cfgh2p4q"]),
        ("see PROJ-1000, PROJ 1000 and PROJ-1000s", ["proj1000", "proj1000s", "proj1000"]),
        ("closes #5000; repo#12", ["#5000", "#12"]),
        ("web-07.eu.example.net is down", ["web07.eu.example.net", "web07"]),
        ("from 10.1.2.3 to 1.2.13", ["10.1.2.3", "1.2.13"]),
        ("H.R. 3000 and U.N. 2254", ["hr3000", "un2254"]),
        ("MH 370, MH-370", ["mh370", "mh370"]),
        ("C-101/19 cites 2016/679", ["c101/19", "c101", "2016/679"]),
        ("org.apache.x.Y", ["org.apache.x.y"]),
        ("in src/http_client.c", ["src/http_client.c", "http_client"]),
        ("std::mem::size_of", ["std::mem::size_of", "size_of"]),
        ("net/bnxt", ["net/bnxt"]),
        (r"C:\Users\x", [r"users\x"]),
        ("written in C++ and C#", ["c++", "c#"]),
        ("Т-72", ["т72"]),
        ("中国F-16机", ["f16"]),
        ("café-7", ["cafe7"]),
    ],
)
def test_identifiers_are_found(text: str, expected: list[str]) -> None:
    assert sorted(codes(text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "a 19-year-old, a 7-month",
        "2015-2017, 2017-03-07",
        "wins 3-1, magnitude 8.3, 1/2, 12:30",
        "a left-wing Conservative-led cabinet",
        "leaves Mosul.Troops return",
        "U.S.-led, e.g. the U.S. Senate",
        "the UK 2015 election; UN 14,000 troops; UN 1.5 million",
        "__init__",
        "0x8007000E XY100",  # one word already
        "#Trump",
        "? - / . :: #",
        "",
    ],
)
def test_other_things_are_none(text: str) -> None:
    assert codes(text) == []


def test_the_spelling_is_kept_for_people_to_read() -> None:
    assert find_codes("web-07.eu, H.R. 3000") == [
        ("web07.eu", "web-07.eu"),
        ("web07", "web-07"),
        ("hr3000", "H.R. 3000"),
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("getUserById2", ["get", "User", "By", "Id", "2"]),
        ("HTTPServer", ["HTTP", "Server"]),
        ("iPhone", ["i", "Phone"]),
        ("MPs", []),
        ("NASA", []),
        ("Mosul", []),
        ("5G", []),
        ("déjaVu", []),
    ],
)
def test_camel_case_is_taken_apart(word: str, expected: list[str]) -> None:
    assert humps(word) == expected


# Short pieces that make and break identifiers.
_PIECES = [
    "A",
    "AB",
    "ab",
    "aB",
    "abc",
    "1",
    "12",
    "2015",
    "12345",
    "\u00e9",
    "e\u0301",
    "\u4e2d",
    "\u0663",
    "\u00b2",
]
_BETWEEN = ["-", ".", "/", "\\", "_", ":", "::", "#", "+", "++", " ", " ", ", "]


@given(st.lists(st.sampled_from([*_PIECES, *_BETWEEN]), max_size=12).map("".join))
def test_identifiers_are_those_of_the_slow_truth(text: str) -> None:
    assert sorted(codes(text)) == sorted(oracle_score.codes(text))


@given(st.text("aZbCd1", max_size=8))
def test_camel_case_is_that_of_the_slow_truth(word: str) -> None:
    assert "".join(humps(word)) in ("", word)
    joined = [term_of(part, "xx") for part in humps(word)]
    assert [term for term in joined if term is not None] == oracle_score.inner_words(word, "xx")
