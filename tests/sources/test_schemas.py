"""Exports of well-known programs are read as these programs mean them."""

import json
from pathlib import Path
from typing import Any

import pytest

from relatedness.errors import InputError
from relatedness.sources import read, read_events

STATUSPAGE = {
    "id": "p1", "name": "Checkout fails", "started_at": "2017-03-07T10:00:00Z",
    "incident_updates": [{"body": "It is repaired."}, {"body": "The database failed over."}], "components": [{"name": "Shop"}],
}  # fmt: skip
CONTENTFUL = {
    "metadata": {"tags": []}, "sys": {"id": "c1", "version": 3, "publishedVersion": 2, "createdAt": "2017-03-07T10:00:00Z"},
    "fields": {"title": {"en-US": "Checkout fails"}, "tags": {"en-US": ["Shop"]}},
}  # fmt: skip
STRAPI = {
    "id": "s1", "attributes": {"title": "Checkout fails", "publishedAt": "2017-03-07T10:00:00Z",
                               "categories": {"data": [{"id": 1, "attributes": {"name": "Shop"}}]}},
}  # fmt: skip
TWEET = {
    "tweet": {"id_str": "t1", "created_at": "Tue Mar 07 10:00:00 +0000 2017", "full_text": "Checkout fails",
              "entities": {"hashtags": [{"text": "Shop"}]}},
}  # fmt: skip
JOURNAL = {"__CURSOR": "j1", "__REALTIME_TIMESTAMP": "1488880800000000", "MESSAGE": "Checkout fails"}
TIDDLER = {
    "title": "Checkout fails",
    "created": "20170307100000000",
    "modified": "20170307100000000",
    "tags": "[[The shop]] x",
}
OPSGENIE = {
    "Id": "o1",
    "CreatedAt": 1488880800000,
    "Message": "Checkout fails",
    "Description": "No answer",
    "Tags": "[Shop]",
}
FRESHDESK = {
    "helpdesk_ticket": {"id": "f1", "subject": "Checkout fails", "description": "No answer", "created_at": "2017-03-07T10:00:00Z",
                        "tags": [{"name": "Shop"}]},
}  # fmt: skip
GRAPHQL = {
    "node": {"id": "g1", "title": "Checkout fails", "date": "2017-03-07T10:00:00Z", "tags": {"nodes": [{"name": "Shop"}]}},
    "cursor": "c",
}  # fmt: skip
FACEBOOK = {
    "timestamp": 1488880800,
    "data": [{"post": "Checkout fails in M\u00c3\u00bcnchen"}],
    "title": "The shop posted",
}
LINEAR = {
    "ID": "l1", "Title": "Checkout fails", "Created": "Tue Mar 07 2017 11:00:00 GMT+0100 (Central European Standard Time)",
    "Started": "", "Labels": "Shop",
}  # fmt: skip


