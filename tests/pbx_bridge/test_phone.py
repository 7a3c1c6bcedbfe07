"""Every spelling of a number is one number."""
# ruff: noqa: RUF001 - digits of other scripts are what these tests are about

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from pbx_bridge import phone

CASES = [
    ("DE", "+49 30 1234567", "+49301234567", "international"),
    ("DE", "0049301234567", "+49301234567", "international prefix"),
    ("DE", "(030) 123-45-67", "+49301234567", "national, punctuated"),
    ("DE", "030/1234567", "+49301234567", "slash"),
    ("DE", "49301234567", "+49301234567", "country code without plus"),
    ("DE", "491711234567", "+491711234567", "mobile, country code without plus"),
    ("DE", "+49 (0)30 1234567", "+49301234567", "nought in brackets"),
    ("DE", "+490301234567", "+49301234567", "nought after the country code"),
    ("DE", "0800-FLOWERS", "+498003569377", "vanity"),
    ("DE", "030 1234567 x12", "+49301234567", "extension"),
    ("DE", "tel:+49-30-1234567;ext=12", "+49301234567", "RFC 3966 with an extension"),
    ("DE", "TEL:030-1234567", "+49301234567", "RFC 3966, national"),
    ("DE", "sip:+49301234567@pbx.example;user=phone", "+49301234567", "SIP address"),
    ("DE", "sip:%2B49301234567@pbx.example", "+49301234567", "SIP address, escaped plus"),
    ("DE", "sip:030123456;phone-context=+49@pbx", "+4930123456", "SIP user with a context"),
    ("DE", '"Erika" <sip:0301234567@pbx>', "+49301234567", "SIP header"),
    ("DE", "０３０ １２３４５６７", "+49301234567", "full-width digits"),
    ("DE", "٠٣٠١٢٣٤٥٦٧", "+49301234567", "Arabic digits"),
    ("DE", "\u202a030 1234567\u202c", "+49301234567", "bidirectional marks"),
    ("DE", "030\u00a01234567", "+49301234567", "no-break space"),
    ("DE", "0039 06 1234567", "+39061234567", "Italian: its nought stays"),
    ("DE", "12025550123", "+12025550123", "foreign without plus"),
    ("GB", "020 7946 0018", "+442079460018", "national"),
    ("GB", "442079460018", "+442079460018", "country code without plus"),
    ("GB", "+44 (0)20 7946 0018", "+442079460018", "nought in brackets"),
    ("GB", "07400 123456", "+447400123456", "mobile"),
    ("GB", "00 44 7700 900123", "+447700900123", "a range that no table knows, 00"),
    ("GB", "+44 7700 900123", "+447700900123", "a range that no table knows"),
    ("GB", "00 49 30 1234567", "+49301234567", "to Germany"),
    ("US", "(202) 555-0123", "+12025550123", "national"),
    ("US", "1-202-555-0123", "+12025550123", "with the one"),
    ("US", "1-800-FLOWERS", "+18003569377", "vanity"),
    ("US", "011 49 30 1234567", "+49301234567", "international prefix"),
    ("US", "0049301234567", "+49301234567", "a trunk's 00 where people dial 011"),
    ("RU", "8 (495) 123-45-67", "+74951234567", "with the eight"),
    ("RU", "7 495 123-45-67", "+74951234567", "country code without plus"),
    ("RU", "8 916 123-45-67 доб. 12", "+79161234567", "extension in Russian"),
    ("RU", "495 123-45-67", "+74951234567", "without any prefix"),
    ("RU", "8 10 49 30 1234567", "+49301234567", "international prefix"),
    ("FR", "01 23 45 67 89", "+33123456789", "national"),
    ("FR", "33123456789", "+33123456789", "country code without plus"),
    ("FR", "+33 (0)1 23 45 67 89", "+33123456789", "nought in brackets"),
    ("IT", "06 1234 5678", "+390612345678", "landline keeps its nought"),
    ("IT", "+39 06 1234 5678", "+390612345678", "international keeps its nought"),
    ("IT", "333 123 4567", "+393331234567", "mobile has none"),
    ("IT", "393331234567", "+393331234567", "country code without plus"),
    ("IT", "391 234 5678", "+393912345678", "a mobile that begins like the country code"),
]


@pytest.mark.parametrize(
    ("region", "written", "e164"),
    [pytest.param(*case[:3], id=f"{case[0]}, {case[3]}") for case in CASES],
)
def test_every_spelling_of_a_number_is_one_number(region: str, written: str, e164: str) -> None:
    assert phone.normalise(written, region) == e164
    assert phone.kind(written, region) == "public"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("", "withheld"),
        ("   ", "withheld"),
        ("anonymous", "withheld"),
        ("Anonymous", "withheld"),
        ("<unknown>", "withheld"),
        ("Unknown Number", "withheld"),
        ("sip:anonymous@anonymous.invalid", "withheld"),
        ("+266696687", "withheld"),
        ("Unterdrückt", "withheld"),
        ("101", "internal"),
        ("10 12", "internal"),
        ("12345", "internal"),
        ("٠٠١", "internal"),
        ("sip:101@10.0.0.1", "internal"),
        ("*97", "internal"),
        ("alice", "odd"),
        ("123456", "odd"),
        ("116117", "odd"),
        ("1234567", "odd"),
        ("0000000000", "odd"),
        ("+49 12", "odd"),
        ("+999 123456789", "odd"),
        ("0" * 300, "withheld"),
        ("030 1234567 or 030 7654321", "odd"),
    ],
)
def test_what_is_no_public_number_has_no_spelling(written: str, kind: str) -> None:
    assert phone.normalise(written, "DE") is None
    assert phone.kind(written, "DE") == kind


