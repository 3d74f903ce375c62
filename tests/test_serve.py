"""The service: what it answers, what it refuses, that it only reads, and that it takes up a new index by itself."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import forks
import pytest
import schemathesis
import uvicorn
from examples import examples
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from relatedness import serve
from relatedness.errors import IndexMissingError
from relatedness.index import RelatedList
from relatedness.related_index import RelatedIndex
from relatedness.serve import Served, _app, _server, _turns, create_app, router
from relatedness.serve._served import Answers
from relatedness.serve._turns import Turns

MOSUL = "2017-07-10-mosul-victory"
OTHER = [
    {"id": "a", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
    {
        "id": "b/é ?",
        "date": "2014-08-07",
        "text": "The Islamic State captures the dam of Mosul.",
        "url": "http://b.example",
    },
]


@pytest.fixture(scope="module")
def client(sample_file: Path) -> Iterator[TestClient]:
    with TestClient(create_app(sample_file)) as running:
        yield running


def value(found: RelatedList, why: bool = False) -> list[dict[str, Any]]:
    """What the service says of a list: the library's own record."""
    return [{"copies": 0} | item for item in found.to_record(why=why)["related"]]


def test_a_list_is_the_librarys_list(client: TestClient, sample_index: RelatedIndex) -> None:
    answer = client.get(f"/related/{MOSUL}")
    assert answer.status_code == 200
    assert answer.json() == {"id": MOSUL, "related": value(sample_index.related(MOSUL))}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"k": 2}, {"k": 2}),
        ({"k": 100}, {"k": 64}),
        (
            {"direction": "before", "topics": ["Iraq", "Mosul"]},
            {"direction": "before", "topics": ["Iraq", "Mosul"]},
        ),
        ({"min_score": 0.12}, {"min_score": 0.12}),
        ({"language": "en"}, {"language": "en"}),
        ({"recency": 0, "why": True}, {"recency": "off"}),
    ],
)
def test_filters_are_the_librarys(
    asked: dict[str, Any], meant: dict[str, Any], client: TestClient, sample_index: RelatedIndex
) -> None:
    answer = client.get(f"/related/{MOSUL}", params=asked)
    found = sample_index.related(MOSUL, **meant)
    assert answer.json()["related"] == value(found, why="why" in asked)


def test_why_brings_reasons_that_sum_to_the_score(client: TestClient, sample_index: RelatedIndex) -> None:
    shown = client.get(f"/related/{MOSUL}", params={"why": True, "k": 3}).json()["related"]
    assert shown == value(sample_index.related(MOSUL, k=3), why=True)
    for item in shown:
        assert sum(reason["share"] for reason in item["reasons"]) == pytest.approx(item["score"], abs=1e-6)


def test_a_text_is_compared(client: TestClient, sample_index: RelatedIndex) -> None:
    text = "Volkswagen is fined a billion euros over diesel emissions."
    answer = client.post("/query", json={"text": text, "date": "2018-06-13", "k": 2})
    assert answer.json() == {"related": value(sample_index.query(text, date="2018-06-13", k=2))}
    assert "Volkswagen" in answer.json()["related"][0]["contexts"]


def test_a_topic_gives_its_events_latest_first(client: TestClient, sample_index: RelatedIndex) -> None:
    everything = [id_ for id_ in sample_index.events if "Iraq" in {t.name for t in sample_index.topics(id_)}][
        ::-1
    ]
    first = client.get("/topics/Iraq", params={"limit": 4}).json()
    assert (first["name"], first["total"]) == ("Iraq", len(everything))
    rest = client.get("/topics/Iraq", params={"limit": 100, "offset": 4}).json()["events"]
    assert [event["id"] for event in first["events"] + rest] == everything
    assert first["events"][0]["title"] == sample_index.events[everything[0]].headline
    assert client.get("/topics/Iraq", params={"offset": 10_000}).json()["events"] == []


def test_a_story_is_the_librarys_story(client: TestClient, sample_index: RelatedIndex) -> None:
    shown = client.get("/story/2014-07-17-mh17-shot-down").json()
    story = sample_index.story("2014-07-17-mh17-shot-down")
    assert (shown["id"], tuple(shown["contexts"]), shown["complete"]) == (
        story.id,
        story.contexts,
        story.complete,
    )
    assert [(e["id"], e["title"], e.get("after"), tuple(e["contexts"])) for e in shown["events"]] == [
        (e.id, e.title, e.after, e.contexts) for e in story.events
    ]
    assert len(client.get("/story/2014-07-17-mh17-shot-down?most=3").json()["events"]) <= 4


