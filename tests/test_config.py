"""Settings: every one documented, checked, and kept through every way of writing them."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from stories import configs

from relatedness.config import Config
from relatedness.errors import ConfigError, RelatednessError
from relatedness.settings import RecencySettings
from relatedness.shipped import shipped

DEFAULT = Config.default()
SETTINGS = [
    (section.name, setting)
    for section in dataclasses.fields(DEFAULT)
    for setting in dataclasses.fields(getattr(DEFAULT, section.name))
]
NAMES = [f"{section}.{setting.name}" for section, setting in SETTINGS]
RANGES = [(section, setting) for section, setting in SETTINGS if "low" in setting.metadata]
RANGE_NAMES = [f"{section}.{setting.name}" for section, setting in RANGES]


@given(configs())
def test_a_config_survives_every_way_of_writing_it(config: Config) -> None:
    assert Config.from_dict(config.to_dict()) == config
    assert DEFAULT.change(tomllib.loads(config.to_toml())) == config
    assert Config.from_dict(config.to_dict()).digest == config.digest


def test_a_file_needs_to_name_only_what_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[lists]\nk = 3\n[weights]\nwords = 1\n", encoding="utf-8")
    config = Config.load(path)
    assert config == DEFAULT.change({"lists": {"k": 3}, "weights": {"words": 1.0}})
    assert (config.lists.k, config.weights.words) == (3, 1.0)
    assert config.recency == DEFAULT.recency


def test_the_whole_config_as_a_file_is_the_config(tmp_path: Path) -> None:
    path = tmp_path / "whole.toml"
    path.write_text(DEFAULT.to_toml(), encoding="utf-8")
    assert Config.load(path) == DEFAULT


@pytest.mark.parametrize(("section", "setting"), SETTINGS, ids=NAMES)
def test_every_setting_has_its_sentence_in_the_file(section: str, setting: dataclasses.Field[Any]) -> None:
    lines = DEFAULT.to_toml().splitlines()
    begin = lines.index(f"[{section}]")
    place = next(i for i in range(begin, len(lines)) if lines[i].startswith(f"{setting.name} = "))
    assert lines[place - 1].startswith("# ")
    assert len(lines[place - 1].split()) >= 4


@pytest.mark.parametrize(("section", "setting"), SETTINGS, ids=NAMES)
def test_every_setting_changes_the_digest(section: str, setting: dataclasses.Field[Any]) -> None:
    value = getattr(getattr(DEFAULT, section), setting.name)
    if "options" in setting.metadata:
        other = next(option for option in setting.metadata["options"] if option != value)
    elif setting.name == "stored":
        other = value + 1
    elif isinstance(value, bool):
        other = not value
    elif isinstance(value, int):
        other = value - 1 if value > setting.metadata["low"] else value + 1
    else:
        other = (value + setting.metadata["high" if value < setting.metadata["high"] else "low"]) / 2
    changed = DEFAULT.change({section: {setting.name: other}})
    assert changed.digest != DEFAULT.digest
    switches = {} if section == "calibrate" else {"calibrate": DEFAULT.to_dict()["calibrate"]}
    assert changed.change({section: {setting.name: value}, **switches}).digest == DEFAULT.digest


@pytest.mark.parametrize(("section", "setting"), RANGES, ids=RANGE_NAMES)
def test_a_number_out_of_its_range_is_refused_by_name_value_and_range(
    section: str, setting: dataclasses.Field[Any]
) -> None:
    low, high = setting.metadata["low"], setting.metadata["high"]
    for wrong in (low - 1, high + 1, math.nan, math.inf, -math.inf):
        if isinstance(low, int) and isinstance(wrong, int) and wrong == low:
            continue
        with pytest.raises(ConfigError) as caught:
            DEFAULT.change({section: {setting.name: wrong}})
        message = str(caught.value)
        assert f"{section}.{setting.name}" in message
        assert repr(wrong) in message or str(float(wrong)) in message
        assert "expected" in message


@pytest.mark.parametrize(("section", "setting"), SETTINGS, ids=NAMES)
@pytest.mark.parametrize("wrong", ["much", True, None, [1], {"a": 1}])
def test_a_value_of_the_wrong_type_is_refused(
    section: str, setting: dataclasses.Field[Any], wrong: object
) -> None:
    if wrong is True and isinstance(getattr(getattr(DEFAULT, section), setting.name), bool):
        wrong = 1
    with pytest.raises(ConfigError, match=f"{section}.{setting.name}"):
        DEFAULT.change({section: {setting.name: wrong}})


def test_a_fraction_is_no_count_and_a_whole_number_is_a_weight() -> None:
    with pytest.raises(ConfigError, match=r"lists\.k is 2\.5: expected int"):
        DEFAULT.change({"lists": {"k": 2.5}})
    assert type(DEFAULT.change({"weights": {"words": 2}}).weights.words) is float
    assert (
        DEFAULT.change({"weights": {"words": 2}}).digest == DEFAULT.change({"weights": {"words": 2.0}}).digest
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"list": {"k": 3}}, "list: no such section; the sections are text, topics, weights, recency, lists"),
        ({"lists": {"candidate": 3}}, "lists.candidate: no such setting; did you mean lists.candidates?"),
        ({"lists": 3}, "lists is 3: expected a table"),
        ({"weights": {"words": 0, "phrases": 0, "topics": 0}}, "at least one of words, phrases and topics"),
        ({"lists": {"k": 20}}, r"k \(20\) <= stored"),
        ({"lists": {"stored": 100}}, r"<= candidates \(64\)"),
    ],
)
def test_what_does_not_fit_is_said(settings: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        DEFAULT.change(settings)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[lists\n", "not valid TOML"),
        (b"\xff", "not valid TOML"),
        (b"[lists]\nkk = 1\n", "did you mean lists.k"),
    ],
)
def test_a_bad_file_is_named(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        Config.load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError) as caught:
            Config.load(path)
        assert str(path) in str(caught.value)


def test_half_a_config_is_refused() -> None:
    settings = DEFAULT.to_dict()
    del settings["lists"]["k"]
    with pytest.raises(ConfigError, match=r"lists: .* k"):
        Config.from_dict(settings)
    with pytest.raises(ConfigError, match="sections"):
        Config.from_dict({})


def test_a_config_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFAULT.lists = None  # type: ignore[misc,assignment]
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        DEFAULT.lists.k = 3  # type: ignore[misc]
    DEFAULT.to_dict()["lists"]["k"] = 99
    assert DEFAULT.lists.k != 99


def test_shipped_files_are_found_and_a_missing_one_is_an_incomplete_installation() -> None:
    assert shipped("ranker.toml").is_file()
    with pytest.raises(RelatednessError, match="install relatedness again"):
        shipped("nothing.toml")


@pytest.mark.parametrize("wrong", ["soon", "nan", "inf", -0.5, True, None, "=", "2=3=4", "floor=2", {"k": 1}])
def test_a_recency_in_short_is_checked(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="recency"):
        Config.default().with_recency(wrong)


def test_a_recency_in_short_leaves_the_rest_as_it_is() -> None:
    config = Config.default().change({"recency": {"strength_before": 1, "strength_after": 0.5, "floor": 0.2}})
    assert config.with_recency("off").recency == RecencySettings(7.0, 0.0, 0.0, 0.2)
    assert config.with_recency("3").recency == RecencySettings(7.0, 3.0, 1.5, 0.2)
    assert config.with_recency("scale_days=30, strength_after=0").recency == RecencySettings(
        30.0, 1.0, 0.0, 0.2
    )
    assert config.with_recency({"floor": 0}).recency == RecencySettings(7.0, 1.0, 0.5, 0.0)
    assert config.with_recency(RecencySettings(1.0, 2.0, 3.0, 0.5)).recency == RecencySettings(
        1.0, 2.0, 3.0, 0.5
    )
    assert config.with_recency(2).lists == config.lists


@pytest.mark.parametrize(
    ("section", "old", "new", "value"),
    [
        ("text", "length_pivot", "length_normalisation", 0.7),
        ("topics", "agreement", "inference_agreement", 0.9),
        ("topics", "support", "inference_minimum", 4),
        ("lists", "near_copy", "near_duplicate", 0.8),
        ("lists", "tail", "relative_cutoff", 0.4),
        ("lists", "telling", "distinctive_limit", 3.0),
        ("lists", "grounds", "minimum_overlap", 0.2),
        ("lists", "kinship", "neighbour_share", 0.6),
        ("weights", "story", "neighbours", 0.7),
    ],
)
def test_former_names_of_settings_are_understood_and_warned_of(
    section: str, old: str, new: str, value: float
) -> None:
    with pytest.warns(DeprecationWarning, match=rf"{section}.{old} is now {section}.{new}"):
        config = Config.default().change({section: {old: value}})
    assert getattr(getattr(config, section), new) == value


def test_settings_that_were_stored_under_former_names_are_read_without_a_warning() -> None:
    config = Config.default().change({"weights": {"neighbours": 0.7}})
    stored = config.to_dict()
    stored["weights"]["story"] = stored["weights"].pop("neighbours")
    assert Config.from_dict(stored) == config


def test_a_setting_that_is_no_more_is_left_out_and_warned_of() -> None:
    with pytest.warns(DeprecationWarning, match=r"weights.gate no longer exists"):
        assert Config.default().change({"weights": {"gate": 0.05}}) == Config.default()


def test_what_is_given_by_hand_is_not_measured_unless_that_is_asked_for_too() -> None:
    default = Config.default()
    assert default.calibrate.time
    assert not default.change({"recency": {"strength_after": 0.3}}).calibrate.time
    assert default.change({"recency": {"strength_after": 0.3}, "calibrate": {"time": True}}).calibrate.time
    by_hand = default.change({"recency": {"scale_days": 30.0}})
    assert by_hand.calibrate.time
    assert not by_hand.calibrate.scale