def test_the_length_of_internal_numbers_is_the_pbx_s_to_say() -> None:
    assert phone.kind("1234567", "DE", internal_digits=7) == "internal"
    assert phone.normalise("030123456", "DE", internal_digits=9) is None
    assert phone.normalise("030123456", "DE", internal_digits=5) == "+4930123456"


def test_without_a_known_region_only_international_numbers_are_read() -> None:
    assert phone.normalise("+49 30 1234567", "") == "+49301234567"
    assert phone.normalise("030 1234567", "XX") is None


def test_a_national_number_of_no_range_may_be_of_another_country_and_is_none() -> None:
    assert phone.normalise("030 1234567", "GB") is None
    assert phone.normalise("07700 900123", "GB") is None


def test_what_follows_a_number_on_another_line_is_not_part_of_it() -> None:
    assert phone.normalise("+49 30 1234567\r\nAction: Originate", "DE") in {None, "+49301234567"}


def test_digits_are_taken_out_of_any_script() -> None:
    assert phone.digits_of("+٤٩ (30) １２-x") == "493012"


@pytest.mark.parametrize(
    ("region", "typed", "expected"),
    [
        ("DE", "030 12", {"+493012", "+03012"}),
        ("DE", "+49 30", {"+4930"}),
        ("DE", "0049 30", {"+4930"}),
        ("DE", "49 30", {"+494930", "+4930"}),
        ("IT", "06 12", {"+390612", "+0612"}),
        ("RU", "8 495", {"+7495", "+8495"}),
        ("US", "202", {"+1202", "+202"}),
        ("DE", "Anna", set()),
    ],
)
def test_a_number_is_looked_for_while_it_is_being_typed(
    region: str, typed: str, expected: set[str]
) -> None:
    assert set(phone.beginnings(typed, region)) == expected


REGIONS = ("DE", "GB", "US", "RU", "FR", "IT")


@st.composite
def valid_numbers(draw: st.DrawFn) -> tuple[str, phonenumbers.PhoneNumber]:
    """A valid number of a region: an example of it with its last digits changed."""
    region = draw(st.sampled_from(REGIONS))
    sort = draw(st.sampled_from([0, 1]))  # landline, mobile
    example = phonenumbers.example_number_for_type(region, sort)
    national = phonenumbers.national_significant_number(example)
    tail = draw(st.text("0123456789", min_size=4, max_size=4))
    code = example.country_code
    number = phonenumbers.parse(f"+{code}{national[:-4]}{tail}", region)
    if not phonenumbers.is_valid_number(number):
        number = example
    return region, number


@given(valid_numbers())
def test_the_spellings_of_any_valid_number_agree(
    drawn: tuple[str, phonenumbers.PhoneNumber],
) -> None:
    region, number = drawn
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    spellings = [
        e164,
        national,
        phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        phonenumbers.format_number(number, PhoneNumberFormat.RFC3966),
        "00" + e164[1:],
        e164[1:],
        phone.digits_of(national),
        national.replace(" ", "\u00a0").replace("-", "."),
        f"{national} x17",
        f"sip:{e164}@pbx.example",
        "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in national),
    ]
    assert {spelling: phone.normalise(spelling, region) for spelling in spellings} == dict.fromkeys(
        spellings, e164
    )


@given(st.text(max_size=40), st.sampled_from(REGIONS))
def test_any_text_gives_a_number_that_is_its_own_spelling_or_none(text: str, region: str) -> None:
    e164 = phone.normalise(text, region)
    if e164 is not None:
        assert e164[0] == "+"
        assert e164[1:].isascii()
        assert e164[1:].isdigit()
        assert phone.normalise(e164, region) == e164
    assert (e164 is not None) == (phone.kind(text, region) == "public")


@pytest.mark.parametrize(
    "e164",
    ["+12025550123", "+79161234567", "+442071230006", "+4930123456", "+33123456789", "+4366412345"],
)
def test_a_plain_number_is_taken_apart_as_the_library_does(e164: str) -> None:
    assert phone.plain_number(e164) == phonenumbers.parse(e164)


@pytest.mark.parametrize("e164", ["+390612345678", "+99912345678", "030123", "+1202555", ""])
def test_a_number_that_must_be_looked_at_closely_is_not_plain(e164: str) -> None:
    assert phone.plain_number(e164) is None
