"""Ticket numbers: a check digit finds what was typed wrong; numbers from before it stay good."""

import random
from datetime import datetime

from bot.domain.ticket import check_digit, check_number, format_number

DAY = datetime(2026, 11, 26)


def test_the_standards_own_example() -> None:
    assert check_digit("0794") == 5, "ISO/IEC 7064, MOD 11,10: 0794 5"


def test_a_number_reads_as_it_is_written() -> None:
    numbers = [format_number("HS", DAY, count) for count in (1, 17, 9999, 10000, 123456)]
    assert all(check_number(number) for number in numbers)
    assert [len(number) for number in numbers] == [15, 15, 15, 16, 17]
    assert numbers[0].startswith("HS202611260001")


def test_every_single_wrong_digit_is_found() -> None:
    for count in range(1, 300, 7):
        number = format_number("HS", DAY, count)
        for place in range(2, len(number)):
            for digit in "0123456789".replace(number[place], ""):
                assert not check_number(number[:place] + digit + number[place + 1:])


def test_nearly_all_swapped_neighbours_are_found() -> None:
    dice, swapped, missed = random.Random(5), 0, 0
    for _ in range(2000):
        number = format_number("HS", DAY, dice.randrange(1, 9999))
        place = dice.randrange(2, len(number) - 1)
        one, two = number[place], number[place + 1]
        if one != two:
            swapped += 1
            missed += check_number(number[:place] + two + one + number[place + 2:])
    assert swapped > 1000 and missed / swapped < 0.03


def test_numbers_from_before_the_check_digit_stay_good_and_nonsense_does_not() -> None:
    assert check_number("HS202611220007") and check_number("hs202611220007")
    assert not check_number("HS202613220007"), "there is no thirteenth month"
    assert not check_number("HS20261122") and not check_number("HS2026112200")
