"""What somebody does with the pages in a browser: with scripts and without, on a desk and on a telephone."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.console.browser.windows import CHROMIUM, DRIVER, Window, window
from tests.console.places import Place

BYTES = 100_000
"""The whole first page, over the wire."""

pytestmark = [
    pytest.mark.skipif(
        "Ubuntu" in platform.version() and (CHROMIUM is None or DRIVER is None),
        reason="Ubuntu has no Chromium of Debian's",
    ),
    pytest.mark.timeout(180),
]


@pytest.fixture
def busy(place: Place) -> Place:
    """Two doors with 240 events in the three days before the clock's time, a refusal every tenth."""
    house = place.house
    site = house.site("Harbour House", "Europe/London")
    for name in ("Front entrance", "Server room"):
        house.device(name, site=site.number)
    for page in range(2):
        items: list[dict[str, object]] = []
        for n in range(page * 120, page * 120 + 120):
            kind = "access.denied" if n % 10 == 0 else "access.granted"
            at = f"2027-05-{26 + n // 80:02}T{8 + n % 80 // 10:02}:{n % 60:02}:00Z"
            items.append({"kind": kind, "device": 1 + n % 2, "occurred": at, "method": "card", "person_name": "Ada"})
        house.reports(items)
    return place


@pytest.fixture
def desk(busy: Place, tmp_path: Path) -> Iterator[Window]:
    with window(busy, tmp_path) as found:
        found.sign_in()
        yield found
        assert found.complaints() == []


def address(found: Window) -> dict[str, list[str]]:
    return parse_qs(urlsplit(found.driver.current_url).query)


def test_the_first_page_is_light_and_breaks_no_policy(desk: Window) -> None:
    desk.loaded_bytes()
    desk.driver.execute_cdp_cmd("Network.clearBrowserCache", {})

    desk.go("/console/events")

    sizes = desk.loaded_bytes()
    assert len(desk.rows()) == 100
    assert any(url.endswith("/console.js") for url in sizes)
    assert sum(sizes.values()) < BYTES, sizes
    assert all("/console" in url for url in sizes)


def test_a_new_event_slides_in_and_a_missed_one_is_fetched(desk: Window) -> None:
    desk.wait("document.querySelector('#link').textContent === 'live'")

    posted = desk.place.house.report(1, "door.forced", occurred="2027-05-29T11:59:00Z")

    row = desk.until(f"#e{posted['id']}")
    assert "The door was forced" in row.text
    assert row.get_attribute("class").split()[0] == "w-trouble"
    assert desk.all("#events tbody tr:not(.day)")[0].get_attribute("id") == f"e{posted['id']}"
    assert len(desk.rows()) == 100


def test_a_late_event_goes_where_it_belongs_under_the_heading_of_its_day(desk: Window) -> None:
    desk.go("/console/events?rows=300")
    desk.wait("document.querySelector('#link').textContent === 'live'")
    house = desk.place.house

    late = house.report(1, "door.opened", occurred="2027-05-27T08:30:30Z")
    desk.until(f"#e{late['id']}")
    older = house.report(1, "door.opened", occurred="2027-05-20T12:00:00Z")
    desk.until(f"#e{older['id']}")

    days = [body.get_attribute("data-day") for body in desk.all("#events tbody")]
    times = desk.driver.execute_script(
        "return [...document.querySelectorAll('#events td.time time')].map((one) => Date.parse(one.dateTime))"
    )
    assert days == [
        "Friday 28 May 2027", "Thursday 27 May 2027", "Wednesday 26 May 2027", "Thursday 20 May 2027",
    ]  # fmt: skip
    assert times == sorted(times, reverse=True)
    assert "late 2 d" in desk.one(f"#e{late['id']}").text


def test_new_events_wait_while_somebody_reads_further_down(desk: Window) -> None:
    desk.wait("document.querySelector('#link').textContent === 'live'")
    desk.driver.execute_script("window.scrollTo(0, 1500)")
    desk.wait("window.scrollY > 1000")

    posted = desk.place.house.report(2, "access.granted", occurred="2027-05-29T11:59:30Z")
    desk.wait("document.querySelector('#news a').textContent === '1 new'")
    absent = desk.all(f"#e{posted['id']}")
    desk.driver.execute_script("document.querySelector('#news a').click()")

    assert absent == []
    desk.until(f"#e{posted['id']}")