@pytest.mark.parametrize(
    ("record", "id_", "topics", "words"),
    [
        (STATUSPAGE, "p1", ("Shop",), "Checkout fails|The database failed over.\n\nIt is repaired."),
        (CONTENTFUL, "c1", ("Shop",), "Checkout fails|"),
        (STRAPI, "s1", ("Shop",), "Checkout fails|"),
        (TWEET, "t1", ("Shop",), "|Checkout fails"),
        (JOURNAL, "j1", (), "Checkout fails|"),
        (TIDDLER, "Checkout fails", ("The shop", "x"), "Checkout fails|"),
        (OPSGENIE, "o1", ("Shop",), "Checkout fails|No answer"),
        (FRESHDESK, "f1", ("Shop",), "Checkout fails|No answer"),
        (GRAPHQL, "g1", ("Shop",), "Checkout fails|"),
        (LINEAR, "l1", ("Shop",), "Checkout fails|"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_records_of_programs(record: dict[str, Any], id_: str, topics: tuple[str, ...], words: str) -> None:
    (event,) = read_events([record])
    assert (event.id, event.topics, f"{event.title}|{event.text}") == (id_, topics, words)
    assert event.seconds == 1488880800


def test_what_a_program_does_not_show_is_left_out() -> None:
    hidden: list[dict[str, Any]] = [
        {**CONTENTFUL, "sys": {**CONTENTFUL["sys"], "publishedVersion": None}},  # type: ignore[dict-item]
        {**CONTENTFUL, "sys": {**CONTENTFUL["sys"], "archivedVersion": 4}},  # type: ignore[dict-item]
        {"type": "message", "subtype": "channel_join", "text": "joined", "ts": "1488880800.0001"},
        {"name": "news", "created": 1488880800, "topic": {"value": ""}, "purpose": {"value": "All news"}},
        {**TIDDLER, "title": "$:/StoryList"},
    ]
    reading = read_events(hidden)
    assert list(reading) == []
    assert reading.left_out == {
        "drafts": 1,
        "hidden": 1,
        "entries that are not posts": 1,
        "channels": 1,
        "settings": 1,
    }


def test_posts_of_facebook() -> None:
    (event,) = read_events([FACEBOOK])
    assert (event.title, event.text, event.seconds) == ("", "Checkout fails in München", 1488880800)


def test_a_bulk_request_of_elasticsearch() -> None:
    lines = [
        {"index": {"_index": "news", "_id": "1"}},
        {"@timestamp": "2017-03-07", "message": "Checkout fails"},
    ]
    reading = read_events(lines)
    assert [event.text for event in reading] == ["Checkout fails"]
    assert reading.left_out == {"lines of Elasticsearch commands": 1}


@pytest.mark.parametrize("subtype", [["channel_join"], {"name": "channel_join"}, None, 1])
def test_a_subtype_need_not_be_a_word(subtype: object) -> None:
    (event,) = read_events([{"date": "2017-03-07", "title": "Checkout fails", "subtype": subtype}])
    assert event.title == "Checkout fails"


def test_notes_in_the_bin_are_hidden() -> None:
    note = {
        "title": "Checkout fails",
        "createdTimestampUsec": 1488880800000000,
        "userEditedTimestampUsec": 1588880800000000,
    }
    reading = read_events([{**note, "isTrashed": False}, {**note, "title": "Gone", "isTrashed": True}])
    assert [(event.title, event.seconds) for event in reading] == [("Checkout fails", 1488880800)]
    assert reading.left_out == {"hidden": 1}


def test_an_empty_day_of_publication_is_no_reason_to_take_another() -> None:
    records = [
        {"published_at": "", "created_at": "2017-03-07", "title": "A draft"},
        {"published_at": "2017-03-08", "created_at": "2017-03-07", "title": "A post"},
    ]
    reading = read_events(records, undated="leave-out")
    assert [event.title for event in reading] == ["A post"]


BUGZILLA = """<bugzilla version="5"><bug><bug_id>7</bug_id><creation_ts>2017-03-07 10:00:00 +0000</creation_ts>
<short_desc>Checkout fails</short_desc><keywords>shop</keywords>
<long_desc isprivate="0"><thetext>No answer.</thetext></long_desc>
<long_desc isprivate="1"><thetext>The password is 1234.</thetext></long_desc></bug></bugzilla>"""
MARC = """<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>0</leader><controlfield tag="001">7</controlfield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">Checkout fails /</subfield></datafield>
<datafield tag="260"><subfield code="a">Lund :</subfield><subfield code="c">2017-03-07.</subfield></datafield>
<datafield tag="520"><subfield code="a">No answer.</subfield></datafield>
<datafield tag="650"><subfield code="a">shop</subfield></datafield></record></collection>"""
EAD = """<ead xmlns="urn:isbn:1-931666-22-9"><archdesc level="fonds"><dsc><c01 level="series"><did><unittitle>All</unittitle></did>
<c02 level="item" id="7"><did><unittitle>Checkout fails</unittitle><unitdate normal="2017-03-07">7 March</unitdate></did>
<scopecontent><p>No answer.</p></scopecontent><controlaccess><subject>shop</subject></controlaccess></c02></c01></dsc></archdesc></ead>"""
DUBLIN_CORE = """<OAI-PMH><ListRecords><record><metadata><dc><title>Checkout fails</title><subject>shop</subject>
<date>2019-01-02</date><date>2017-03-07</date><description>No answer.</description><identifier>7</identifier></dc></metadata></record>
</ListRecords></OAI-PMH>"""


MODS = """<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods><titleInfo><title>Checkout fails</title></titleInfo>
<originInfo><dateIssued>2017-03-07</dateIssued></originInfo><abstract>No answer.</abstract><subject><topic>shop</topic></subject>
<identifier>7</identifier><recordInfo><recordCreationDate>2023-01-01</recordCreationDate></recordInfo></mods></modsCollection>"""
ENDNOTE = """<xml><records><record><rec-number>7</rec-number><titles><title><style face="normal">Checkout fails</style></title>
<secondary-title>J</secondary-title></titles><keywords><keyword><style>shop</style></keyword></keywords><dates><year><style>2017</style></year>
<pub-dates><date><style>2017-03-07</style></date></pub-dates></dates><abstract><style>No answer.</style></abstract></record></records></xml>"""
JIRA = """<rss version="0.92"><channel><title>Issues</title><link>https://x.org</link><issue start="0" end="1" total="1"/><build-info/>
<item><title>[7] Checkout fails</title><link>https://x.org/browse/7</link><description>&lt;p&gt;No answer.&lt;/p&gt;</description>
<key id="1">7</key><summary>Checkout fails</summary><labels><label>shop</label></labels><created>Tue, 7 Mar 2017 10:00:00 +0000</created>
<updated>Sun, 1 Jan 2023 00:00:00 +0000</updated><watches>1</watches></item></channel></rss>"""


@pytest.mark.parametrize(
    "text",
    [BUGZILLA, MARC, EAD, DUBLIN_CORE, MODS, ENDNOTE, JIRA],
    ids=["bugzilla", "marc", "ead", "dublin core", "mods", "endnote", "jira"],
)
def test_xml_of_libraries_archives_and_trackers(text: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(text)
    (event,) = read(path)
    assert (event.id, event.title, event.text, event.topics) == (
        "7",
        "Checkout fails",
        "No answer.",
        ("shop",),
    )
    assert event.seconds // 86_400 == 1488880800 // 86_400


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # The first eight digits of an id of Trello are the second in which the card was made.
        (
            {"id": "58be86a0aaaaaaaaaaaaaaaa", "name": "A dam leaks", "desc": "Near Mosul", "idList": "l", "dateLastActivity": "2020-01-01T00:00:00Z"},
            ("58be86a0aaaaaaaaaaaaaaaa", "A dam leaks", "Near Mosul"),
        ),
        (
            {"id": 7, "dashboardId": 1, "created": 1600000000000, "time": 1488881312000, "timeEnd": 1488881400000, "text": "Deploy"},
            (7, "", "Deploy"),
        ),
        (
            {"labels": {"alertname": "DamLow"}, "annotations": {"summary": "A dam leaks", "description": "Near Mosul"},
             "startsAt": "2017-03-07T10:08:32Z", "endsAt": "0001-01-01T00:00:00Z", "updatedAt": "2020-01-01T00:00:00Z", "fingerprint": "f"},
            ("f", "A dam leaks", "Near Mosul"),
        ),
        (
            {"uuid": "u", "creationDate": "2017-03-07T10:08:32Z", "modifiedDate": "2020-01-01T00:00:00Z", "text": "# A dam leaks\n\nNear **Mosul**"},
            ("u", "A dam leaks", "Near Mosul"),
        ),
        (
            {"title": "March 7th, 2017", "uid": "r", "create-time": 1488881312000,
             "children": [{"string": "A dam", "children": [{"string": "leaks near [[Mosul]]"}]}]},
            ("r", "March 7th, 2017", "A dam\nleaks near Mosul"),
        ),
        (
            {"hash": "h", "id": "h", "href": "https://example.org", "description": "A dam leaks", "extended": "Near Mosul",
             "time": "2017-03-07T10:08:32Z", "tags": "dam iraq"},
            ("h", "A dam leaks", "Near Mosul"),
        ),
        (
            {"id": "E1", "title": "A dam leaks", "description": "Near Mosul", "geometry": [{"date": "2017-03-09T00:00:00Z"}, {"date": "2017-03-07T10:08:32Z"}]},
            ("E1", "A dam leaks", "Near Mosul"),
        ),
        (
            {"uri": "at://a/app.bsky.feed.post/1", "record": {"$type": "app.bsky.feed.post", "text": "A dam leaks", "createdAt": "2017-03-07T10:08:32Z"}},
            ("at://a/app.bsky.feed.post/1", "", "A dam leaks"),
        ),
    ],
)  # fmt: skip
def test_what_names_alone_would_read_wrongly(
    record: dict[str, Any], expected: tuple[object, str, str]
) -> None:
    (event,) = read_events([record])
    assert (event.id, event.title, event.text) == expected
    assert str(event.date) == "2017-03-07 10:08:32+00:00"


def test_what_others_repeat_and_lists_of_users_are_left_out() -> None:
    post = {
        "uri": "at://a/1",
        "record": {"$type": "app.bsky.feed.post", "text": "A", "createdAt": "2017-03-07"},
    }
    again = {"post": post, "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}}
    member = {"id": "U1", "name": "ann", "is_bot": False, "profile": {}, "updated": 1488880800}
    reading = read_events([{"post": post}, again, member])
    assert [event.id for event in reading] == ["at://a/1"]
    assert reading.left_out == {"entries that are not posts": 1, "users": 1}


def test_a_bulk_request_gives_its_records_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "bulk.ndjson"
    path.write_text(
        '{"index": {"_id": "a1"}}\n{"title": "A dam leaks", "date": "2017-03-07"}\n'
        '{"create": {"_index": "n"}}\n{"id": "own", "title": "A flood", "date": "2017-03-08"}\n'
        '{"index": {}}\n{"id": "last", "title": "A fire", "date": "2017-03-09"}\n'
    )
    assert [event.id for event in read(path)] == ["a1", "own", "last"]


@pytest.mark.parametrize("form", ["{}\n{}\n", "[{}, {}]"])
def test_pages_of_an_answer_are_read_one_after_another(tmp_path: Path, form: str) -> None:
    first = '{"next": 2, "issues": [{"id": 1, "title": "A", "date": "2017-03-07"}, {"id": 2, "title": "B", "date": "2017-03-08"}]}'
    second = '{"next": null, "issues": [{"id": 3, "title": "C", "date": "2017-03-09"}]}'
    path = tmp_path / "pages.json"
    path.write_text(
        form.replace("{}", first, 1).replace("{}", second, 1) if "[" in form else f"{first}\n{second}\n"
    )
    reading = read(path)
    assert [event.id for event in reading] == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "told"),
    [('{"error": "too many requests"}', "line 2, field 'date': is missing"), ('[{"id": 9}]', "got a list")],
)
def test_what_is_no_page_of_an_answer_is_not_skipped(tmp_path: Path, value: str, told: str) -> None:
    path = tmp_path / "pages.jsonl"
    page = '{"next": 2, "issues": [{"id": 1, "title": "A", "date": "2017-03-07"}]}'
    path.write_text(f'{page}\n{value}\n{{"next": null, "issues": null}}\n')
    with pytest.raises(InputError, match=told):
        list(read(path))
    path.write_text(path.read_text().replace(value, '{"id": 2, "title": "B", "date": "2017-03-08"}'))
    assert [event.id for event in read(path)] == [1, 2]


_WHEN = "2017-03-07T10:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # Values that are wrapped with their types, and names that end in them.
        ({"Items": [{"id": {"S": "a"}, "title": {"S": "A"}, "text": {"S": "The dam leaks."}, "date": {"S": _WHEN}}]}, ("a", "A")),
        ({"documents": [{"name": "p/a", "fields": {"title": {"stringValue": "A"}, "body": {"stringValue": "The dam leaks."},
                         "publishedAt": {"timestampValue": _WHEN}}, "createTime": "2020-01-01T00:00:00Z"}]}, ("a", "A")),
        ({"response": {"docs": [{"id": "a", "title_t": ["A"], "content_txt": ["The dam leaks."], "date_dt": _WHEN}]}}, ("a", "A")),
        # Maps and lists around the records.
        ([{"type": "header", "version": "5"}, {"type": "table", "name": "t", "data": [
            {"id": "a", "title": "A", "body": "The dam leaks.", "created_at": _WHEN}]}], ("a", "A")),
        ({"query": {"pages": {"7": {"pageid": 7, "title": "A", "extract": "The dam leaks.",
                                    "revisions": [{"timestamp": _WHEN}]}}}}, (7, "A")),
        ({"messages": [{"id": "a", "subject": "A", "content": "The dam leaks.", "date_sent": _WHEN}], "flags": [{"id": 1, "user": 2}]},
         ("a", "A")),
        # Interfaces.
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "DetectedIssue", "id": "a", "meta": {
            "lastUpdated": "2020-01-01"}, "identifiedDateTime": _WHEN, "code": {"coding": [{"display": "A"}]}, "detail": "The dam leaks."}}]},
         ("a", "A")),
        ({"message": {"items": [{"DOI": "a", "title": ["A"], "abstract": "<jats:p>The dam leaks.</jats:p>", "issued": {
            "date-parts": [[2017, 3, 7]]}, "created": {"date-parts": [[2020, 1, 1]]}}]}}, ("a", "A")),
        ({"data": [{"id": "a", "fields": {"title": "A", "body": "The dam leaks.", "date": {"created": _WHEN, "changed": "2020-01-01"}}}]},
         ("a", "A")),
        ({"features": [{"id": "u", "properties": {"id": "a", "sent": _WHEN, "headline": "A", "description": "The dam leaks.",
                                                  "status": "Actual", "messageType": "Alert"}}], "title": "x", "updated": _WHEN}, ("u", "A")),
        ({"items": [{"kind": "calendar#event", "id": "a", "status": "confirmed", "created": "2020-01-01T00:00:00Z", "summary": "A",
                     "description": "The dam leaks.", "start": {"dateTime": _WHEN, "timeZone": "UTC"}, "end": {"dateTime": _WHEN}}]},
         ("a", "A")),
        ({"events": [{"name": {"text": "A", "html": "A"}, "description": {"text": "The dam leaks."}, "published": "2020-01-01T00:00:00Z",
                      "start": {"timezone": "Europe/London", "local": _WHEN[:19], "utc": _WHEN}, "id": "a"}]}, ("a", "A")),
        ({"type": "conversation.list", "conversations": [{"type": "conversation", "id": "a", "created_at": 1488880800, "title": "A",
          "source": {"type": "email", "id": "9", "body": "<p>The dam leaks.</p>"}, "tags": {"type": "tag.list", "tags": []}}]}, ("a", "A")),
        ({"results": [{"id": "a", "type": "page", "title": "A", "body": {"storage": {"value": "<p>The dam leaks.</p>"}},
                       "history": {"createdDate": _WHEN}, "metadata": {"labels": {"results": [{"name": "dams", "id": "1"}]}}}]}, ("a", "A")),
        ({"results": [{"object": "page", "id": "a", "created_time": "2020-01-01T00:00:00Z", "properties": {
            "When": {"type": "date", "date": {"start": _WHEN, "end": None}}, "Till": {"type": "date", "date": None},
            "Name": {"type": "title", "title": [{"plain_text": "A"}]}, "Size": {"type": "number", "number": 3},
            "Summary": {"type": "rich_text", "rich_text": [{"plain_text": "The dam "}, {"plain_text": "leaks."}]}}}]}, ("a", "A")),
        ([{"id": "a", "title": "A", "categories": "math.CO cs.DM", "abstract": "The dam leaks.", "update_date": "2020-01-01",
           "versions": [{"version": "v1", "created": "Tue, 7 Mar 2017 10:00:00 GMT"}]}], ("a", "A")),
        ({"results": [{"value": {"id": "a", "dateTabled": _WHEN, "heading": "A", "questionText": "The dam leaks."}, "links": []}]},
         ("a", "A")),
        ({"feed": {"entry": [{"id": {"label": "a"}, "updated": {"label": _WHEN}, "title": {"label": "A"},
                              "content": {"label": "The dam leaks.", "attributes": {"type": "text"}}}]}}, ("a", "A")),
        ({"rows": [{"row_idx": 0, "row": {"id": "a", "headline": "A", "date": _WHEN, "article": "The dam leaks."}}]}, ("a", "A")),
        ({"issues": [{"key": "a", "fields": {"summary": "A", "created": _WHEN, "description": {"type": "doc", "version": 1, "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "The dam "}, {"type": "text", "text": "leaks."}]}]}}}]}, ("a", "A")),
        ([{"itemid": "a", "eventtime": "2017-03-07 10:00:00", "subject": "A", "event": "The dam leaks.", "security": "public"}], ("a", "A")),
        ({"results": [{"id": "a", "title": "A", "publication_date": _WHEN, "created_date": "2020-01-01", "abstract_inverted_index": {
            "leaks.": [2], "The": [0], "dam": [1]}}]}, ("a", "A")),
        ({"studies": [{"protocolSection": {"identificationModule": {"nctId": "a", "briefTitle": "A"}, "statusModule": {
            "startDateStruct": {"date": "2017-03-07"}, "lastUpdateSubmitDate": "2020-01-01"}, "descriptionModule": {
            "briefSummary": "The dam leaks."}, "conditionsModule": {"conditions": ["dams"]}}}]}, ("a", "A")),
        ({"id": "user/-/state/com.google/starred", "updated": 1700000000, "items": [{"id": "a", "crawlTimeMsec": "1700000000000",
            "published": 1488880800, "title": "A", "canonical": [{"href": "https://x.org/a"}], "categories": ["user/-/label/x"],
            "summary": {"content": "<p>The dam leaks.</p>"}}]}, ("a", "A")),
        ([{"node": "a", "rev": 0, "date": [1488880800, 0], "desc": "A\n\nThe dam leaks.", "bookmarks": [], "branch": "default"}], ("a", "A")),
        ({"messages": [{"status": "ok", "total": 1}], "collection": [{"doi": "a", "title": "A", "date": _WHEN, "abstract": "The dam leaks.",
            "published": "NA"}]}, ("a", "A")),
        ({"cik": "1", "filings": {"recent": {"id": ["a", "b"][:1], "filingDate": [_WHEN], "title": ["A"], "text": ["The dam leaks."]}}},
         ("a", "A")),
        ({"issues": [{"id": "a", "subject": "A", "description": "The dam leaks.", "start_date": "2020-01-01", "due_date": None,
            "created_on": _WHEN}]}, ("a", "A")),
        ({"events": [{"id": "a", "title": "A", "description": "The dam leaks.", "date": "2016-01-01", "start_date": _WHEN[:10],
            "all_day": False}]}, ("a", "A")),
        ([{"id": "a", "title": "A", "text": None, "maintext": "The dam leaks.", "description": "The", "date_publish": _WHEN}], ("a", "A")),
        ([{"uri": "a", "lang": "eng", "dateTime": _WHEN, "url": "https://x.org/a", "title": "A", "body": "The dam leaks."}], ("a", "A")),
        ([{"uri": "a", "versioncreated": _WHEN, "headline": "A", "body_html": "<p>The dam leaks.</p>"}], ("a", "A")),
        ({"docs": [{"id": "a", "title": "A", "publishedAt": _WHEN, "content": {"root": {"children": [{"type": "paragraph", "children": [
            {"type": "text", "text": "The dam "}, {"type": "text", "text": "leaks."}]}]}}}]}, ("a", "A")),
        ({"data": [{"id": "a", "fields": {"name": "A", "description": {"raw": "The dam leaks."}, "dateCreated": 1488880800}}]}, ("a", "A")),
        ([{":id": "r", ":created_at": "2020-01-01", "incident_number": "a", "issued": _WHEN, "headline": "A", "narrative": "The dam leaks."}],
         ("a", "A")),
    ],
)  # fmt: skip
def test_records_of_more_interfaces(tmp_path: Path, value: object, expected: tuple[object, str]) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(value))
    (event,) = read(path)
    assert (event.id, event.title, event.text) == (*expected, "The dam leaks.")
    assert event.when[:10] == "2017-03-07"


def test_a_column_that_an_interface_has_too_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"eventtime": "2017-03-07", "headline": "A", "details": "The dam leaks."}]))
    (event,) = read(path)
    assert (event.when, event.title, event.text) == ("2017-03-07", "A", "The dam leaks.")


