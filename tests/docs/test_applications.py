"""The applications in notebooks/applications do what the pages about them say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import django
import pytest
from starlette.testclient import TestClient

from relatedness.related_index import RelatedIndex

APPLICATIONS = Path(__file__).parents[2] / "notebooks" / "applications"
MOSUL = "2017-07-10-mosul-victory"
OTHER = [
    {"id": "a", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
    {
        "id": "b",
        "date": "2014-08-07",
        "text": "The Islamic State &lt;b&gt;captures&lt;/b&gt; the dam of Mosul.",
    },
]


@pytest.fixture
def applications(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(APPLICATIONS)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] in ("fastapi_app", "flask_app")]:
        del sys.modules[name]


def test_fastapi(applications: None, sample_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE", str(sample_file))
    with TestClient(import_module("fastapi_app").app) as client:
        assert client.get("/").json() == {"related": "/archive/related/{id}"}
        shown = client.get(f"/archive/related/{MOSUL}").json()
        assert shown["related"][0]["contexts"][-3:] == ["Mosul", "ISIL", "Iraq"]
        assert "/archive/query" in client.get("/openapi.json").json()["paths"]


def test_flask(applications: None, sample_file: Path, tmp_path: Path) -> None:
    module = import_module("flask_app")
    path = tmp_path / "news.index"
    path.write_bytes(sample_file.read_bytes())
    module.app.config.update(TESTING=True, ARCHIVE=str(path))
    client = module.app.test_client()
    page = client.get(f"/articles/{MOSUL}").text
    assert "Great Mosque of al-Nuri" in page
    assert "Mosul, ISIL, Iraq" in page
    assert "the nearest are" in client.get("/articles/2017-07-10-mosul-victori").text
    RelatedIndex.build(OTHER, path).close()
    page = client.get("/articles/a").text
    assert 'href="/articles/b"' in page
    assert "&lt;b&gt;captures" in page


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    from django.conf import settings
    from django.db import connection

    folder = tmp_path_factory.mktemp("django")
    settings.configure(
        INSTALLED_APPS=["django_news"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "news.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        RELATEDNESS_INDEX=folder / "news.index",
        USE_TZ=True,
    )
    sys.path.insert(0, str(APPLICATIONS))
    django.setup()
    models = import_module("django_news.models")
    with connection.schema_editor() as editor:
        editor.create_model(models.Article)
    return models


def test_django(news: ModuleType) -> None:
    refresh = import_module("django_news.related").refresh
    texts = [
        ("Militants of ISIL seize Mosul.", "Iraq's second city falls.", 6),
        ("The Islamic State captures the dam of Mosul.", "", 8),
        ("Iraqi troops retake the dam of Mosul.", "Helped by American planes.", 9),
        ("Germany wins the football World Cup in Rio.", "", 7),
    ]
    articles = [
        news.Article.objects.create(
            headline=headline, body=body, published=datetime(2014, month, 10, tzinfo=UTC)
        )
        for headline, body, month in texts
    ]
    assert refresh(news.Article) == 4
    found = articles[1].related()
    assert {item.object.headline for item in found} == {texts[0][0], texts[2][0]}
    assert all("Mosul" in item.contexts and 0 < item.score <= 1 for item in found)
    assert len(articles[1].related(k=1)) == 1
    articles[2].delete()
    assert [item.object for item in articles[1].related()] == [articles[0]]
    late = news.Article.objects.create(
        headline="Iraq asks for help in Mosul.", published=datetime(2014, 10, 1, tzinfo=UTC)
    )
    assert late.related() == []
    assert refresh(news.Article) > 0
    assert articles[0] in {item.object for item in late.related()}