def test_an_event_is_opened_by_keys_and_closed_by_back(desk: Window) -> None:
    body = desk.one("body")

    body.send_keys("jj")
    desk.driver.switch_to.active_element.send_keys(Keys.ENTER)
    desk.until("#panel h2")
    opened = address(desk)
    shapes = [summary.text for summary in desk.all("#panel summary")]
    desk.driver.back()
    desk.wait("document.querySelector('#panel').hidden")

    second = desk.all("#events tbody tr:not(.day)")[1].get_attribute("id")
    assert [f"e{id_}" for id_ in opened["event"]] == [second]
    assert shapes == ["Native API"]
    assert "event" not in address(desk)


def test_a_drag_over_the_histogram_narrows_the_time(desk: Window) -> None:
    bars = desk.one(".bars")
    width = bars.size["width"]

    ActionChains(desk.driver).move_to_element_with_offset(bars, -width // 4, 0).click_and_hold().move_by_offset(
        width // 8, 0
    ).move_by_offset(width // 8, 0).release().perform()
    desk.wait("location.search.includes('from=')")
    desk.until("html[data-ready]")

    asked = address(desk)
    assert asked["from"][0] < asked["to"][0]
    desk.driver.back()
    desk.wait("!location.search.includes('from=')")


def test_the_keyboard_reaches_every_row_and_every_bar(desk: Window) -> None:
    bars = desk.all(".bars a")
    rows = desk.all("#events td.time a")

    desk.driver.execute_script("arguments[0].focus()", bars[0])
    desk.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)

    assert len(rows) == 100
    assert desk.driver.switch_to.active_element == bars[1]
    assert all(bar.get_attribute("aria-label") for bar in bars)


def test_an_alarm_is_taken_and_closed_by_keys_and_the_list_updates_itself(desk: Window) -> None:
    house = desk.place.house
    desk.place.promote("alarms:manage")
    desk.go("/console/alarms")
    desk.wait("document.querySelector('#link').textContent === 'live'")

    alarm = house.client.post("/v1/alarms", json={"name": "Forced", "device": 1, "priority": "high"}).json()
    row = f"#a{alarm['id']}"
    desk.until(row)
    desk.one("body").send_keys("j")
    desk.driver.switch_to.active_element.send_keys("t")
    desk.wait(f"document.querySelector('{row} td')?.textContent === 'In progress'")
    desk.until("html[data-ready]")
    desk.one("body").send_keys("j")
    desk.driver.switch_to.active_element.send_keys("x")
    desk.wait(f"!document.querySelector('{row}')")

    found = house.client.get(f"/v1/alarms/{alarm['id']}").json()
    assert (found["state"], found["assignee"]["name"]) == ("closed", "Ada")


def test_everything_is_there_without_scripts(busy: Place, tmp_path: Path) -> None:
    with window(busy, tmp_path, scripts=False) as plain:
        plain.sign_in()

        assert len(plain.rows()) == 100
        assert len(plain.all(".bars a")) > 24
        plain.one("footer a[rel=next]").click()
        assert address(plain)["page"] == ["2"]
        plain.one("input[name=q]").send_keys("access.denied")
        plain.one(".bar button").click()
        assert plain.one(".foot span").text == "24 of 240 events"
        plain.one("#events td.time a").click()
        assert plain.one("#panel h2").text.startswith("Somebody was refused at ")
        assert "data-ready" not in plain.driver.page_source


def test_a_telephone_shows_it_without_scrolling_sideways(busy: Place, tmp_path: Path) -> None:
    with window(busy, tmp_path, width=360, height=740) as phone:
        phone.sign_in()
        phone.until("html[data-ready]")

        for path in ("/console/events", "/console/alarms", "/console/sessions"):
            phone.go(path, ready=path != "/console/sessions")
            inside, outside = phone.driver.execute_script(
                "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert (path, inside) == (path, outside)
        assert phone.complaints() == []