def test_all_maps_of_a_map_of_maps_are_read(tmp_path: Path) -> None:
    path = tmp_path / "years.json"
    maps = {
        y: {f"{y}-{n}": {"title": f"{y} {n}", "date": f"{y}-03-07"} for n in (1, 2)} for y in ("2016", "2017")
    }
    path.write_text(json.dumps(maps))
    assert [event.id for event in read(path)] == ["2016-1", "2016-2", "2017-1", "2017-2"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"type": "identity", "id": "identity--1", "spec_version": "2.1", "created": _WHEN, "name": "B"}, "records of other kinds"),
        ({"type": "m.room.member", "origin_server_ts": 1488880800000, "content": {"membership": "join"}}, "entries that are not posts"),
        ({"type": "channel", "channel": {"name": "b"}}, "records of other kinds"),
        ({"type": "direct_post", "direct_post": {"create_at": 1488880800000, "message": "B"}}, "hidden"),
        ({"identifier": "b", "sent": _WHEN, "status": "Exercise", "msgType": "Alert", "info": {"headline": "B"}}, "tests and exercises"),
        ({"id": "U1", "name": "b", "real_name": "B", "updated": 1488880800}, "users"),
        ({"user_id": "U1", "date": "1488880800", "change_type": "added", "reason": "B"}, "settings"),
        ({"kind": "calendar#event", "id": "b", "status": "cancelled"}, "cancelled entries"),
        ({"subject": "B", "start": {"dateTime": _WHEN, "timeZone": "UTC"}, "isCancelled": True}, "cancelled entries"),
        ({"itemid": "b", "eventtime": "2017-03-07 10:00:00", "event": "B", "security": "private"}, "hidden"),
        ({"object": "page", "id": "b", "archived": True, "properties": {}}, "hidden"),
        ({"id": 2, "title": "B", "handle": "b", "created_at": _WHEN, "published_at": None}, "drafts"),
        ({"id": 2, "title": "B", "permalink": "/b", "date": _WHEN, "visible": 0}, "hidden"),
        ({"id": 2, "title": "B", "slug": "b", "date": _WHEN, "status": "archived"}, "hidden"),
        ({"id": 2, "title": "B", "date": _WHEN, "deleted": 1}, "hidden"),
        ({"title": "B", "ns": "1", "revision": {"timestamp": _WHEN, "text": "B"}}, "entries that are not posts"),
        ({"title": "B", "ns": "0", "redirect": {"title": "A"}, "revision": {"timestamp": _WHEN, "text": "B"}}, "redirects"),
    ],
)  # fmt: skip
def test_what_interfaces_keep_beside_their_records_is_left_out(
    record: dict[str, object], reason: str
) -> None:
    reading = read_events([{"date": _WHEN, "title": "A", "text": "The dam leaks."}, record])
    assert [event.title for event in reading] == ["A"]
    assert reading.left_out == {reason: 1}


