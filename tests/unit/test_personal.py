"""Personal data found by its form, public numbers left alone."""

import pytest

from bot.domain.personal import personal_data


@pytest.mark.parametrize(("words", "kinds"), [
    ("请联系 13812345678", ["mobile"]), ("电话+86 138-1234-5678", ["mobile"]), ("拨打12345或110", []),
    ("固话0574-87654321", ["phone"]), ("热线81890随时接听", []), ("咨询12319、96110", []),
    ("身份证 11010519491231002X", ["id_number"]), ("编号 110105194912310021", []),
    ("卡号 6222 0202 0000 0000 008", []), ("卡号 4111 1111 1111 1111", ["card"]), ("邮箱 he@example.com", ["email"]),
    ("车牌浙B12345挡住了", ["plate"]), ("浙BD12345占了位", ["plate"]), ("住3幢602室", ["home"]), ("12号楼旁边", []),
    ("我叫何秀英", ["name"]), ("陈女士反映", ["name"]), ("王建国师傅上门", ["name"]), ("井盖已于11月25日更换", []),
    ("工单 HS2026112600013 已办", []), ("金额 12000 元，2026年11月", []), ("恒春街55号", []),
    ("张先生 13812345678 住3幢602", ["name", "mobile", "home"]),
    ("１３８１２３４５６７８", ["mobile"]), ("1381 234 5678", ["mobile"]), ("138–1234–5678", ["mobile"]),
    ("（0574）87654321", ["phone"]), ("0574-8765-4321", ["phone"]), ("拨87654321", ["phone"]), ("电话：7654321", ["phone"]),
    ("客服400-823-4567", []), ("4008234567", []), ("800-820-8820", []), ("日期20261126", []), ("合同87654321元", []),
    ("身份证 110105 19491231 002x", ["id_number"]), ("浙b·12345", ["plate"]), ("浙B1234学", ["plate"]),
    ("恒春街55号302室", ["home"]), ("三幢六〇二室", ["home"]), ("三幢三十户", []), ("中山西路2026号", []),
    ("姓名：何秀英", ["name"]), ("我叫欧阳娜娜", ["name"]), ("我是王建国，住在附近", ["name"]), ("我是江北区的居民", []),
    ("任何先生女士都可以来", []), ("张某先生", []), ("高龄老奶奶", []), ("尊敬的先生", []),
])
def test_forms(words: str, kinds: list[str]) -> None:
    assert [found.kind for found in personal_data(words)] == kinds


def test_a_known_name_is_found_wherever_it_stands() -> None:
    (found,) = personal_data("已与欧阳秀英核实", ("欧阳秀英",))
    assert (found.kind, found.words) == ("name", "欧阳秀英")
    assert personal_data("已与市民核实", ("",)) == []


def test_what_was_typed_wide_is_given_back_as_it_stands() -> None:
    words = "请打　１３８１２３４５６７８　找我"
    (found,) = personal_data(words)
    assert words[found.start:found.end] == found.words == "１３８１２３４５６７８"


def test_places_are_those_in_the_text() -> None:
    words = "请找陈女士（13812345678）"
    assert [words[f.start:f.end] for f in personal_data(words)] == ["陈女士", "13812345678"]