def test_pins_and_bans_are_kept_to(sample_file: Path, tmp_path: Path) -> None:
    overrides = tmp_path / "overrides.txt"
    overrides.write_text(f"pin {MOSUL} 1990-02-11-mandela-freed\nban * 2017-06-21-nuri-mosque\n")
    with TestClient(create_app(sample_file, overrides=overrides)) as client:
        shown = client.get(f"/related/{MOSUL}").json()["related"]
    assert (shown[0]["id"], shown[0]["tier"]) == ("1990-02-11-mandela-freed", "pinned")
    assert "2017-06-21-nuri-mosque" not in [item["id"] for item in shown]


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/related/2017-07-10-mosul-victori", 404, "the nearest are 2017-07-10-mosul-victory"),
        (f"/related/{MOSUL}?topics=iraq", 404, "did you mean Iraq?"),
        (f"/related/{MOSUL}?language=xx", 404, "no event has the language 'xx'"),
        ("/topics/Daesh", 404, "did you mean ISIL?"),
        ("/topics/Irak", 404, "did you mean Iraq"),
        (f"/related/{MOSUL}?k=0", 422, "greater than or equal to 1"),
        (f"/related/{MOSUL}?k=101", 422, "less than or equal to 100"),
        (f"/related/{MOSUL}?direction=up", 422, "'any', 'before' or 'after'"),
        (f"/related/{MOSUL}?since=May", 422, "since is 'May': expected a date, such as 2016-07-11"),
        (f"/related/{MOSUL}?direktion=before", 422, "direktion: no such parameter; did you mean direction?"),
        (f"/related/{MOSUL}?k=3&k=4", 422, "k is given more than once: expected one value"),
        ("/events?words=mosul&words=iraq", 422, "words is given more than once"),
        (f"/related/{MOSUL}?min_score=nan", 422, "min_score: input should be a finite number"),
        (f"/related/{MOSUL}?since=2017&until=2016", 400, "since (2017-01-01) is after until (2016-12-31)"),
        (f"/related/{MOSUL}?recency=soon", 422, "recency"),
        (f"/why-not/{MOSUL}", 422, "other: field required"),
        ("/query?text=", 422, "text: is empty or holds a NUL character: expected words"),
        ("/query?text=Mosul&direction=before", 400, "give the text a date"),
        ("/events?words=mosul&limit=0", 422, "limit: input should be greater than or equal to 1"),
        ("/events/none", 404, "no event has the id 'none'"),
        (f"/events/{MOSUL}?k=1", 422, "k: no such parameter; this route has none in its address"),
        (f"/story/{MOSUL}?k=1", 422, "k: no such parameter; there are most"),
        ("/topics/Iraq?most=3", 422, "most: no such parameter; there are "),
        (f"/related/{'x' * 1001}", 422, "at most 1000 characters"),
        ("/nothing", 404, "Not Found"),
    ],
)
def test_what_is_wrong_is_said(path: str, status: int, message: str, client: TestClient) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert message in json.dumps(answer.json(), ensure_ascii=False)