def test_words_of_programs_are_read_without_their_marks() -> None:
    records = [
        {"timestamp_ms": 1488880800000, "sender_name": "Ann", "content": "A caf\u00c3\u00a9 burns"},
        {"post_id": 1, "post_time": 1488880800, "post_subject": "A", "bbcode_uid": "x",
         "post_text": "<r><B><s>[b]</s>The<e>[/b]</e></B> dam leaks</r>"},
        {"id": "1", "text": "It leaks", "created_at": _WHEN, "entities": {"hashtags": [{"tag": "dams"}]}},
        {"id": "n", "created_at": 1488880800, "content": "It burst", "tags": [["t", "dams"], ["p", "ff"]], "pubkey": "cd"},
        {"title": "A", "ns": "0", "id": "1", "revision": {"timestamp": _WHEN, "text": {"#text": "{{Infobox|a={{b}}}}\'\'\'The\'\'\' [[dam (river)|dam]] leaks<ref>x</ref>.\n"
            "[[File:a.jpg|thumb|A [[dam]]]]\n[[Category:Dams]]"}}},
        {"title": "B", "created": "20170307100000000", "modified": "20170307100000000", "text": "It ''really'' //leaks// at https://x.org"},
    ]  # fmt: skip
    events = [next(iter(read_events([record]))) for record in records]
    assert [event.text for event in events] == [
        "A café burns", "The dam leaks", "It leaks", "It burst", "The dam leaks.", "It really leaks at https://x.org",
    ]  # fmt: skip
    assert [event.topics for event in events[2:5]] == [("dams",), ("dams",), ("Dams",)]


