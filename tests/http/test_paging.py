from __future__ import annotations

from gatebook.http import Request
from gatebook.http.paging import link_header, same_path


def asking(path: str, query: str) -> Request:
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []}
    return Request({**scope, "query_string": query.encode()})


def test_a_link_keeps_the_question_as_it_was_sent() -> None:
    request = asking("/Api/Rest/v1/Events/", "time=gt:'2026-01-01T00:00:00Z'&page=1&a%20b=c+d")

    assert same_path(request, page=2) == "/Api/Rest/v1/Events/?time=gt:'2026-01-01T00:00:00Z'&a%20b=c+d&page=2"


def test_a_parameter_is_replaced_however_it_was_spelt_and_left_out_for_none() -> None:
    request = asking("/v1/events", "%63ursor=old&x=1")

    assert same_path(request, cursor="a b") == "/v1/events?x=1&cursor=a%20b"
    assert same_path(request, cursor=None, x=None) == "/v1/events"


def test_links_that_lead_nowhere_are_left_out() -> None:
    assert link_header({"next": "/x?page=2", "prev": None}) == {"Link": '</x?page=2>; rel="next"'}
    assert link_header({"next": None}) == {}
