"""Software and sites named by an address: github.com/kubeedge/kubeedge, vaultcmd.exe, www.example.com."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from relatedness.topics._gazetteer import Topic
from relatedness.topics._gazetteer_file import Alias
from relatedness.topics._known_names import SMALL_KINDS, KnownNames
from relatedness.topics._language import EVERYDAY, GENERIC
from relatedness.topics._mention import Mention, mention_of

# Not the address of a page, which has a protocol or points to an issue, a file or a version.
_PATH = re.compile(
    r"(?<![\w/@.:-])(?:(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)/(?P<owner>[\w.-]+)|golang\.org/x|gopkg\.in|(?:sigs\.)?k8s\.io)"
    r"/(?!v\d)(?P<name>[A-Za-z][\w-]{2,}(?:\.js)?)(?!\w|/(?:issues|pull|blob|tree|commit|wiki|releases|security|discussions)\b)"
)
# The file of a program: vaultcmd.exe.
_FILE = re.compile(r"(?<![\w.-])[A-Za-z][\w-]+\.(?:exe|dll)\b")
# A site that a title names: www.example.com; no path, address of mail or file.
_SITE = re.compile(
    r"(?<![\w/@.:-])(?:www\.)?(?P<site>(?:[a-z0-9-]+\.)*(?P<name>[a-z0-9-]{2,})\.(?:com|org|net|gov|edu|eu|info|app|dev|ai|co\.uk|de|nl|ch|at|be|fr|it|es"
    r"|se|no|dk|fi|pt|jp|cn|kr|br|ca|au|nz|za))(?![\w@/-]|\.\w)"
)
_MAKERS = SMALL_KINDS | {"company", "organisation", "website"}
# Kinds of owners of sites, including learned names.
_OWNERS = _MAKERS | {"name"}


def module_names(
    text: str, names: KnownNames, found: Iterable[tuple[int, Mention]]
) -> Iterator[tuple[int, Mention]]:
    """The mentions of software by module paths in a text, each with the offset of its name.

    Parameters
    ----------
    found : iterable of (int, Mention)
        The other mentions in the text, with which a module of the same name is merged.
    """
    matches = list(_PATH.finditer(text))
    said = {piece.written.lower(): piece.topic for _, piece in found} if matches else {}
    for match in matches:
        name, start = match["name"], match.start("name")
        known = (
            topic
            for form in (
                name,
                name.capitalize(),
                name.upper() if len(name) > 3 else name,
                name.title().replace("-", " "),
            )
            for topic, _ in names.known(form)
            if topic.kind in _MAKERS
        )
        topic = said.get(name.lower()) or next(known, None)
        if topic is None and names.language.bits.get(name.lower(), 0) & (EVERYDAY | GENERIC):
            # A module called wings is named after its owner; docs or config is not a name.
            owner = match["owner"]
            hollow = names.language.technical | names.language.labels | names.language.things
            if owner is None or name.lower() in hollow:
                continue
            if owner.lower() != name.lower():
                if names.language.bits.get(owner.lower(), 0) & EVERYDAY:
                    continue
                start = match.start("owner")
                name = text[start : match.end("name")]
        topic = topic or Topic(name, "software")
        yield start, mention_of(0, name, ((topic, Alias(0)),))


def program_files(text: str, names: KnownNames) -> Iterator[tuple[int, Mention]]:
    """What the files of programs in a text name, each with its offset: vaultcmd.exe; rundll32.exe is the known rundll32."""
    for match in _FILE.finditer(text):
        written = match[0]
        known = (
            topic
            for topic, alias in names.known(written.rpartition(".")[0])
            if topic.kind in SMALL_KINDS and not alias.weak
        )
        as_one = written if written[1:-4] != written[1:-4].lower() else written.lower()
        topic = next(known, None) or Topic(as_one, "software")
        yield match.start(), mention_of(0, written, ((topic, Alias(0)),))


def sites(title: str, names: KnownNames) -> Iterator[tuple[int, Mention]]:
    """The sites that a title names, each with its offset; that of a known company or site is the known one."""
    for match in _SITE.finditer(title):
        known = (
            topic
            for form in (
                match["site"],
                match["site"].capitalize(),
                match["site"].upper(),
                match["name"].capitalize(),
            )
            for topic, alias in names.known(form)
            if topic.kind in _OWNERS and not alias.weak
        )
        topic = next(known, None) or Topic(match["site"], "website")
        yield match.start("site"), mention_of(0, match["site"], ((topic, Alias(0)),))