def test_a_list_of_events_counts_before_what_stands_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    events = [
        {
            "title": "The dam leaks.",
            "updated": _WHEN,
            "text": "Badly.",
            "items": [{"name": "pump", "date": "2001-01-01"}],
        }
    ] * 2
    told = [
        events,
        {"items": [{"name": "Ann", "id": 1}], "articles": events},
        {"meta": {"date": ["2001-01-01", "2001-01-02"], "title": ["a", "b"]}, "articles": events},
    ]
    for value in told:
        path.write_text(json.dumps(value))
        assert {event.title for event in read(path)} == {"The dam leaks."}


@pytest.mark.parametrize(
    "beside",
    [
        {"link": "https://x.org/a", "watches": 3},
        {"pubkey": "ab"},
        {"entities": {"hashtags": [{"tag": "x"}]}},
        {"ns": 2, "revision": {"n": 1}},
    ],
)
def test_a_name_that_a_program_uses_changes_no_record_of_another(beside: dict[str, object]) -> None:
    record = {
        "summary": "A",
        "created_at": _WHEN,
        "created": _WHEN,
        "body": "The dam leaks.",
        "tags": ["dams"],
    }
    (event,) = read_events([record | beside])
    assert (event.title, event.text, event.topics) == ("A", "The dam leaks.", ("dams",))


