"""What the page of events holds, asked for without a browser."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from gatebook.console.drawings.histogram import Bar, histogram
from tests.console.places import Place


def text_of(browser: httpx.Client, path: str) -> str:
    """The words of a page, as they stand there."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


@pytest.fixture
def browser(place: Place) -> httpx.Client:
    """Signed in where one thing has happened."""
    place.house.device("Front entrance")
    place.house.report(1, "access.granted", occurred="2027-05-29T10:00:00Z", method="card", person_name="Ada")
    return place.signed_in()


@pytest.mark.parametrize(
    ("query", "step"),
    [
        ("q=nonesuch", "Show all"),
        ("show=denied", "Show all"),
        ("q=gate&show=denied", "Look among all kinds"),
        ("q=nonesuch&from=2027-05-01", "Look at any time"),
    ],
)
def test_an_empty_page_says_what_is_newest_and_offers_one_step(browser: httpx.Client, query: str, step: str) -> None:
    told = text_of(browser, f"/console/events?{query}")

    assert re.search(rf"No events match; the newest here is from \w+ \d+ \w+ 2027, \d\d:\d\d:\d\d . {step} ", told), (
        told
    )
    assert " 0 of " in told
    assert "at least" not in told


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("q=foo%3Dbar", 400, "q: foo is no property"),
        ("q=plate%3DAB12", 403, "needs the scope plates:read"),
        ("q=gate&from=2027-06-01&to=2027-05-01", 400, "from"),
    ],
)
def test_a_question_that_cannot_be_asked_is_answered_beside_it(
    browser: httpx.Client, query: str, status: int, said: str
) -> None:
    answer = browser.get(f"/console/events?{query}")

    fault = re.search(r'<p class="fault" role="alert">(.*?)</p>', answer.text)
    asked = re.search(r'name="q" value="([^"]*)"', answer.text)
    assert answer.status_code == status
    assert fault is not None
    assert said in fault[1]
    assert asked is not None
    assert asked[1] in ("foo=bar", "plate=AB12", "gate")
    assert 'aria-current="page"' in answer.text


def test_a_page_beyond_the_last_leads_back(browser: httpx.Client) -> None:
    assert "There is no such page. To the first" in text_of(browser, "/console/events?page=9")


def test_data_stand_as_a_tree_and_cannot_be_markup(place: Place, browser: httpx.Client) -> None:
    data = {"vehicle": {"colour": "<b>red</b>", "speed": 12.5}, "lanes": [1, None, True]}
    told = place.house.report(1, "door.opened", occurred="2027-05-29T11:00:00Z", data=data)

    answer = browser.get(f"/console/events/{told['id']}").text
    tree = answer.partition('<div class="tree">')[2].partition("</div>")[0]

    assert "<b>" not in answer
    assert "colour &lt;b&gt;red&lt;/b&gt;" in " ".join(re.sub(r"<[^>]+>", "", tree).split())
    assert re.findall(r"<code>(.*?)</code>", tree) == ["12.5", "1", "null", "true"]


def test_data_too_long_to_read_are_left_to_the_apis(place: Place, browser: httpx.Client) -> None:
    told = place.house.report(1, "door.opened", occurred="2027-05-29T11:00:00Z", data={"text": "x" * 20_000})

    answer = browser.get(f"/console/events/{told['id']}").text

    assert '<div class="tree">' not in answer
    assert "x" * 20_000 in answer


@pytest.mark.parametrize(("scopes", "shown"), [((), False), (("people:read",), True)])
def test_who_may_look_for_people_is_led_to_all_that_one_did(place: Place, scopes: tuple[str, ...], shown: bool) -> None:
    person = place.house.client.post("/v1/people", json={"name": "Grace"}).json()
    place.house.device("Front entrance")
    told = place.house.report(1, "access.granted", occurred="2027-05-29T11:00:00Z", person=person["id"])
    place.promote(*scopes)
    browser = place.signed_in()

    answer = browser.get(f"/console/events/{told['id']}").text
    led = re.search(r'<a href="(/console/events\?q=person[^"]*)">All that Grace did</a>', answer)

    assert (led is not None) is shown
    if led is not None:
        assert " 1 event page made " in text_of(browser, html.unescape(led[1]))


def test_a_label_that_would_be_cut_off_at_the_edge_is_left_out() -> None:
    def bars(n: int) -> list[Bar]:
        return [
            Bar(counts={"a": 1}, address="", since="", until="", name="", label="1 Dec" if i in (0, n - 1) else "")
            for i in range(n)
        ]

    drawn = histogram(bars(100), ["a"])

    assert drawn.labels == [(0.0, "1 Dec")]