def test_a_body_without_the_type_of_json_is_told_what_to_send(client: TestClient) -> None:
    answer = client.post("/query", content='{"text": "Mosul"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "expected a JSON object, sent with Content-Type: application/json"


@pytest.mark.parametrize("what", ["{}=1", "since={}", "topics={}", "language={}", "recency={}", "k={}"])
def test_an_error_does_not_repeat_all_that_was_sent(what: str, client: TestClient) -> None:
    answer = client.get(f"/related/{MOSUL}?{what.format('x' * 30_000)}")
    assert answer.status_code in (400, 404, 422) and len(answer.json()["detail"]) <= serve.MAX_DETAIL
    answer = client.post("/query", json={"text": "Mosul", "x" * 30_000: 1})
    assert answer.status_code == 422 and len(answer.json()["detail"]) <= serve.MAX_DETAIL


def test_options_of_a_question_that_is_posted_stand_in_its_body(client: TestClient) -> None:
    answer = client.post("/query?k=1", json={"text": "Mosul"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "k: no such parameter; this route has none in its address"


def test_a_monitor_may_ask_as_it_likes(client: TestClient) -> None:
    assert client.get("/health?from=balancer").status_code == 200
    assert client.get("/metrics?job=relatedness").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "  \n"},
        {"text": "a\x00b"},
        {"text": "x" * 50_001},
        {"text": "x", "txt": "y"},
        {"text": 1},
    ],
)
def test_questions_of_the_wrong_shape_are_refused(body: dict[str, Any], client: TestClient) -> None:
    assert client.post("/query", json=body).status_code == 422


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"text": "a\\ud800b"}', "half of a surrogate pair"),
        ('{"text": "Mosul", "min_score": NaN}', "min_score: input should be a finite number"),
        ('{"text": "Mosul", "k": NaN}', "k: input should be a finite number"),
        ('{"text": "Mosul", "topic": ["Iraq"]}', "topic: no such field"),
        ('{"text": "Mosul"', "the body is not JSON: Expecting ',' delimiter at character 16"),
    ],
)
def test_what_is_wrong_with_a_question_is_said_in_a_sentence(
    body: str, message: str, client: TestClient
) -> None:
    answer = client.post("/query", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, list(answer.json())) == (422, ["detail"])
    assert message in answer.json()["detail"]