def test_the_addresses_of_pages_may_be_called_their_sources() -> None:
    pages = [
        {"title": "A", "text": "The dam leaks.", "date": "2017-03-07", "source": "https://x.org/a"},
        {"title": "B", "text": "The dam burst.", "date": "2017-03-08", "source": "The Times"},
    ]
    assert [next(iter(read_events([page]))).url for page in pages] == ["https://x.org/a", None]


def test_posts_of_matrix_and_mattermost_are_read() -> None:
    matrix = {
        "type": "m.room.message",
        "event_id": "$a",
        "origin_server_ts": 1488880800000,
        "content": {"body": "The dam leaks."},
    }
    mattermost = {
        "type": "post",
        "post": {"channel": "c", "message": "The dam leaks.", "create_at": 1488880800000},
    }
    for record in (matrix, mattermost):
        (event,) = read_events([record])
        assert (event.when, event.text) == (_WHEN, "The dam leaks.")


def test_the_lists_beside_the_messages_of_slack_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "general").mkdir()
    message = {"type": "message", "user": "U1", "text": "The dam leaks.", "ts": "1488880800.000100"}
    (tmp_path / "general/2017-03-07.json").write_text(json.dumps([message]))
    for name in ("users", "channels"):
        entry = {"id": "U1", "name": "anna", "updated": 1488880800, "created": 1488880800}
        (tmp_path / f"{name}.json").write_text(json.dumps([entry]))
    reading = read(tmp_path)
    assert [event.text for event in reading] == ["The dam leaks."]
    assert reading.left_out == {"lists of people, channels and settings": 2}


