"""Every range that a browser may ask for gives exactly the bytes that the standard says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.listening.ranges import ByteRange, Unsatisfiable, read_range, still_same


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=0-0", ByteRange(0, 0)),
        ("bytes=10-19", ByteRange(10, 19)),
        ("bytes=90-500", ByteRange(90, 99)),
        ("bytes=-1", ByteRange(99, 99)),
        ("bytes=-500", ByteRange(0, 99)),
        (" Bytes = 5 - 6 ", ByteRange(5, 6)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-5", None),
        ("bytes=0-1,5-6", None),
        ("lines=1-2", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("bytes=" + "9" * 500 + "-", None),
    ],
)
def test_a_header_is_read_as_the_standard_says(header: str | None, expected: ByteRange) -> None:
    assert read_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_beyond_the_file_is_refused(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        read_range(header, 100)


def test_an_empty_file_has_no_range() -> None:
    for header in ("bytes=0-", "bytes=-5"):
        with pytest.raises(Unsatisfiable):
            read_range(header, 0)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
def test_what_is_given_is_what_a_slice_gives(first: int, last: int, size: int) -> None:
    content = bytes(n % 256 for n in range(size))
    if last < first:
        assert read_range(f"bytes={first}-{last}", size) is None
        return
    expected = content[first : last + 1]
    try:
        part = read_range(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert expected == b""
        return
    assert content[part.first : part.first + part.length] == expected


@given(st.text(max_size=40))
def test_no_header_breaks_the_reader(text: str) -> None:
    try:
        part = read_range(f"bytes={text}", 1000)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part.first <= part.last < 1000


def test_a_part_of_another_file_is_not_continued() -> None:
    assert still_same(None, '"a"')
    assert still_same(' "a" ', '"a"')
    for other in ('"b"', 'W/"a"', "Sun, 22 Nov 2026 09:30:00 GMT", ""):
        assert not still_same(other, '"a"')
