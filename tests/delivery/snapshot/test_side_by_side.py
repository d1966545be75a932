"""Before and after: what is said to have changed, and a page that nothing can be put into."""

from __future__ import annotations

import re
from dataclasses import replace

from delivery.snapshot.compare import pairs
from delivery.snapshot.model import Finding
from delivery.snapshot.side_by_side import markdown, page, summary
from tests.delivery.snapshot.made import seen, shot

BEFORE = {
    "logs/a": shot("a", seen(1), seen(2, "Gone"), seen(3, "Same")),
    "logs/b": shot("b", seen(1)),
    "logs/c": shot("c", seen(1)),
}
AFTER = {
    "logs/a": shot("a", seen(1, digest="d2"), seen(3, "Same"), seen(4, "New"), generated="g2"),
    "logs/b": shot("b", seen(1)),
    "logs/d": shot("d", seen(1)),
}


def html(before=BEFORE, after=AFTER, load=lambda shot: b"png"):
    return page(pairs(before, after), load, load)


def test_changes_come_first_and_go_by_the_json():
    found = pairs(BEFORE, AFTER)
    assert [(each.name, each.state) for each in found] == [
        ("logs/a", "changed"),
        ("logs/c", "gone"),
        ("logs/d", "new"),
        ("logs/b", "same"),
    ]
    changes = [(each.change, each.title) for each in found[0].changes]
    assert changes == [("changed", "Requests"), ("added", "New"), ("gone", "Gone")]


def test_other_pixels_are_no_change():
    other = {"logs/b": replace(BEFORE["logs/b"], sha256="1" * 64, size=9)}
    assert [each.state for each in pairs({"logs/b": BEFORE["logs/b"]}, other)] == ["same"]


def test_what_is_around_the_panels_is_a_change():
    other = {"logs/b": shot("b", seen(1), generated="g2")}
    found = pairs({"logs/b": BEFORE["logs/b"]}, other)
    assert found[0].state == "changed"
    assert "none: only what is around them (variables, links, annotations)" in markdown(found)


def test_the_summary_for_a_pull_request():
    assert (
        markdown(pairs(BEFORE, AFTER))
        == """\
### Dashboards, before and after

4 pictures: 1 changed, 1 new, 1 gone, 1 same.

| Dashboard | | Panels |
|---|---|---|
| The a | changed | changed: Requests; added: New; gone: Gone |
| The c | gone | the whole dashboard |
| The d | new | the whole dashboard |
"""
    )


def test_many_changes_are_counted():
    before = {"logs/a": shot("a")}
    after = {"logs/a": shot("a", *(seen(n, f"P{n}") for n in range(1, 12)))}
    assert "; added: P8; and 3 more |" in markdown(pairs(before, after))


def test_nothing_on_either_side():
    assert summary(pairs({}, {})) == "There are no pictures."
    assert "There are no pictures." in html({}, {})


def test_one_side_only():
    text = html({}, AFTER)
    assert text.count("There is none.") == 3
    assert text.count('src="data:image/png;base64,cG5n"') == 3
    assert html(BEFORE, {}).count("There is none.") == 3


def test_a_picture_that_is_lost_and_one_that_was_never_taken_are_told_apart():
    failed = replace(
        BEFORE["logs/b"], file="", findings=(Finding("failed", None, "", "cannot be opened"),)
    )
    text = html({"logs/b": failed}, {"logs/b": BEFORE["logs/b"]}, lambda shot: None)
    assert "cannot be opened" in text
    assert "The picture is not in the folder any more." in text


def test_changed_panels_are_outlined_where_they_are():
    text = html()
    outline = 'style="left:10.000%;top:20.000%;width:50.000%;height:20.000%"'
    assert text.count(f'<i class="changed" title="Requests" {outline}></i>') == 2
    assert len(re.findall('<i class="gone"', text)) == 1
    assert len(re.findall('<i class="added"', text)) == 1
    assert 'title="Same"' not in text


def test_a_title_is_text_wherever_it_stands():
    evil = '"><script>alert(1)</script>|\n'
    before = {"logs/a": shot("a", seen(1, evil), title=evil)}
    after = {"logs/a": shot("a", seen(1, evil, "d2"), title=evil)}
    text = html(before, after)
    assert "<script>alert" not in text
    assert text.count("<script>") == 1
    told = markdown(pairs(before, after))
    assert "<script>" not in told
    assert "\\|" in told.splitlines()[-1]


def test_the_page_loads_nothing():
    text = html()
    assert "default-src &#x27;none&#x27;; img-src data:" in text
    assert not re.search(r"https?://", text)


def test_the_service_is_named():
    after = {"logs/a-x": shot("a", service="x")}
    assert "| The a (x) | new |" in markdown(pairs({}, after))