@pytest.mark.parametrize("odd", [None, 5, [], [None], ["news"], {}, {"a": 1}])
def test_values_of_other_types_under_the_names_of_programs_are_no_error_of_ours(odd: object) -> None:
    plain = {"id": "a", "date": "2017-03-07T10:00:00Z", "title": "The dam leaks."}
    for name in (
        "type", "info", "header", "Item", "fields", "revisions", "DOI", "profile", "abstract_inverted_index", "protocolSection",
        "crawlTimeMsec", "sender_name", "entities", "pubkey", "bbcode_uid", "watches", "node",
    ):  # fmt: skip
        (event,) = read_events([plain | {"spec_version": "2.1", "properties": {}} | {name: odd}])
        assert event.date is not None


def test_commits_of_github() -> None:
    person = {"name": "Ada", "email": "ada@example.org", "date": "2011-04-14T16:00:49Z"}
    message = "Repair the parser\n\nIt read nested tables as text."
    record = {"sha": "6dcb09b", "commit": {"author": person, "committer": person, "message": message, "comment_count": 0},
              "url": "https://api.example/6dcb09b", "html_url": "https://example/commit/6dcb09b", "author": {"login": "ada"}}  # fmt: skip
    (event,) = read_events([record])
    assert (event.id, event.when, event.title) == (
        "6dcb09b",
        "2011-04-14T16:00:49+00:00",
        "Repair the parser",
    )
    assert (event.text, event.url) == ("It read nested tables as text.", "https://example/commit/6dcb09b")
    (event,) = read_events([{"id": 1, "date": "2011-04-14", "title": "Built", "commit": "6dcb09b"}])
    assert (event.id, event.title) == (1, "Built")