def test_an_answer_is_asked_for_again_only_where_the_index_has_changed(
    sample_file: Path, tmp_path: Path
) -> None:
    path, overrides = tmp_path / "news.index", tmp_path / "overrides.txt"
    shutil.copy(sample_file, path)
    with TestClient(create_app(path, poll=0.02)) as client:
        first = client.get(f"/related/{MOSUL}")
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "no-cache"
        again = client.get(f"/related/{MOSUL}", headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get(f"/related/{MOSUL}", headers={"if-none-match": '"other"'}).status_code == 200
        # A proxy that compresses an answer marks its tag as weak, and a client without one may ask for any.
        for held in (f"W/{tag}", "*"):
            assert client.get(f"/related/{MOSUL}", headers={"if-none-match": held}).status_code == 304
        assert client.get(f"/story/{MOSUL}", headers={"if-none-match": tag}).status_code == 304
        for path_ in ("/story/none", "/related/none"):
            assert client.get(path_, headers={"if-none-match": tag}).status_code == 404
        posted = client.post("/query", json={"text": "Mosul"}, headers={"if-none-match": tag})
        assert (posted.status_code, posted.headers["cache-control"]) == (200, "no-store")
        assert posted.json()["related"], "a body that was posted has no state that a client may hold"
        assert "etag" not in client.get("/health").headers
        with RelatedIndex.open(path) as index:
            index.refresh(remove=["2017-06-21-nuri-mosque"])
        wait_until(lambda: client.get(f"/related/{MOSUL}").headers["etag"] != tag)
        assert client.get(f"/related/{MOSUL}", headers={"if-none-match": tag}).status_code == 200
        changed = client.get(f"/related/{MOSUL}").headers["etag"]
    overrides.write_text(f"pin {MOSUL} 1990-02-11-mandela-freed\n")
    with TestClient(create_app(path, overrides=overrides, max_age=60)) as client:
        answer = client.get(f"/related/{MOSUL}")
        assert answer.headers["etag"] not in (tag, changed)
        assert answer.headers["cache-control"] == "max-age=60"


def test_pages_of_other_origins_may_ask_only_where_that_is_set(sample_file: Path, client: TestClient) -> None:
    origin = {"origin": "https://news.example"}
    assert "access-control-allow-origin" not in client.get("/health", headers=origin).headers
    with TestClient(create_app(sample_file, cors=["https://news.example"])) as open_client:
        allowed = open_client.get("/health", headers=origin).headers
        assert allowed["access-control-allow-origin"] == "https://news.example"
        other = open_client.get("/health", headers={"origin": "https://other.example"}).headers
        assert "access-control-allow-origin" not in other


def test_a_text_is_asked_about_by_url_and_says_why_nothing_is_related(
    client: TestClient, sample_index: RelatedIndex
) -> None:
    asked = {"text": "Volkswagen is fined over diesel emissions.", "date": "2018-06-13", "k": 2}
    shown = client.get("/query", params=asked).json()
    assert (
        shown["related"] == client.post("/query", json=asked).json()["related"] and len(shown["related"]) == 2
    )
    empty = client.get("/query", params={"text": "Volkswagen", "min_score": 1}).json()
    assert empty["related"] == []
    assert {item["rule"] for item in empty["left_out"]} == {"min-score"}
    assert client.get("/query", params={"text": "zzz"}).json() == {"related": [], "left_out": []}


def test_why_not_and_events_are_the_librarys(client: TestClient, sample_index: RelatedIndex) -> None:
    other = "2012-08-24-armstrong-banned"
    shown = client.get(f"/why-not/{MOSUL}", params={"other": other, "until": "2011"}).json()
    found = sample_index.why_not(MOSUL, other, until="2011")
    assert (shown["rule"], shown["by"], shown["sentence"]) == (found.rule, "until", found.sentence)
    event = client.get(f"/events/{MOSUL}").json()
    assert event["title"] == sample_index[MOSUL].headline
    assert [topic["name"] for topic in event["context"]] == [t.name for t in sample_index.topics(MOSUL)]
    events = client.get("/events", params={"words": "mosul", "limit": 3}).json()["events"]
    assert [item["id"] for item in events] == [item.id for item in sample_index.find("mosul", most=3)]
    assert client.get("/events", params={"words": "zzzz"}).json()["events"] == []


@pytest.mark.parametrize("stream", [False, True])
def test_a_long_body_is_not_read_to_its_end(stream: bool, client: TestClient) -> None:
    sent = []

    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            sent.append(1)
            yield b"x" * 2**16

    answer = client.post("/query", content=pieces() if stream else b"x" * (serve.MAX_BODY + 1))
    assert answer.status_code == 413
    assert "the body is longer than" in answer.json()["detail"]
    assert client.post("/query", json={"text": "x" * 50_000}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", [f"/related/{MOSUL}", "/topics/Iraq", "/health", "/metrics"])
def test_nothing_can_be_written(method: str, path: str, client: TestClient) -> None:
    assert getattr(client, method)(path).status_code == 405


def test_what_may_be_asked_instead_is_said(client: TestClient) -> None:
    for path, known in (
        (f"/related/{MOSUL}", "GET, HEAD"),
        ("/query", "GET, HEAD, POST"),
        ("/", "GET, HEAD"),
    ):
        answer = client.delete(path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == set(known.split(", "))


def test_serving_leaves_the_file_as_it_is(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "index"
    shutil.copy(sample_file, path)
    before = path.read_bytes()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        with TestClient(create_app(path)) as client:
            assert client.get(f"/related/{MOSUL}?k=20&why=true").status_code == 200
            assert client.post("/query", json={"text": "Mosul"}).status_code == 200
        assert [entry.name for entry in tmp_path.iterdir()] == ["index"]
    finally:
        tmp_path.chmod(0o755)
    assert path.read_bytes() == before


def test_health_and_metrics(sample_file: Path) -> None:
    with TestClient(create_app(sample_file)) as client:
        health = client.get("/health").json()
        assert (health["status"], health["events"]) == ("ok", 710)
        assert "problem" not in health
        for path in (f"/related/{MOSUL}", f"/related/{MOSUL}?k=0", "/related/none", "/related/none"):
            client.get(path)
        client.get(f"/related/{MOSUL}?since=2017&until=2016")
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    counts = dict(
        re.findall(
            r'^relatedness_requests_total\{route="/related/\{id\}",status="(\d+)"\} (.*)$',
            answer.text,
            re.M,
        )
    )
    assert counts == {"200": "1.0", "400": "1.0", "404": "2.0", "422": "1.0"}
    assert 'relatedness_request_seconds_count{route="/related/{id}"} 5.0' in answer.text
    assert "relatedness_events 710.0" in answer.text


# Another index in its place


def wait_until(condition: Any) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within five minutes")


def test_a_new_index_is_taken_up_between_two_requests(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    shutil.copy(sample_file, path)
    with TestClient(create_app(path, poll=0.02)) as client:
        assert client.get("/related/a").status_code == 404
        statuses: set[int] = set()
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                # One of the two indexes knows it: never an error, never a mixture.
                statuses.add(client.get("/health").status_code)
                answer = client.get(f"/related/{MOSUL}", params={"k": 20, "direction": "before"})
                statuses.add(answer.status_code)

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        RelatedIndex.build(OTHER, path).close()
        wait_until(lambda: client.get("/health").json()["events"] == 2 and 404 in statuses)
        stop.set()
        for asker in askers:
            asker.join()
        assert statuses == {200, 404}
        shown = client.get("/related/a").json()["related"]
        assert [(item["id"], item["url"]) for item in shown] == [("b/é ?", "http://b.example")]
        assert [item["id"] for item in client.get("/related/b%2F%C3%A9%20%3F").json()["related"]] == ["a"]
        assert client.get(f"/related/{MOSUL}").status_code == 404
        assert 'relatedness_reloads_total{result="done"} 1.0' in client.get("/metrics").text


def test_a_refresh_is_taken_up_as_well(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    shutil.copy(sample_file, path)
    with TestClient(create_app(path, poll=0.02)) as client:
        assert client.get("/related/new").status_code == 404
        assert "refreshed" not in client.get("/health").json()
        new = {
            "id": "new",
            "date": "2017-07-12",
            "text": "Iraqi troops clear the last streets of Mosul of ISIL.",
        }
        with RelatedIndex.open(path) as index:
            index.refresh([new], remove=["2017-06-21-nuri-mosque"])
        wait_until(lambda: client.get("/related/new").status_code == 200)
        assert client.get("/related/new").json()["related"][0]["id"] == MOSUL
        assert client.get("/related/2017-06-21-nuri-mosque").status_code == 404
        assert client.get("/health").json()["refreshed"]


def test_a_bad_new_file_is_reported_and_the_old_index_kept(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    shutil.copy(sample_file, path)
    with TestClient(create_app(path, poll=0.02)) as client:
        bad = tmp_path / "bad"
        bad.write_bytes(b"no index at all" * 100)
        bad.replace(path)
        wait_until(lambda: "problem" in client.get("/health").json())
        assert client.get(f"/related/{MOSUL}").status_code == 200
        path.unlink()
        time.sleep(0.1)
        assert client.get(f"/related/{MOSUL}?k=20").status_code == 200
        RelatedIndex.build(OTHER, path).close()
        wait_until(lambda: client.get("/health").json()["events"] == 2)
        assert "problem" not in client.get("/health").json()


def test_an_index_in_use_is_closed_only_when_its_last_user_is_done(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    shutil.copy(sample_file, path)
    served = Served(path)
    with served.use() as old:
        RelatedIndex.build(OTHER, path).close()
        served.reload()
        with served.use() as new:
            assert len(new.events) == 2
        assert len(old.related(MOSUL)) > 0
    with pytest.raises(Exception, match="the index is closed"):
        old.related(MOSUL)
    with served.use() as new:
        assert len(new.related("a")) == 1
    served.close()


def test_without_an_index_the_application_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError), TestClient(create_app(tmp_path / "none")):
        pass


# The document


def test_the_document_names_every_route_and_its_answers(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) >= {"/related/{id}", "/query", "/topics/{name}", "/story/{id}", "/health"}
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            assert "200" in operation["responses"]


POSITIVE = schemathesis.GenerationMode.POSITIVE
OPERATIONS = [
    "GET /related/{id}",
    "GET /why-not/{id}",
    "POST /query",
    "GET /query",
    "GET /events",
    "GET /events/{id}",
    "GET /topics/{name}",
    "GET /story/{id}",
    "GET /health",
    "GET /metrics",
]


@pytest.fixture(scope="module")
def operations(sample_file: Path) -> dict[str, Any]:
    document = schemathesis.openapi.from_asgi("/openapi.json", create_app(sample_file))
    found = [result.ok() for result in document.get_all_operations()]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


def test_schemathesis_sees_every_route(operations: dict[str, Any]) -> None:
    assert {*OPERATIONS} <= set(operations)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *((name, POSITIVE) for name in OPERATIONS),
        # The other two take no input that could be wrong.
        *(
            pytest.param(name, schemathesis.GenerationMode.NEGATIVE, marks=pytest.mark.slow)
            for name in OPERATIONS[:-2]
        ),
    ],
)
def test_every_answer_is_as_the_document_says(
    name: str, mode: schemathesis.GenerationMode, operations: dict[str, Any]
) -> None:
    answered = set()

    @given(st.data())
    @settings(examples(32), deadline=None, suppress_health_check=list(HealthCheck))
    def check(data: st.DataObject) -> None:
        case = data.draw(operations[name].as_strategy(generation_mode=mode))
        # Made-up ids are never there: every second time a real one is asked for.
        if mode is POSITIVE and "id" in case.path_parameters and data.draw(st.booleans()):
            case.path_parameters["id"] = MOSUL
        response = case.call()
        answered.add(response.status_code)
        if response.status_code == 400 and mode is POSITIVE:
            # Options that contradict each other, or need a date, which no schema can say.
            assert response.json()["detail"]
        else:
            case.validate_response(response)

    check()
    if mode is POSITIVE and name not in ("GET /topics/{name}", "GET /why-not/{id}"):
        assert 200 in answered


# In an application of one's own, and as a command


def test_the_routes_in_an_own_application(sample_file: Path) -> None:
    app = FastAPI()
    app.include_router(router(sample_file), prefix="/archive")
    with TestClient(app) as client:
        for path in (f"/archive/related/{MOSUL}", "/archive/query?text=Mosul", "/archive/health"):
            asked, head = client.get(path), client.head(path)
            assert asked.status_code == head.status_code == 200
            assert head.headers["content-length"] == asked.headers["content-length"]
            assert not head.content
        assert client.get(f"/related/{MOSUL}").status_code == 404


def test_the_command_serves_on_loopback_until_it_is_told_to_stop(
    sample_file: Path, sample_index: RelatedIndex
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "relatedness", "serve", str(sample_file), "--port", str(port)]
    # A server compiles its loops before anybody asks, which takes much longer than this test.
    environment = {**os.environ, "RELATEDNESS_KERNEL": "plain"}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, process.stderr.read()
            try:
                with urllib.request.urlopen(f"{url}/health") as answer:
                    return bool(json.load(answer)["status"] == "ok")
            except OSError:
                return False

        wait_until(answers)
        with urllib.request.urlopen(f"{url}/related/{MOSUL}?k=1") as answer:
            assert json.load(answer)["related"][0]["id"] == sample_index.related(MOSUL)[0].id
        if Path("/proc/net/tcp").exists():
            listening = Path("/proc/net/tcp").read_text()
            assert f"0100007F:{port:04X}" in listening
            assert f"00000000:{port:04X}" not in listening
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=600)


@contextmanager
def running_server(path: Path) -> Iterator[tuple[uvicorn.Server, int]]:
    """A server in a thread of this process, and its port."""
    server = _server.server(create_app(path), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield server, server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(60)


@contextmanager
def running(path: Path) -> Iterator[int]:
    """The port of a server in a thread of this process."""
    with running_server(path) as (_, port):
        yield port


@pytest.fixture(scope="module")
def serving(sample_file: Path) -> Iterator[int]:
    """The port of a server that all of its tests ask."""
    with running(sample_file) as port:
        yield port


def healthy(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
        return bool(json.load(answer)["status"] == "ok")


@pytest.mark.parametrize(
    "begun", [b"", b"GET /health HT", b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"]
)
def test_connections_that_never_ask_do_not_stop_those_that_do(sample_file: Path, begun: bytes) -> None:
    with running(sample_file) as port, ExitStack() as opened:
        for _ in range(210):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            connection.sendall(begun)
        assert healthy(port)


def test_a_request_that_is_not_finished_in_time_ends_its_connection(
    sample_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(_server, "IDLE_SECONDS", 1)  # ends the wait for the rest of a second request
    with running(sample_file) as port:
        for begun in (
            b"",
            b"GET /health HTTP/1.1\r\nHost: x\r\n",
            b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /he",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(begun)
                while connection.recv(65536):
                    pass  # until the server closes it
        assert healthy(port)


def test_a_second_request_that_is_not_finished_in_time_ends_its_connection(
    sample_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "REQUEST_SECONDS", 0.5)
    with (
        running(sample_file) as port,
        # The wait ends before an idle connection would be closed.
        socket.create_connection(("127.0.0.1", port), timeout=_server.IDLE_SECONDS - 5) as connection,
    ):
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while b'"status":"ok"' not in answer:  # head and body may come apart
            part = connection.recv(65536)
            assert part, answer
            answer += part
        connection.sendall(b"GET /he")
        assert connection.recv(65536) == b""


def test_a_client_that_reads_no_answer_loses_its_connection(
    sample_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "READ_SECONDS", 0.2)
    with running_server(sample_file) as (server, port), socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        # More than the system keeps for a connection.
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
        wait_until(lambda: server.server_state.total_requests > 20)
        wait_until(lambda: not server.server_state.connections)
        assert healthy(port)


def test_a_client_has_a_number_of_connections(sample_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_server, "MOST_OF_ONE", 2)
    with running(sample_file) as port, ExitStack() as opened:
        address = "127.0.0.1", port
        first = [opened.enter_context(socket.create_connection(address, timeout=30)) for _ in range(2)]
        third = opened.enter_context(socket.create_connection(address, timeout=30))
        assert third.recv(1) == b""
        for connection in first:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
        for connection in first:
            connection.close()

        def answers() -> bool:
            try:
                return healthy(port)
            except OSError:
                return False  # the server has not seen yet that they are closed

        wait_until(answers)


@pytest.mark.parametrize("path", [f"/related/{MOSUL}", f"/related/{MOSUL}?k=3", "/health", "/", "/docs"])
def test_head_is_answered_as_get_without_the_body(path: str, serving: int) -> None:
    answers = []
    for method in ("GET", "HEAD"):
        asked = urllib.request.Request(f"http://127.0.0.1:{serving}{path}", method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            answers.append((answer.status, answer.headers["content-length"], answer.headers["etag"]))
            assert bool(answer.read()) == (method == "GET")
    assert answers[0] == answers[1]


# Taking turns


def test_clients_that_wait_are_let_in_by_turns() -> None:
    async def order() -> str:
        turns, let_in = Turns(1), []

        async def ask(client: str) -> None:
            async with turns.of(client):
                let_in.append(client)
                await asyncio.sleep(0)

        # One asks for much, and is there first.
        await asyncio.gather(*map(ask, "aaaaabbc"))
        return "".join(let_in)

    assert asyncio.run(order()) == "aabcabaa"


def test_no_more_are_let_in_than_there_are_turns_and_none_is_lost() -> None:
    async def most(at_once: int) -> int:
        turns, inside, seen = Turns(at_once), 0, []

        async def ask(number: int) -> None:
            nonlocal inside
            async with turns.of(str(number % 3)):
                inside += 1
                seen.append(inside)
                await asyncio.sleep(0)
                inside -= 1

        asked = [asyncio.create_task(ask(number)) for number in range(30)]
        await asyncio.sleep(0)
        for task in asked[5::4]:  # they wait, and are given up
            task.cancel()
        asked[at_once].cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.gather(*map(ask, range(9)))
        return max(seen)

    assert [asyncio.run(most(at_once)) for at_once in (1, 2, 5)] == [1, 2, 5]


def test_a_turn_that_comes_when_nobody_is_there_to_take_it_is_passed_on() -> None:
    async def let_in() -> list[str]:
        turns, inside = Turns(1), []

        async def ask(client: str) -> None:
            async with turns.of(client):
                inside.append(client)

        async with turns.of("a"):
            given_up, waiting = asyncio.create_task(ask("b")), asyncio.create_task(ask("c"))
            await asyncio.sleep(0)
        given_up.cancel()  # its turn has come, but it has not run since
        await asyncio.wait_for(waiting, 10)
        return inside

    assert asyncio.run(let_in()) == ["c"]


def test_a_client_with_too_much_to_wait_for_is_told(
    sample_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_turns, "MOST_WAITING", 0)
    served = Served(sample_file)
    monkeypatch.setattr(served, "turns", Turns(0))
    monkeypatch.setattr(_app, "Served", lambda *_, **__: served)
    with TestClient(create_app(sample_file)) as client:
        answer = client.get(f"/related/{MOSUL}?k=3")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        # What takes no time is answered all the same.
        assert client.get("/health").status_code == client.get(f"/related/{MOSUL}").status_code == 200


@pytest.mark.parametrize("when", ["-0043-03-15", None])
def test_the_first_page_shows_events_of_any_date_or_none(tmp_path: Path, when: str | None) -> None:
    path = tmp_path / "news.index"
    records = [
        {"id": "a", "date": when, "text": "Caesar dies in Rome."},
        {"id": "b", "date": "2016-07-11", "text": "Caesar, a play, is shown in Rome."},
    ]
    RelatedIndex.build(records, path, undated="keep")
    with TestClient(create_app(path)) as client:
        page = client.get("/", params={"words": "dies"})
    assert page.status_code == 200
    assert f"<small>{when or 'undated'} ·" in page.text


def test_a_long_question_is_answered_and_not_kept(sample_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[tuple[object, ...]] = []
    monkeypatch.setattr(Answers, "put", lambda _, key, answer: kept.append(key))
    with TestClient(create_app(sample_file)) as client:
        for words in ("mosul", "mosul " * 400):
            assert client.get("/query", params={"text": words}).json()["related"]
        client.get("/related/nobody" + "y" * 400)
        assert len(kept) == 1


def test_an_unknown_id_is_not_looked_for_between_other_requests(
    client: TestClient, sample_index: RelatedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_in: list[str] = []
    related = RelatedIndex.related

    def noted(index: RelatedIndex, *args: Any, **options: Any) -> RelatedList:
        asked_in.append(threading.current_thread().name)
        return related(index, *args, **options)

    monkeypatch.setattr(RelatedIndex, "related", noted)
    assert client.get(f"/related/{list(sample_index)[17]}").status_code == 200
    assert client.get("/related/no-such-event").status_code == 404
    assert "AnyIO worker thread" not in asked_in[0] and "AnyIO worker thread" in asked_in[1]


def test_the_first_page_finds_events_and_the_routes_are_shown(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "710 events" in page.text
    found = client.get("/", params={"words": "mosul <script>"}).text
    assert "No event contains all of these words" in found and "<script>" not in found
    assert f'href="related/{MOSUL}"' in client.get("/", params={"words": "victory mosul"}).text
    routes = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert f" {path}</code>" in routes
    assert "src=" not in page.text + routes and "<link" not in page.text + routes


def test_what_many_ask_for_is_kept_within_bounds() -> None:
    answers = Answers(most=100_000)
    for number in range(1000):
        answers.put((number,), b"x" * 50)
    kept = [number for number in range(1000) if answers.get((number,)) is not None]
    assert kept == list(range(1000 - len(kept), 1000)) and 0 < len(kept) < 200
    for size, held in ((100, True), (101, False)):  # a thousandth of it
        answers.put((size, "bytes"), b"x" * size)
        assert (answers.get((size, "bytes")) is not None) == held
    # What was asked counts as well: it may be longer than the answer.
    long = Answers(most=100_000)
    for number in range(100):
        long.put((f"{number:04}" + "\N{GRINNING FACE}" * 1000,), b"x")
    assert sum(long.get((f"{n:04}" + "\N{GRINNING FACE}" * 1000,)) is not None for n in range(100)) < 25
    # The least recently used goes first.
    kept = [number for number in kept if answers.get((number,)) is not None]
    assert answers.get((kept[1],)) is not None
    for number in range(100):
        answers.put(("new", number), b"x" * 50)
    assert answers.get((kept[1],)) is not None and answers.get((kept[2],)) is None


def test_a_list_is_the_same_with_and_without_options(client: TestClient, sample_index: RelatedIndex) -> None:
    for id_ in list(sample_index)[::50]:
        for _ in range(2):
            assert client.get(f"/related/{id_}").json() == client.get(f"/related/{id_}?direction=any").json()


def test_the_command_says_what_is_wrong_with_the_index(tmp_path: Path) -> None:
    done = forks.run("serve", tmp_path / "none")
    assert done.returncode == 4
    assert "does not exist; make one with" in done.stderr


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "prometheus_client"])
def test_without_the_extra_it_is_named(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None\nfrom relatedness.cli import main; main()"
    done = forks.run("-c", code, "serve", "i")
    assert done.returncode == 2
    assert f"the HTTP service needs {missing}: pip install 'relatedness[serve]'" in done.stderr
