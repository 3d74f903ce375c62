"""Whole names, and what stands beside them: sentences as an editor reads them, in news and in other fields."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from taggers import FAST, GAZETTEER, event, fast, names

from relatedness.topics import FastTagger, Lexicon, learn
from relatedness.topics._lexicon import Name
from relatedness.topics._spelling import thing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # possessives belong to the name before them
        ("The crowd waits for Peru's team.", ["Peru"]),
        ("Nurses of St. Anne's Hospital strike.", ["St. Anne's Hospital"]),
        # a number that belongs to a name, and none of a score, a sum, a share, a list or a year
        ("Zorg Games publishes Zorgfield 3.", ["Zorg Games", "Zorgfield 3"]),
        ("Tim Cook shows the iPhone 7 in Lima.", ["Tim Cook", "iPhone 7", "Lima"]),
        ("He is held under the Terrorism Act 2000 in Leeds.", ["Terrorism Act 2000", "Leeds"]),
        ("They qualify for Super Bowl 50.", ["Super Bowl 50"]),
        ("Fans see Zorgtown beat Krakovia 3-1 in Lima.", ["Zorgtown", "Krakovia", "Lima"]),
        ("Vitter 23 percent, says the count.", []),
        ("The seats go to the Zorgists 15, and the Krakovists 12.", ["Zorgists", "Krakovists"]),
        # an "and" joins two matters of one body or law, not two bodies
        ("She chairs the Truth and Reconciliation Commission.", ["Truth and Reconciliation Commission"]),
        ("They sue under the Wage Theft and Overtime Act in Lima.", ["Wage Theft and Overtime Act", "Lima"]),
        (
            "After months the Michigan Department of Agriculture found it there.",
            ["Michigan Department of Agriculture"],
        ),
        ("The Oxfordshire Fire and Rescue Service warns.", ["Oxfordshire Fire and Rescue Service"]),
        ("It is up to Peru's Health and Safety Council.", ["Peru", "Health and Safety Council"]),
        (
            "They meet the Culture, Media and Sport Select Committee.",
            ["Culture, Media and Sport Select Committee"],
        ),
        ("Talks of the Zorg Foundation and Krakov Council end.", ["Zorg Foundation", "Krakov Council"]),
        ("She wins Song of the Year and Record of the Year.", ["Song of the Year", "Record of the Year"]),
        # short forms of countries before a hyphen, and compounds that are one name
        ("Sino-Japanese trade grows in Lima.", ["China", "Japan", "Lima"]),
        ("A Franco–Polish actor meets Franco Nero.", ["France", "Poland", "Franco Nero"]),
        ("Snow falls in the Mid-Atlantic states.", ["Mid-Atlantic (United States)"]),
        ("The Anglo-Saxon coins lie in Lima.", ["Anglo-Saxons", "Lima"]),
        # the first word of a sentence that belongs to a name
        ("Mount Zorgova erupts near Lima.", ["Mount Zorgova", "Lima"]),
        ("Police say Kian Loyd delos Santos is dead.", ["Kian Loyd delos Santos"]),
        # peers, also as the same person, and initials of what the event names
        ("Lord Zdenkov of Warwick is jailed.", ["Lord Zdenkov of Warwick"]),
        ("Zayeeda Krakova, Baroness Krakova, speaks.", ["Zayeeda Krakova"]),
        ("It asks the European Zorging Union. EZU members agree.", ["European Zorging Union"]),
        # awards of the year, what a body of sport holds, republics within a country
        ("She is Zorgist Footballer of the Year.", ["Zorgist Footballer of the Year"]),
        ("He is named Peruvian Footballer of the Year in Lima.", ["Peruvian Footballer of the Year", "Lima"]),
        ("Rivera Zdenkov is named Coach of the Year.", ["Rivera Zdenkov"]),
        ("They win the FIFA Champions League.", ["FIFA Champions League"]),
        ("They win the AFC Champions League.", ["AFC Champions League"]),
        ("A fire in the Dagestan Republic ends.", ["Dagestan"]),
        ("A fire in the Republic of Dagestan ends.", ["Dagestan"]),
        ("A fire in the Republic of Ireland ends.", ["Ireland"]),
        ("The cleric Zami ul-Krakov is un-Islamic.", ["Zami ul-Krakov"]),
        # names with small words and numbers that lists have
        ("A Texan visits the Victoria and Albert Museum.", ["Texas", "Victoria and Albert Museum"]),
        ("Prince Rainier III of Monaco dies.", ["Rainier III, Prince of Monaco"]),
        ("BBC Radio 4 reads Fahrenheit 451.", ["BBC Radio 4", "Fahrenheit 451"]),
        # whose a body or a cup is belongs to its name
        ("Peru wins the Women's Zorgball World Cup.", ["Peru", "Women's Zorgball World Cup"]),
        ("He leads the People's Zorg Army.", ["People's Zorg Army"]),
        ("He leads the People's Liberation Army.", ["People's Liberation Army"]),
        ("The Women's Committee meets.", []),
        # what somebody is falls away, whatever their name
        ("Activist Dymtro Zdenkov reappears.", ["Dymtro Zdenkov"]),
        ("The Zorgshire West MP Nazra Zdenkov speaks.", ["Nazra Zdenkov"]),
        ("Hawaii District Judge Derrick Zdenkov rules.", ["Hawaii", "Derrick Zdenkov"]),
        ("The Minister of Internal Affairs Zaimir Zdenkov resigns.", ["Zaimir Zdenkov"]),
        ("Marine Le Pen speaks.", ["Marine Le Pen"]),
        # of princes and patriarchs the title is half the name
        ("In Lima Prince Zorgo meets Patriarch Krakov.", ["Lima", "Prince Zorgo", "Patriarch Krakov"]),
        ("Prime Minister Jan Peter Zdenkov resigns.", ["Jan Peter Zdenkov"]),
        # awards and courts that go on with "for"
        ("He wins the Academy Award for Best Director.", ["Academy Award for Best Director"]),
        (
            "The U.S. Court of Appeals for the Fifth Circuit rules.",
            ["U.S. Court of Appeals for the Fifth Circuit"],
        ),
        # a court case is one topic, a match is two teams
        (
            "The court overturns Zdenkov v. Board of Education.",
            ["Zdenkov v. Board of Education"],
        ),
        ("Judges hear Krakova v. Peru's case.", ["Krakova v. Peru"]),
        ("They watch Peru v. Chile in Lima.", ["Peru", "Chile", "Lima"]),
        # money is no country
        ("The fine of US$40 million is paid in Lima.", ["Lima"]),
        ("It costs A$3 in Perth.", ["Perth"]),
        ("Zdenkov buys Zorg Corporation for US$2.7 billion.", ["Zdenkov", "Zorg Corporation"]),
        ("Oil in Lima costs $US 93.", ["Lima"]),
        ("Lima recovers US $29 million, and IBM $5 million.", ["Lima", "IBM"]),
        # numbers, prefixes and participles are cut
        ("Twenty-two Taliban fighters surrender.", ["Taliban"]),
        ("An Anti-European Union rally is held.", ["European Union"]),
        ("A Liberian-flagged tanker burns off Yemen.", ["Liberia", "Yemen"]),
        # a given name before a surname, a ship, a lake
        ("Critics answer Israel Horovitz in print.", ["Israel Horovitz"]),
        ("The USS Abraham Lincoln sails.", ["USS Abraham Lincoln"]),
        ("Fishing in Lake Malawi is banned.", ["Lake Malawi"]),
        ("Relatives of Sergei and Olga Zdenkov speak.", ["Sergei Zdenkov", "Olga Zdenkov"]),
        # lists in the names of ministries
        (
            "The Ministry of Zorging, Farming and Fisheries closes.",
            ["Ministry of Zorging, Farming and Fisheries"],
        ),
        # names that go on after a known or learned one
        ("He leads the Central Bank of Peru.", ["Central Bank of Peru"]),
        (
            "Members of the Democratic Party of Iranian Kurdistan meet.",
            ["Democratic Party of Iranian Kurdistan"],
        ),
        ("The Supreme Court of the Australian state of Victoria sits.", ["Australia", "Victoria"]),
        ("She joins the Zorgist Group for Prayer and Combat.", ["Zorgist Group for Prayer and Combat"]),
        ("Records of the New York State Division of Archives burn.", ["New York State Division of Archives"]),
        ("Troops of the National Guard of Peru march.", ["National Guard of Peru"]),
        (
            "Warrants of the International Criminal Court for Omar Zdenkov.",
            ["International Criminal Court", "Omar Zdenkov"],
        ),
        ("An Airbus A380 lands.", ["Airbus A380"]),
        ("The final of the ZHF Champions League is sold out.", ["ZHF Champions League"]),
        ("The final of the UEFA Champions League is sold out.", ["UEFA Champions League"]),
        ("Payments of the Canada Pension Plan rise.", ["Canada Pension Plan"]),
        # an adjective says which country a division lies in, and what lies in the south of it
        ("A raid in the Colombian Department of Vichada ends.", ["Colombia", "Vichada"]),
        ("Doctors of the Ohio Department of Health agree.", ["Ohio Department of Health"]),
        ("Rain falls in the Southern Brazilian hills.", ["Brazil"]),
        ("Rain falls in Southern Lebanon.", ["Southern Lebanon"]),
        # what somebody is, and what follows a name
        ("Entertainer Michael Zdenkov dances.", ["Michael Zdenkov"]),
        ("We thank the Community Engagement Lead Vrba Zdenkov.", ["Vrba Zdenkov"]),
        ("It is written by M. Scott Zdenkov, M.D. for doctors.", ["M. Scott Zdenkov"]),
        ("Then they read the Release Notes of Zorgnet Version 4.", ["Zorgnet"]),
        # surnames that are countries and ranks
        ("They thank Kari L. Jordan.", ["Kari L. Jordan"]),
        ("They met Trevor King.", ["Trevor King"]),
        ("He left for the U.S. Jordan agreed.", ["United States", "Jordan"]),
        # bodies of one name in several countries, and happenings of another year
        ("The National Front marches in Thailand.", ["National Front (Thailand)", "Thailand"]),
        ("The Labour Party wins in Norway.", ["Labour Party (Norway)", "Norway"]),
        ("The Labour Party meets in London.", ["Labour Party (UK)", "London"]),
        ("The California wildfires end.", ["California"]),
        ("A pupil dies in the London suburb of Tottenham.", ["London", "Tottenham"]),
        ("The Commission on Zorgist Rights meets on Monday.", ["Commission on Zorgist Rights"]),
        ("She was Secretary of State of the U.S. state of Alabama.", ["United States", "Alabama"]),
        ("They name the European Union in minister of.", ["European Union"]),
        ("Plus I like it. He read a letter of Coretta Zdenkov King aloud.", ["Coretta Zdenkov King"]),
        # towns with the codes of their states
        ("They live in Zorgtown, OR, and in Amherst, MA.", ["Zorgtown, Oregon", "Amherst, Massachusetts"]),
        ("OR ELSE US CITIZENS PAY.", ["United States"]),
        # bodies of several matters
        (
            "The International Folk and Rock Music Council sits.",
            ["International Folk and Rock Music Council"],
        ),
        # languages and locales
        ("The lesson is taught in Spanish.", []),
        ("French-speaking pupils use the en-US edition.", []),
        ("The boat sank in Spanish waters.", ["Spain"]),
        ("It fails on German WIN10 with a Japanese keyboard.", ["Microsoft Windows"]),
        # initials of a name that stands here too
        ("Ask the Zorgian Water Data Board or ZWDB.", ["Zorgian Water Data Board"]),
        # titles inside a run, and what is no name at all
        (
            "They hear Republican Senate Leader Paula Zdenkov.",
            ["Republican Party (United States)", "Paula Zdenkov"],
        ),
        ("The Minister of Education and Research Paula Zdenkov leaves.", ["Paula Zdenkov"]),
        ("Barbara Zdenkov (D-CA) pays P25-million to E. F.", ["Barbara Zdenkov"]),
        ("Grand Mufti Ali Zdenkov speaks.", ["Ali Zdenkov"]),
        (
            "The Secretary of Health and Human Services Tommy Zdenkov resigns.",
            ["United States Department of Health and Human Services", "Tommy Zdenkov"],
        ),
        ("The murder of Sharon Zdenkov is recalled.", ["Sharon Zdenkov"]),
        ("He meets Bingu wa Zdenkov.", ["Bingu wa Zdenkov"]),
        # compounds inside names
        ("The Beijing–Shanghai High-Speed Railway opens.", ["Beijing–Shanghai High-Speed Railway"]),
        ("The Zorgian Sports Anti-Doping Authority closes.", ["Zorgian Sports Anti-Doping Authority"]),
        ("They watch United Airlines Flight 880 land.", ["United Airlines Flight 880"]),
        (
            "The Organization for Security and Co-operation in Europe reports.",
            ["Organization for Security and Co-operation in Europe"],
        ),
        # rivers and mines bear the names of towns
        ("Troops leave the San Juan river in Costa Rica.", ["San Juan river", "Costa Rica"]),
        ("A blast at the San Fernando mine in Colombia.", ["San Fernando mine", "Colombia"]),
        # a possessive inside a name
        ("They beat St Brendan's Rangers at home.", ["St Brendan's Rangers"]),
        ("Doves nest in London's St Anne's Cathedral.", ["London", "St Anne's Cathedral"]),
        ("A crash in Egypt's New Delta Governorate is studied.", ["Egypt", "New Delta Governorate"]),
        # a town after "of", a surname that is a given name
        ("Letters of Margaret of Antioch are found.", ["Margaret of Antioch"]),
        ("A man, Cameron James Zdenkov, is held.", ["Cameron James Zdenkov"]),
        # a full stop after a single letter ends the sentence
        ("The script is in R. We like it.", []),
        # what a small town's name means is not known, but that it is a name
        ("Men attack the village of Kuda in Nigeria.", ["Kuda", "Nigeria"]),
        # divisions by their English names
        ("A ferry sinks off East Kalimantan.", ["East Kalimantan"]),
        ("Farmers of Oxfordshire and of Albay province meet.", ["Oxfordshire", "Albay"]),
        # a place and its division
        ("A raid in Dhamar Governorate, Yemen, ends.", ["Dhamar Governorate", "Yemen"]),
        # bodies of other places
        ("The Ohio House of Representatives adjourns.", ["Ohio House of Representatives"]),
        ("Judges of the Supreme Court of Texas vote.", ["Supreme Court of Texas"]),
        # possessives of groups, and particles
        ("The Calaveras County Sheriff's Office confirms it.", ["Calaveras County Sheriff's Office"]),
        ("The Mongolian People's Revolutionary Party wins.", ["Mongolian People's Revolutionary Party"]),
        ("Catalans re-elect Artur Mas i Gavarró.", ["Catalonia", "Artur Mas i Gavarró"]),
        ("Senator Jane Vranitz (R-Ohio) resigns.", ["Jane Vranitz"]),
        ("Engineers of D-Zorg meet Kari Vranitz (D-Penn.).", ["D-Zorg", "Kari Vranitz"]),
        ("They play at Citi Field.", ["Citi Field"]),
        ("Critics praise The Shape of Water.", ["The Shape of Water"]),
        ("A talk by Kari L. Jordan and Tara Vranitz.", ["Kari L. Jordan", "Tara Vranitz"]),
        # one of several, by its number
        ("They watch Super Bowl XIV.", ["Super Bowl XIV"]),
        ("A speech of Martin Luther King III.", ["Martin Luther King III"]),
        ("A Boeing 757 and a Soyuz TMA-7 land.", ["Boeing 757", "Soyuz TMA-7"]),
        # surnames and names with hyphens
        ("The lawyer Maria Ortega-Lopez meets Kim Dae-jung.", ["Maria Ortega-Lopez", "Kim Dae-jung"]),
        ("Fires near Deir ez-Zor Airport.", ["Deir ez-Zor Airport"]),
        # joined by "&" and "and"
        ("The grocer Kranz & Holbein closes.", ["Kranz & Holbein"]),
        ("Flights to France & Spain resume.", ["France", "Spain"]),
        ("The American Chess and Checkers Society votes.", ["American Chess and Checkers Society"]),
        # joined by "of"
        ("They tour the Cave of the Patriarchs.", ["Cave of the Patriarchs"]),
        ("The Rally of the Malian People wins.", ["Rally of the Malian People"]),
        ("The Association of Muslim Scholars meets.", ["Association of Muslim Scholars"]),
        ("The Government of Norway agrees.", ["Norway"]),
        ("The Senate of Belgium adjourns.", ["Senate of Belgium"]),
        ("The Archdiocese of New York pays.", ["Archdiocese of New York"]),
        ("Battle of Karbala: troops advance.", ["Battle of Karbala"]),
        # a word before a place makes another name of it
        ("Fans of Sparta Prague and of Rapid Vienna riot.", ["Sparta Prague", "Rapid Vienna"]),
        ("A reporter of Radio France is freed.", ["Radio France"]),
        ("A gunman enters Northern Arizona University.", ["Northern Arizona University"]),
        ("Storms reach the Southeastern United States.", ["Southeastern United States"]),
        ("The Football Federation Australia agrees.", ["Football Federation Australia"]),
        # what a company sells, and the company itself
        ("The site Google Buzz closes.", ["Google Buzz"]),
        ("The insurer sues Starbucks Corp. in court.", ["Starbucks"]),
        # months that are given names
        ("The diplomat Jan Vranitz resigns.", ["Jan Vranitz"]),
        ("In Lake County, Illinois, polls open.", ["Lake County, Illinois"]),
        (
            "They visit Oakland, San Francisco, Santa Fe, Seattle and Miami.",
            ["Oakland, California", "San Francisco", "Santa Fe", "Seattle", "Miami"],
        ),
        # a place beside rules out other bearers
        ("Floods reach Perth, Scotland, at night.", ["Perth, United Kingdom", "Scotland"]),
        ("Fires near Cartagena, Murcia, are out.", ["Cartagena, Spain", "Murcia"]),
        ("Ministers visit Moscow, China and India.", ["Moscow", "China", "India"]),
        # everyday words, contractions and weekdays
        ("Come and see what the Reading group made on Tue and Fri.", []),
        ("I've read it; they'll read it. Don't worry.", []),
        ("Hurricane warnings end. Time is short.", []),
        ("AS SOON AS POSSIBLE, update.", []),
        # the first word can be a name
        ("Zorgnetes 1.4 drops the driver.", ["Zorgnetes"]),
        ("Kolbenix warns its clients.", ["Kolbenix"]),
        ("Bushfires destroy nine homes.", []),
        # technical fields
        ("Amdahl's Law bounds the gain.", ["Amdahl's Law"]),
        ("We run nginx and npm under systemd.", ["nginx", "npm", "systemd"]),
        ("It binds via C SQLite to disk.", ["SQLite"]),
        ("Press F1 for help.", []),
        ("On opening, the API of the SDK fails.", []),
        ("- Enable WebRTC on this page.", ["WebRTC"]),
        ("Seen by Mozilla/5.0 (X11; Linux) AppleWebKit/5 (KHTML, like Gecko) Safari/5 in Peru.", ["Peru"]),
        ("It runs under X11; Linux i686; rv:68.0) in Peru.", ["Peru"]),
        ("They build it with Bazel and Ceph.", ["Bazel", "Ceph"]),
        ("Read the RSS feed of the Python project.", ["RSS (web feed)", "Python (programming language)"]),
        ("A Java client fails.", []),
        # a service with an everyday name beside the project that it belongs to, and without it
        ("OpenStack upgrades Nova and Swift.", ["OpenStack", "OpenStack Nova", "OpenStack Swift"]),
        ("The Heat beat the Magic in Oslo.", ["Oslo"]),
        ("A Nova and a Swift in the Horizon zoo.", []),
        ("The opinion is on Justia and on CourtListener.", ["Justia", "CourtListener"]),
    ],
)
def test_what_an_editor_would_sign(text: str, expected: list[str]) -> None:
    (topics,) = FAST.tag([event(text)])
    assert names(topics, "found") == expected


def test_headings_of_sections_are_no_names() -> None:
    text = (
        "The pact holds.\n\nPoor Zorging Experience\n\nAll is well with the Zorg Pact.\n\n  Goals\n\nPeace."
    )
    assert fast(text) == ["Zorg Pact"]


def test_a_person_in_a_line_of_a_list_is_a_name() -> None:
    assert fast("Here were:\n\nMichael Zdenkov (Lima)\nPaula Vrba (Cusco)\n\nAll is well.")[:3] == [
        "Michael Zdenkov",
        "Lima",
        "Paula Vrba",
    ]


def test_the_heading_that_an_archive_supplies_belongs_to_what_it_names() -> None:
    (topics,) = FAST.tag([event("All is calm.", "Zorging crisis in Vietnam")])
    assert [(t.name, t.how) for t in topics] == [
        ("Zorging crisis in Vietnam", "supplied"),
        ("Vietnam", "parent"),
    ]


def test_a_given_name_is_not_learned_and_cuts_no_longer_name() -> None:
    texts = [
        *(f"Report {n} on the poisoning of Sergei and Olga Zdenkov is out." for n in range(5)),
        "A new dean, Sergei Gurbanov, speaks.",
    ]
    events = [event(text, id_=str(n)) for n, text in enumerate(texts)]
    lexicon = learn(events, GAZETTEER)
    assert "Sergei" not in {name.name for name in lexicon.names}
    assert names(FastTagger(GAZETTEER, lexicon).tag(events)[-1]) == ["Sergei Gurbanov"]


def test_a_word_that_opens_several_names_is_not_learned() -> None:
    texts = [
        "We hear of Kolb Works today.", "We hear of Kolb Farms today.", "We hear of Kolb Lines today.",
        *(f"In case {n} it is Kolb again." for n in range(5)),
    ]  # fmt: skip
    lexicon = learn([event(text, id_=str(n)) for n, text in enumerate(texts)], GAZETTEER)
    assert "Kolb" not in {name.name for name in lexicon.names}


def test_slugs_plurals_and_hyphens_are_one_topic() -> None:
    assert thing("Zorg-Pact") == thing("zorg pacts")
    texts = [f"In part {n} we use the ZWS console and a ZorgSet." for n in range(5)]
    more = [f"In part {n} we use two ZorgSets." for n in range(5, 9)]
    events = [event(text, "zws", id_=str(n)) for n, text in enumerate([*texts, *more])]
    tagger = FastTagger(GAZETTEER, learn(events, GAZETTEER))
    first, last = tagger.tag([events[0], events[-1]])
    assert [t.name for t in first] == ["ZWS", "ZorgSet"]
    assert names(last) == ["ZWS", "ZorgSet"]


def test_names_in_one_and_the_same_phrase_of_most_events_are_template_text() -> None:
    words = ["menu", "tab", "mail", "page", "font", "icon", "link"]
    texts = [
        f"The {words[n % 7]} of item {n} in Zorgville breaks.\nUser Zorgent: Browser/9{n}"
        if n % 2
        else f"Item {n}: the {words[n % 7]} is wrong.\nSet by User Zorgent: Browser/9{n}"
        for n in range(60)
    ]
    events = [event(text, id_=str(n)) for n, text in enumerate(texts)]
    lexicon = learn(events, GAZETTEER)
    found = FastTagger(GAZETTEER, lexicon).tag(events)
    assert not any("Zorgent" in t.name for topics in found for t in topics)
    assert sum(t.name == "Zorgville" for topics in found for t in topics) >= 25


def learned_names(texts: list[str], titles: list[str] | None = None) -> tuple[FastTagger, set[str]]:
    """A tagger that learned from these texts, and all names that it finds in them."""
    events = [event(text, id_=str(n), title=titles[n] if titles else "") for n, text in enumerate(texts)]
    tagger = FastTagger(GAZETTEER, learn(events, GAZETTEER))
    return tagger, {t.name for topics in tagger.tag(events) for t in topics}


def test_names_in_lower_case_are_learned_beside_what_they_are() -> None:
    texts = [
        "The zorgctl command fails to start.",
        "After an update the command zorgctl hangs.",
        "Nobody knows why zorgctl stops.",
        "The faulty library was replaced. A legacy application is gone.",
        "Two faulty libraries, one legacy command.",
        "A fix for the quick-zorg crate is out.",
    ]
    tagger, found = learned_names(texts)
    assert found == {"zorgctl", "quick-zorg"}
    (topics,) = tagger.tag([event("Today `zorgctl`, again.")])
    assert names(topics, "found") == ["zorgctl"]


def test_components_at_the_head_of_titles_are_learned() -> None:
    texts = ["The link flaps.", "A leak is closed.", "Nothing else is new."]
    _, found = learned_names(
        texts, ["net/zorg5: fix the link", "net/zorg5: fix a leak", "doc: update the page"]
    )
    assert found == {"net/zorg5"}


def test_what_the_archive_calls_its_own_items_is_no_topic() -> None:
    texts = [
        f"This Zorg Extension Proposal (ZEP) is about {word}. ZEP {n} Draft."
        for n, word in enumerate(["Kafka"] * 40)
    ]
    _, found = learned_names(texts)
    assert found == {"Apache Kafka"}


def test_labels_of_everyday_words_are_no_names_where_the_archive_has_many() -> None:
    texts = [
        "They open the Other Settings in Zorgville.",
        "Then see the Last Page, please.",
        "He reads the Broken Window aloud.",
    ]
    _, found = learned_names(texts)
    assert found == {"Zorgville"}
    news = [
        f"The talks of the Tandilune {name} begin." for name in ("Pact", "Forum", "League", "Trust", "Union")
    ]
    assert "Broken Window" in learned_names([*news, texts[2]])[1]


def test_part_of_a_longer_name_of_the_event_is_no_topic_of_its_own() -> None:
    (topics,) = FAST.tag([event("The Zorgist Trainers of Oslo met other Kolben Zorgist Trainers in Oslo.")])
    assert [t.name for t in topics if "Trainers" in t.name] == ["Kolben Zorgist Trainers"]


def test_a_river_lies_in_no_town() -> None:
    (topics,) = FAST.tag([event("The Saint John River rises.")])
    assert [(t.name, t.how) for t in topics] == [("Saint John River", "found")]


def test_bodies_of_one_country_need_its_company() -> None:
    assert "United States House of Representatives" not in fast(
        "A party wins the House of Representatives in Bangkok."
    )
    assert "United States House of Representatives" in fast(
        "In the United States, the House of Representatives votes."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ministry of Health reports 300 cases in Vietnam.", ["Ministry of Health (Vietnam)", "Vietnam"]),
        (
            "In Georgia's capital the Ministry of Justice shuts.",
            ["Georgia (country)", "Ministry of Justice (Georgia)"],
        ),
        ("The Ministry of Health writes to Peru and Chile.", ["Ministry of Health", "Peru", "Chile"]),
        ("The Ministry of Health closes.", ["Ministry of Health"]),
    ],
)
def test_a_ministry_takes_its_country_from_the_event(text: str, expected: list[str]) -> None:
    assert fast(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Israel–Hamas war enters a new phase.", ["Israel–Hamas war"]),
        ("The Israel-Hamas war enters a new phase.", ["Israel–Hamas war"]),
        ("The Pfizer–BioNTech vaccine is approved.", ["Pfizer", "BioNTech"]),
    ],
)
def test_two_names_with_a_dash_are_a_conflict_or_both(text: str, expected: list[str]) -> None:
    assert fast(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2011 Yemeni uprising: Crowds meet.", ["Yemen", "2011 Yemeni uprising"]),
        (
            "Aid for victims of the 2007 Antofagasta earthquake ends.",
            ["Antofagasta", "2007 Antofagasta earthquake"],
        ),
        ("The November 2015 Lima attacks go on.", ["Lima", "November 2015 Lima attacks"]),
        (
            "The first storm of the 2010 Atlantic hurricane season.",
            ["Atlantic Ocean", "2010 Atlantic hurricane season"],
        ),
        ("Police arrest leaders of the 2006 Fijian coup attempt.", ["Fiji", "2006 Fijian coup attempt"]),
        ("It wins the 2003 Zorgish general election.", ["Zorgish", "2003 Zorgish general election"]),
        (
            "The archive has it as the 2004 Peruvian general election.",
            ["Peru", "2004 Peruvian general election"],
        ),
        # a year alone says when, and other words say nothing of a happening
        ("In 2011 Yemeni protests end.", ["Yemen"]),
        ("On May 7, 2005 Iraqi attacks end.", ["Iraq"]),
        ("The 2011 Yemeni budget is short.", ["Yemen"]),
        ("They win the 2011 Peru attack-minded style.", ["Peru"]),
        ("Allies of the 2004 George W. Bush election stay.", ["George W. Bush"]),
    ],
)
def test_what_happened_in_a_year_is_a_name(text: str, expected: list[str]) -> None:
    assert fast(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # of bodies that several countries have, the one of the only country; of parties and events at least the name
        ("Voters in Senegal elect the National Assembly.", ["Senegal", "National Assembly of Senegal"]),
        ("In Japan, the House of Representatives votes.", ["Japan", "House of Representatives (Japan)"]),
        ("A law banning it in Ireland is lifted by the High Court.", ["Ireland", "High Court of Ireland"]),
        ("Nepal and Bhutan ask the High Court.", ["Nepal", "Bhutan"]),
        ("The High Court rules that it must pay.", []),
        ("In Sweden the Green Party wins.", ["Sweden", "Green Party (Sweden)"]),
        ("They beat the hosts in the World Cup.", ["World Cup"]),
        ("The Green Party of Zorgland wins.", ["Green Party of Zorgland"]),
        # what is a town as well is a given name before a surname
        ("Police detain Hannibal Gaddafi.", ["Hannibal Gaddafi"]),
        ("Hannibal Gaddafi is freed.", ["Hannibal Gaddafi"]),
        ("A fire burns in Hannibal, Missouri.", ["Hannibal, Missouri"]),
        # names around nicknames
        ('They hear Keith Zapko "Matt" Zdenkov.', ['Keith Zapko "Matt" Zdenkov']),
        ('They ask Richard A. "Dick" Zdenkov.', ['Richard A. "Dick" Zdenkov']),
        ('The president of Peru Zapko "Zap" Zdenkov.', ["Peru", 'Zapko "Zap" Zdenkov']),
        ('The "Zetas" Drug Cartel moves.', ["Los Zetas", "Drug Cartel"]),
        ('Toys "R" Us files for bankruptcy.', ['Toys "R" Us']),
        # operations go on behind a country, and a long dash joins what nobody knows apart
        ("The objectives of Operation Iraqi Freedom shift.", ["Operation Iraqi Freedom"]),
        ("They repeal the Zorgson–Zdenkov amendment.", ["Zorgson–Zdenkov"]),
        ("The France–Peru match ends.", ["France", "Peru"]),
        # a program of the same name ends no name of other things
        ("They fear Tropical Cyclone Lua.", ["Tropical Cyclone Lua"]),
        ("The army retires the F-14 Tomcat.", ["F-14 Tomcat"]),
        # Sun is a surname as well as a day, and "or" stands inside a known name
        ("The jury hears Sun Zapko Properties.", ["Sun Zapko Properties"]),
        ("They hear Sun Zapkai.", ["Sun Zapkai"]),
        (
            "She wins the Nobel Prize in Physiology or Medicine.",
            ["Nobel Prize in Physiology or Medicine"],
        ),
        ("The Belgian Royal Family leaves.", ["Belgian royal family"]),
        # adjectives of regions, and who is meant in which country
        ("Whales lie on the Patagonian coast.", ["Patagonia"]),
        ("In India, Maoist rebels attack.", ["India", "Naxalite"]),
        ("Nepal talks to Maoist rebels.", ["Nepal", "Communist Party of Nepal (Maoist)"]),
        ("Maoist rebels attack.", ["Maoism"]),
    ],
)
def test_what_a_name_of_several_means(text: str, expected: list[str]) -> None:
    assert fast(text) == expected


def test_what_happened_in_a_year_is_the_heading_that_the_archive_has() -> None:
    tagger = FastTagger(
        GAZETTEER, Lexicon(names=(Name("Peruvian general election, 2004", "story", (), ("Peru",)),))
    )
    (topics,) = tagger.tag([event("Voters wait for the 2004 Peruvian general election.")])
    assert [topic.name for topic in topics] == ["Peru", "Peruvian general election, 2004"]


@pytest.mark.parametrize(
    ("heading", "parents"),
    [
        ("COVID-19 pandemic in Vietnam", {"COVID-19 pandemic", "Vietnam"}),
        ("2020 Thai protests", {"Thailand"}),
        ("Chad–Sudan relations", {"Chad", "Sudan"}),
        ("Aftermath of Hurricane Katrina", {"Hurricane Katrina", "United States"}),
    ],
)
def test_headings_belong_to_what_they_name(heading: str, parents: set[str]) -> None:
    (topics,) = FAST.tag([event("Nothing else is said.", heading)])
    assert {t.name for t in topics if t.how == "parent"} == parents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('They elect Jesus "Chuy" Garcia as mayor.', ['Jesus "Chuy" Garcia']),
        ("It shuts the Peruvian Pedro Pablo Kuczynski Administration.", ["Peru", "Pedro Pablo Kuczynski"]),
        ("What Is ORCID?", ["ORCID"]),
        ("In Bug 888600 FrameZorgManager was moved.", ["FrameZorgManager"]),
    ],
)
def test_nicknames_terms_questions_and_numbers_cut_no_name(text: str, expected: list[str]) -> None:
    (topics,) = FAST.tag([event(text)])
    assert [topic.name for topic in topics if topic.how == "found"] == expected


def test_a_team_is_known_by_the_last_word_of_its_name() -> None:
    text = "The Texas Rangers win, and the Rangers celebrate."
    (topics,) = FAST.tag([event(text)])
    assert [(t.name, t.aliases) for t in topics if t.how == "found"] == [
        ("Texas Rangers", ("Texas Rangers", "Rangers"))
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A Stored XSS bug is fixed.", ["Cross-site scripting"]),
        ("Impact ActiveSupport breaks.", ["Active Support"]),
        ("The Impact Carefully crafted text has.", []),
        ("Certificate Authorities trust one Certificate Authority.", ["Certificate Authority"]),
        ("A 2.6 GHz Intel Core is slow.", ["Intel Core"]),
        ("The Philippines' Supreme Court rules.", ["Philippines", "Supreme Court of the Philippines"]),
        ("The Ministry of Health of Brazil warns.", ["Ministry of Health (Brazil)", "Brazil"]),
        ("Apple unveils a phone. Shell hits a town.", ["Apple Inc."]),
        ("Mine is X11; Linux i686; it prints.", []),
        ("If Vrbatka falls, In Node.js v18, Node.js's API.", ["Vrbatka", "Node.js"]),
        ("Node.js News tells more.", ["Node.js"]),
        ("He visits the Great Synagogue of Rome.", ["Great Synagogue of Rome"]),
        ("An Academy Award-nominated actress sings.", ["Academy Awards"]),
        ("It boots; The VMware driver, and Unfortunately no other.", ["VMware"]),
        ("Zorglet Level REQUIRED REQUIRED REQUIRED OPTIONAL OPTIONAL ends.", []),
        ("See RFC 3986, the RFC on Mar-01, and ERR INVALID ZORGLET TYPE.", ["RFC 3986"]),
        ("Zorglet is fixed in github.com/vrbatka/zorglet and k8s.io/kubernetes.", ["Zorglet", "Kubernetes"]),
        ("The label topology.kubernetes.io/zone and github.com/vrbatka/docs.", []),
        ("Read https://github.com/vrbatka/web-zorgs/issues/7 or github.com/vrbatka/zorglet/pull/8.", []),
    ],
)
def test_what_belongs_to_no_name_and_bodies_of_countries(text: str, wanted: list[str]) -> None:
    assert fast(text) == wanted


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Exemption of Orville Q. Bandley From Compulsory Retirement for Age", ["Orville Q. Bandley"]),
        ("Termination of the Office of Kelp Coordination", ["Office of Kelp Coordination"]),
        (
            "Amending Orders To Authorize the Director of the Office of Kelp Drying To Perform Functions",
            ["Office of Kelp Drying"],
        ),
        ("Zorg Vrbat Wins Over Quentle Dremlo", []),
        ("Establishing the Kelp Coordinating Board", ["Kelp Coordinating Board"]),
    ],
)
def test_headlines_name_people_with_initials_and_bodies(title: str, wanted: list[str]) -> None:
    assert fast("", title=title) == wanted


@pytest.mark.parametrize(
    ("text", "category", "wanted"),
    [
        ("Chelsea beat Barcelona 2-0.", None, ["Chelsea F.C.", "FC Barcelona"]),
        ("Barcelona sign a striker.", "Sports", ["FC Barcelona"]),
        ("Barcelona counts 20-30 victims.", None, ["Barcelona"]),
    ],
)
def test_a_score_or_the_category_makes_clubs_of_towns(
    text: str, category: str | None, wanted: list[str]
) -> None:
    assert names(FAST.tag([replace(event(text), category=category)])[0]) == wanted


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Cargo", ["Cargo (software)"]),
        ("Keystone", ["OpenStack Keystone"]),  # also a town in Florida
    ],
)
def test_a_technical_archive_takes_everyday_words_for_the_software_of_that_name(
    written: str, expected: list[str]
) -> None:
    texts = [
        f"The zorglet-{n} crate needs {written} to build, and so does the vrbat library." for n in range(6)
    ]
    events = [event(text, id_=str(n)) for n, text in enumerate(texts)]
    alone = event(f"It is built by {written} in time.", id_="x")
    assert names(FAST.tag([alone])[0]) == []
    tagger = FastTagger(GAZETTEER, learn(events, GAZETTEER))
    assert names(tagger.tag([alone])[0]) == expected


def test_an_everyday_word_for_software_that_also_names_a_company_is_learned_as_the_software(
    tmp_path: Path,
) -> None:
    own = tmp_path / "own.txt"
    own.write_text("Vrbat Labs | company | ?Glazier\nGlazier | software | !; ?~glazier\n", encoding="utf-8")
    gazetteer = GAZETTEER.extended(own)
    texts = [f"The zorglet-{n} crate runs glazier, and so does the vrbat library." for n in range(6)]
    lexicon = learn([event(text, id_=str(n)) for n, text in enumerate(texts)], gazetteer)
    assert ("Glazier", "software") in {(name.name, name.kind) for name in lexicon.names}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # what a prefix, an ending or a dash belongs to
        ("The Anti-Zorging League meets, and so does the Pan-Vrbatian Assembly.", ["Anti-Zorging League", "Pan-Vrbatian Assembly"]),
        ("An Anti-European Union rally meets a Pro-Syrian one.", ["European Union", "Syria"]),
        ("The ZRB-terminated text and the Zorglet-series rocket wait.", ["ZRB", "Zorglet"]),
        ("The Slender-billed Zorglet sings.", ["Slender-billed Zorglet"]),
        ("Guards close the Mexico–U.S. border and the U.S.-Canada border.", ["Mexico", "United States", "Canada"]),
        # storms, weekdays, roads and formulas
        ("Storm Vrbatka hits Wales. Storm damage is heavy.", ["Storm Vrbatka", "Wales"]),
        ("Offices close on Fridays and Wednesdays in Lima.", ["Lima"]),
        ("A landslide blocks California State Route 12.", ["California", "State Route 12"]),
        ("Let K be a field, and let F K be another.", []),
        # a team is not its university, and a company stands beside others
        ("The University of Florida Gators beat Lima.", ["University of Florida", "Lima"]),
        ("Verizon loses to Amazon in court.", ["Verizon", "Amazon (company)"]),
        ("Verizon lays cables along the Amazon.", ["Verizon"]),
        # a particle goes on, ranks fall away, a storm has one name
        ("Runners meet at the Stade de Guinea.", ["Stade de Guinea"]),
        ("He meets Army Chief General Vrbatka Zorg.", ["Vrbatka Zorg"]),
        ("Hurricane Vrbatka nears Cuba. By then Vrbatka is strong.", ["Hurricane Vrbatka", "Cuba"]),
        ("They teach at the University of Wisconsin-Madison.", ["University of Wisconsin–Madison"]),
    ],
)  # fmt: skip
def test_where_names_begin_and_end_beside_prefixes_endings_and_numbers(text: str, wanted: list[str]) -> None:
    assert [name for name in fast(text) if name != "Gators"] == wanted


def test_headlines_name_people_by_an_initial_and_land_by_an_unknown_word() -> None:
    titles = {
        "Exemption of Vrbatka K. Zorg From Compulsory Retirement for Age": ["Vrbatka K. Zorg"],
        "Establishing Lake Zorglet Migratory Waterfowl Refuge; Utah": ["Lake Zorglet Migratory Waterfowl Refuge", "Utah"],
        "Enlarging the Cold Zorg National Wildlife Refuge--Oregon": ["Cold Zorg National Wildlife Refuge", "Oregon"],
        "Lost Lake Migratory Waterfowl Refuge; Utah": ["Lost Lake Migratory Waterfowl Refuge", "Utah"],
        "Appendix B. Section Changes to the National Forest Plan": [],
        "Exemption of Stanley Zorgles From Compulsory Retirement for Age": ["Stanley Zorgles"],
        "Appointment of Miss Sarah Wilson Zorgel to a Classified Position": ["Sarah Wilson Zorgel"],
        "Appointment of P. Julian Vrbatka, Jr., to the Navy Yard": ["P. Julian Vrbatka"],
        "Did Senator Susan Zorgel Vote to Extend the Charter?": ["Susan Zorgel"],
        "Anna Kostenzorg Photorealistic Paintings Fool Visitors": ["Anna Kostenzorg"],
        "New Michael Zorgel-led Talks Set to Resume": [],
        "Will Zorglet Merge Before the Deadline?": [],
        "Between the Akron & Zorgelton Belt Railroad Company and Its Employees": ["Akron & Zorgelton Belt Railroad Company"],
    }  # fmt: skip
    for title, wanted in titles.items():
        (topics,) = FAST.tag([event("", title=title)])
        assert [t.name for t in topics if t.how == "found"] == wanted


def test_words_of_every_program_and_of_the_dictionary_are_no_software() -> None:
    texts = [
        f"The zorglet-{n} crate and the laminar library, e.g. the struct tool, the zorbat utility too."
        for n in range(6)
    ]
    lexicon = learn([event(text, id_=str(n)) for n, text in enumerate(texts)], GAZETTEER)
    assert {name.name for name in lexicon.names} & {"laminar", "struct", "e.g", "zorbat"} == {"zorbat"}
    titles = [
        event("It changes.", title=f"laminar: change the {word}", id_=word) for word in ("valve", "pipe")
    ]
    texts += ["The laminar tool of the laminar library."] * 2
    lexicon = learn([*titles, *(event(text, id_=str(n)) for n, text in enumerate(texts))], GAZETTEER)
    assert "laminar" in {name.name for name in lexicon.names}


def test_an_archive_of_labels_has_its_own_abbreviations() -> None:
    texts = [f"The zorglet-{n} crate needs the vrbat-{n} library and Release Notes." for n in range(6)]
    tagger = FastTagger(
        GAZETTEER, learn([event(text, id_=str(n)) for n, text in enumerate(texts)], GAZETTEER)
    )
    assert names(tagger.tag([event("Build it with GCC and show a PNG.")])[0]) == [
        "GNU Compiler Collection",
        "PNG (file format)",
    ]
    assert names(tagger.tag([event("Add flour of AP quality.")])[0]) == []
    assert fast("Leaders of the GCC meet in PNG.") == ["Gulf Cooperation Council", "Papua New Guinea"]


def test_the_path_of_a_module_takes_in_the_words_of_its_title() -> None:
    (topics,) = FAST.tag(
        [event("github.com/zorgs/zorglet is fixed", title="Zorglet Monitoring: no check of hosts")]
    )
    assert names(topics) == ["zorglet"]
    (topics,) = FAST.tag([event("See github.com/zorglet/wings, github.com/fission/fission.")])
    assert names(topics) == ["zorglet/wings", "fission"]


def test_a_heading_belongs_to_no_small_town_or_party_that_a_word_of_it_suggests() -> None:
    (topics,) = FAST.tag(
        [event("Police warn.", "Seminole Heights killings", "Dissident Irish Republican campaign")]
    )
    assert [t.name for t in topics if t.how == "parent"] == ["Ireland"]


def test_a_body_of_a_country_gives_it_to_the_story_that_holds_its_name() -> None:
    (topics,) = FAST.tag(
        [event("The Macedonian Parliament is stormed.", "2017 storming of Macedonian Parliament")]
    )
    assert [t.name for t in topics if t.how == "parent"] == ["North Macedonia"]


def test_a_technical_archive_means_a_town_only_where_it_says_so() -> None:
    texts = [f"The zorglet-{n} crate needs the vrbat-{n} library and Release Notes." for n in range(6)]
    tagger = FastTagger(
        GAZETTEER, learn([event(text, id_=str(n)) for n, text in enumerate(texts)], GAZETTEER)
    )
    assert tagger.lexicon.labels
    assert names(tagger.tag([event("It was added in the Havana release.")])[0]) == []
    assert names(tagger.tag([event("They met in Havana.")])[0]) == ["Havana"]


def test_the_path_of_a_module_and_its_name_in_the_title_are_one_topic() -> None:
    found = FAST.tag([event("github.com/zorglet/zorglet/v7 golang.org/x/net", title="Zorglet has a fix")])[0]
    assert names(found) == ["zorglet"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Police search two homes in Anderlecht.", ["Anderlecht"]),
        ("Thousands march in Sevilla on Sunday.", ["Seville"]),
        ("A boat sinks in the Spree in Berlin.", ["Berlin"]),
        ("The Saracens besiege Jerusalem.", ["Jerusalem"]),
        ("The UDP wins the election in Belize.", ["UDP", "Belize"]),
    ],
)
def test_what_shares_its_name_with_a_place_or_a_people_does_not_take_it(
    text: str, expected: list[str]
) -> None:
    (topics,) = FAST.tag([event(text)])
    assert [topic.name for topic in topics if topic.how == "found"] == expected
    assert {topic.kind for topic in topics}.isdisjoint({"team", "software", "standard"})


@pytest.mark.parametrize(
    ("text", "club"),
    [
        ("In the final Sevilla beat Benfica 4-2.", "Sevilla FC"),
        ("Chelsea lost 2-1 at Southampton.", "Southampton F.C."),
        ("Between 10-15 migrants lost their lives off Southampton.", None),
        ("A ship lost 30-40 containers off Southampton.", None),
        ("In a 5-4 decision the judges of Southampton won the day.", None),
    ],
)
def test_a_club_that_is_called_as_its_town_is_meant_beside_a_score(text: str, club: str | None) -> None:
    assert (club or "Southampton") in fast(text)
    assert (club is None) == ("Southampton F.C." not in fast(text) and "Sevilla FC" not in fast(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The Chief of Staff Andy Zorgel and the Minister of State for Immigration Mark Zorgel resign.", ["Andy Zorgel", "Mark Zorgel"]),
        ("The Minister for Health and Children Mary Zorgel speaks.", ["Mary Zorgel"]),
        ("They ask the Secretary of Constitutional Reform Roberto Zorgel.", ["Roberto Zorgel"]),
        ("Their Councillor Dick Zorgel and MEP Patricia Zorgel agree; MEPs do not.", ["Dick Zorgel", "Patricia Zorgel"]),
        ("The Staff Zorgel Prize is a prize.", ["Staff Zorgel Prize"]),
        ("Then Zorgnet Clients MUST NOT ask. NOT Zorgnet, though.", ["Zorgnet Clients"]),
    ],
)  # fmt: skip
def test_offices_and_what_standards_ask_belong_to_no_name(text: str, wanted: list[str]) -> None:
    assert fast(text) == wanted


def test_of_a_program_and_its_code_or_server_one_is_a_topic() -> None:
    texts = [
        "The link flaps in zorg5.",
        "The zorg5 driver leaks, says zorgmail.",
        "A zorgmail service and the zorgmail-server package fail.",
    ]
    tagger, found = learned_names(
        texts, ["net/zorg5: fix the link", "net/zorg5: fix a leak", "net/zorg5: mail"]
    )
    assert {"zorg5", "net/zorg5", "zorgmail"} <= found
    assert [
        sorted(names(topics, "found"))
        for topics in tagger.tag(
            [
                event("The zorg5 driver fails.", title="net/zorg5: fix"),
                event("The zorgmail-server, of zorgmail, fails."),
            ]
        )
    ] == [["zorg5"], ["zorgmail"]]


def test_a_heading_with_the_years_of_a_known_conflict_is_that_conflict() -> None:
    assert fast("A bomb explodes.", "War in Afghanistan (2001–2021)") == ["War in Afghanistan"]
    assert fast("A bomb explodes.", "Iraqi insurgency (post-U.S. withdrawal)") == ["Iraqi insurgency"]
    for other in ("Battle of Mogadishu (1993)", "Zorg uprising (2011–2013)", "Peru (2001–2005)"):
        assert fast("A bomb explodes.", other) == [other]


def test_a_heading_of_an_office_and_its_holder_is_no_story_in_a_text() -> None:
    headings = ("President of Peru Alan García", "Government of Peru", "Trial of Alan García")
    lexicon = learn([event("It rains.", heading, id_=heading) for heading in headings], GAZETTEER)
    tagger = FastTagger(GAZETTEER, lexicon)

    def found(text: str) -> list[str]:
        return names(tagger.tag([event(text)])[0])

    assert found("The President of Peru Alan García speaks.") == ["Peru", "Alan García"]
    assert found("The Government of Peru agrees.") == ["Peru"]
    assert found("The Trial of Alan García begins.") == ["Trial of Alan García"]
    assert names(tagger.tag([event("It rains.", headings[0])])[0]) == [headings[0]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Zorgbit announced losses.", ["Zorgbit"]),
        ("Zorgbit is a library.", ["Zorgbit"]),
        ("Zorgfall was near the coast.", []),
        ("Dezorgation has begun.", []),
        ("Songs by Neil Finn and Alan Turk were played.", ["Neil Finn", "Alan Turk"]),
        ("The Finn and the Turk met.", ["Finland", "Turkey"]),
        ("Then Juliet left Tempi by train.", ["Tempi"]),
        ("It stood in the Himalayan Times.", ["Himalayan Times"]),
        ("They won Group C. Brazil lost.", ["Group C", "Brazil"]),
        ("He met Orville C. Brandel again.", ["Orville C. Brandel"]),
        ("They call the GitHub API and the Kubernetes CLI.", ["GitHub", "Kubernetes"]),
        ("Many ZORGFAIL DNS responses came.", ["ZORGFAIL", "DNS"]),
        ("Those are Misconfigured CORS headers.", ["CORS"]),
        (
            "Zorg-Drash syndrome is rare, and LZAT deficiency is not.",
            ["Zorg-Drash syndrome", "LZAT deficiency"],
        ),
        (
            "By Zorgel's little theorem and the Zorgel–Brandt criterion, the Zorgel zeta function has zeros.",
            ["Zorgel's little theorem", "Zorgel–Brandt criterion", "Zorgel zeta function"],
        ),
        ("It uses Zorgel polynomials and one Zorgel polynomial.", ["Zorgel polynomial"]),
        ("The ZRGM distance of an OpenZorg effect is small.", ["ZRGM", "OpenZorg"]),
        ("Barack Obama's effect was small, and Obama's principle too.", ["Barack Obama"]),
        ("Zorgenia solium is a worm, and Zorgenia agenda is not.", ["Zorgenia solium"]),
        ("They saw a Zorgus zorgus and the Zorgus gala.", ["Zorgus"]),
        ("It is by Harold Brandel OM, and Jane Brandt OBE bought it.", ["Harold Brandel", "Jane Brandt"]),
        ("Overflowed constant terms break the Riemann hypothesis.", ["Riemann hypothesis"]),
        ("Crohn disease is chronic.", ["Crohn's disease"]),
        (
            "We moved from Redis to Celery, and stored it in Electron.",
            ["Redis", "Celery (software)", "Electron (software)"],
        ),
        ("They ate the Celery there. It stores Celery Zorg.", ["Celery Zorg"]),
        ("The law helps Pensioners, and Phase 2 begins.", []),
        ("They ship Assembler 2.1 with it.", ["Assembler"]),
        ("It moved to Assembler today. Then Assembler broke.", ["Assembler"]),
        ("CVE-2024-47575 is open.", ["CVE-2024-47575"]),
        ("A talk with Cllr Iqbal Brandel and Mme Jane Brandt.", ["Iqbal Brandel", "Jane Brandt"]),
        ("BASEL, Switzerland – Zorgbit Labs hired staff.", ["Basel", "Switzerland", "Zorgbit Labs"]),
        ("TOKYO (Reuters) -- Shares fell.", ["Tokyo"]),
        ("NATO – It rains.", ["NATO"]),
        ("Zorgpasa 1-1 Brandspor. Granted 4-1. The Zorgpasa 10-2 Brandspor game.", ["Zorgpasa", "Brandspor"]),
        ("ZRG-E opened an inquiry.", ["ZRG-E"]),
        ("NOTE that it rains. TODO fix it.", []),
        (
            "It runs zorgcmd.exe and rundll32.exe, which load zorg.dll.",
            ["zorgcmd.exe", "rundll32", "zorg.dll"],
        ),
        ("It runs on Stackless Python and Zorga Linux.", ["Stackless Python", "Zorga Linux"]),
    ],
)
def test_names_end_where_other_names_and_words_begin(text: str, wanted: list[str]) -> None:
    assert names(FastTagger().tag([event(text)])[0], "found") == wanted


def test_a_participle_of_labels_is_not_learned() -> None:
    events = [event(f"It detects Obfuscated scripts of kind {n}.", id_=str(n)) for n in range(6)]
    lexicon = learn(events, GAZETTEER)
    assert "Obfuscated" not in {name.name for name in lexicon.names}


def test_titles_name_sites_and_bodies_for_something() -> None:
    titles = {
        "www.zorg-news.com - page is not loading": ["zorg-news.com"],
        "Impossible to register on forum.zorg.de": ["forum.zorg.de"],
        "Fix zorg.py, write to a@zorg.com, see github.com/zorg": [],
        "Transfer of Property to the Office for Kelp Management": ["Office for Kelp Management"],
    }
    for title, wanted in titles.items():
        assert names(FastTagger().tag([event("It rains.", title=title)])[0], "found") == wanted


def test_an_abbreviation_in_brackets_means_what_stands_before_it() -> None:
    tagger = FastTagger()

    def found(text: str) -> list[str]:
        return names(tagger.tag([event(text)])[0], "found")

    assert found("The Bureau of Land Management (BLM) moves. The BLM waits.") == ["Bureau of Land Management"]
    assert found("The World Health Organization (WHO) warns.") == ["World Health Organization"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ohio Governor Nathan Deal objects.", "person"),
        ("They met Senator Jane Law in Lima.", "person"),
        ("Minister Paul Law resigns.", "person"),
        ("They sign the Nathan Deal in Lima.", "agreement"),  # no title says that it is somebody
        ("They open the President Nathan Library.", "place"),  # what may be called by a title
    ],
)
def test_a_title_and_a_given_name_make_a_person_of_an_everyday_word(text: str, kind: str) -> None:
    found = FAST.tag([event(text)])[0]
    assert kind in [topic.kind for topic in found if topic.name.split()[0] in ("Nathan", "Jane", "Paul")]