def _note(readers: list[str], words: str) -> dict[str, object]:
    about = {"type": "Note", "published": _WHEN, "content": f"<p>{words}</p>", "to": readers, "cc": []}
    return {"type": "Create", "actor": "https://x.org/a", "published": _WHEN, "to": readers, "object": about}


@pytest.mark.parametrize("public", ["https://www.w3.org/ns/activitystreams#Public", "as:Public"])
def test_what_a_post_of_activitypub_says_to_some_readers_alone_is_hidden(public: str) -> None:
    others = ["https://x.org/a/followers"]
    reading = read_events([_note([public], "It leaks"), _note(others, "It burst"), _note([], "It held")])
    assert [event.text for event in reading] == ["It leaks"]
    assert reading.left_out == {"hidden": 2}
    letter = {"type": "letter", "date": _WHEN, "title": "It leaks", "to": ["Ann"]}
    assert len(list(read_events([letter]))) == 1


@pytest.mark.parametrize("name", ["@type", "__typename", "model", "type"])
def test_records_of_kinds_that_have_no_dates_are_left_out_beside_those_that_have(name: str) -> None:
    dam = {name: "Article", "headline": "The dam leaks", "datePublished": "2017-03-07"}
    people = [{name: "Person", "name": "Ann"}, {name: ["Person", "Author"], "name": "Ann"}]
    reading = read_events([people[0], dam, people[1]])
    assert [event.title for event in reading] == ["The dam leaks"]
    assert reading.left_out == {"records of other kinds": 2}
    with pytest.raises(InputError, match="every event needs a date"):
        list(read_events([dam, {name: "Article", "headline": "It burst"}]))
    with pytest.raises(InputError, match="every event needs a date"):
        list(read_events(people))


@pytest.mark.parametrize(
    ("time", "precision", "date"),
    [
        ("+2004-12-26T00:00:00Z", 11, "2004-12-26"),
        ("+2004-12-00T00:00:00Z", 10, "2004-12-01"),
        ("+1755-00-00T00:00:00Z", 9, "1755-01-01"),
        ("-0044-03-15T00:00:00Z", 11, "-0043-03-15"),
    ],
)
def test_entities_of_wikidata_are_dated_by_their_claims(time: str, precision: int, date: str) -> None:
    value = {"value": {"time": time, "precision": precision}, "type": "time"}
    entity = {
        "id": "Q1",
        "labels": {"de": {"language": "de", "value": "Beben"}, "en": {"language": "en", "value": "Quake"}},
        "descriptions": {"en": {"language": "en", "value": "it shook"}},
        "claims": {
            "P585": [{"mainsnak": {"snaktype": "value", "datavalue": value}}],
            "P580": [{}],
            "P31": None,
        },
        "modified": "2023-09-01T00:00:00Z",
    }
    (event,) = read_events([entity])
    assert event.date is not None
    assert (event.id, event.title, event.text, event.date.isoformat()) == ("Q1", "Quake", "it shook", date)


def test_an_advisory_of_php_is_as_old_as_its_first_mended_branch(tmp_path: Path) -> None:
    lines = ["title: Forged tokens", "branches:", "  2.x: {time: 2017-03-08 10:00:00}", "  1.x: {time: 2017-03-07 10:00:00}",
             "  0.x: {time: ~}", "reference: composer://acme/forms"]  # fmt: skip
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/one.yaml").write_text("\n".join(lines))
    (event,) = read(tmp_path)
    assert (event.title, event.when, event.topics) == ("Forged tokens", _WHEN, ("acme/forms",))


def test_the_words_of_an_incident_stand_in_its_updates() -> None:
    updates = [{"when": _WHEN, "text": "It is mended."}, {"when": _WHEN, "text": "It leaks."}]
    record = {"id": "a", "begin": _WHEN, "external_desc": "Leaks", "updates": updates,
              "affected_products": [{"title": "Dam", "id": "d"}]}  # fmt: skip
    (event,) = read_events([record])
    assert (event.title, event.text, event.topics) == ("Leaks", "It leaks.\n\nIt is mended.", ("Dam",))
    (event,) = read_events([{"id": "a", "date": _WHEN, "title": "Leaks", "updates": 3}])
    assert event.text == ""


def test_records_that_their_program_says_are_deleted_are_left_out() -> None:
    rows = [{"id": n, "created": _WHEN, "title": n, "state": state} for n, state in (("a", "active"), ("b", "deleted"))]  # fmt: skip
    reading = read_events(rows)
    assert [event.id for event in reading] == ["a"]
    assert reading.left_out == {"hidden": 1}


def test_the_second_in_utc_counts_before_that_of_some_clock() -> None:
    record = {"id": "a", "title": "It leaks", "created": 1488909600.0, "created_utc": 1488880800.0}
    (event,) = read_events([record])
    assert event.when == _WHEN
