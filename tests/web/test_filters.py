"""What only pages have: moments as <time>, differing words as <mark>."""

from datetime import UTC, date, datetime

from reviewtool.web import filters


def test_times_are_utc_on_hover_and_local_in_the_text():
    at = datetime(2026, 1, 15, 23, 30, tzinfo=UTC)
    tag = filters.time_tag(at, "Europe/Zurich")
    assert ">2026-01-16 00:30<" in tag
    assert 'title="2026-01-15 23:30 UTC"' in tag
    assert "data-local" not in tag
    assert "data-local" in filters.time_tag(at)
    assert filters.time_tag(date(2026, 1, 15)) == '<time datetime="2026-01-15">2026-01-15</time>'
    assert filters.time_tag(None) == "–"


def test_an_unknown_zone_falls_back_to_utc():
    assert ">2026-01-15 12:00<" in filters.time_tag(
        datetime(2026, 1, 15, 12, tzinfo=UTC), "Mars/North"
    )
