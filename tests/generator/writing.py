"""How one value is written: dates, numbers, names of people and of facilities."""

from __future__ import annotations

import random
from datetime import date

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_KANJI = "〇一二三四五六七八九"
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_ERAS = (
    ("令和", "R", date(2019, 5, 1), 2018),
    ("平成", "H", date(1989, 1, 8), 1988),
    ("昭和", "S", date(1926, 12, 25), 1925),
)
VARIANTS = ("髙高", "﨑崎", "邊辺", "邉辺", "齋斎", "齋斉", "斎斉", "眞真", "濱浜", "廣広", "澤沢",
            "德徳", "櫻桜", "國国", "惠恵", "壽寿", "龍竜", "邊邉", "薫薰", "彌弥")  # fmt: skip


def wide(text: str) -> str:
    """Return text in full-width letters, digits and signs."""
    return text.translate(_WIDE)


def era(day: date) -> tuple[str, str, int]:
    """Return name, initial and year of a day's era."""
    name, initial, _, before = next(one for one in _ERAS if one[2] <= day)
    return name, initial, day.year - before


def kanji(number: int) -> str:
    """Return a number below 100 in kanji."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _KANJI[tens]) + "十" if tens else ""
    return head + (_KANJI[ones] if ones else "")


def dates(day: date) -> dict[str, str]:
    """Return the ways to write a birthdate, by name."""
    y, m, d = day.year, day.month, day.day
    name, initial, year = era(day)
    nth = "元" if year == 1 else str(year)
    ways = {
        "nen": f"{y}年{m}月{d}日",
        "nen0": f"{y}年{m:02d}月{d:02d}日",
        "nen_space": f"{y} 年 {m} 月 {d} 日",
        "seireki": f"西暦{y}年{m}月{d}日",
        "slash": f"{y}/{m}/{d}",
        "slash0": f"{y}/{m:02d}/{d:02d}",
        "iso": day.isoformat(),
        "dot": f"{y}.{m}.{d}",
        "dot_space": f"{y}. {m}. {d}",
        "eight": f"{y}{m:02d}{d:02d}",
        "era": f"{name}{nth}年{m}月{d}日",
        "era_space": f"{name} {nth}年 {m}月 {d}日",
        "era_dot": f"{name}{year}.{m}.{d}",
        "initial_dot": f"{initial}{year}.{m}.{d}",
        "initial_slash": f"{initial}{year:02d}/{m:02d}/{d:02d}",
        "initial_hyphen": f"{initial.lower()}{year}-{m}-{d}",
        "initial_nen": f"{initial}{year}年{m}月{d}日",
        "initial_space": f"{initial}. {year}. {m}. {d}",
        "one_kanji": f"{name[0]}{year}.{m}.{d}",
        "one_kanji_nen": f"{name[0]}{nth}年{m}月{d}日",
        "kanji": f"{name}{'元' if year == 1 else kanji(year)}年{kanji(m)}月{kanji(d)}日",
        "kanji_west": f"{''.join(_KANJI[int(c)] for c in str(y))}年{kanji(m)}月{kanji(d)}日",
        "packed": f"{initial}{year:02d}{m:02d}{d:02d}",
        "packed_era": f"{name}{year:02d}{m:02d}{d:02d}",
        "english": f"{_MONTHS[m - 1]} {d}, {y}",
        "english_short": f"{_MONTHS[m - 1][:3]}. {d}, {y}",
        "english_day_first": f"{d} {_MONTHS[m - 1]} {y}",
        "english_hyphen": f"{d:02d}-{_MONTHS[m - 1][:3]}-{y}",
        "english_th": f"{_MONTHS[m - 1]} {d}{_th(d)}, {y}",
        "born": f"{y}年{m}月{d}日生まれ",
        "sei": f"{name}{nth}年{m}月{d}日生",
        "both_ways": f"{y}年（{name}{nth}年）{m}月{d}日",
        "both_ways_2": f"{name}{nth}年（{y}年）{m}月{d}日",
        "twice": f"{name}{nth}年{m}月{d}日（{y}/{m}/{d}）",
        "ligature": f"{ {'昭和': '㍼', '平成': '㍻', '令和': '㋿'}[name] }{year}年{m}月{d}日",
    }
    return ways | {
        f"{key}_wide": wide(ways[key]) for key in ("nen", "slash", "initial_dot", "eight", "iso")
    }


def _th(day: int) -> str:
    return "th" if 10 <= day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


#: No day at all, or one that is not clear: never repaired.
NO_DATES = {
    "showa65": "昭和65年1月1日",
    "showa64_end": "昭和64年1月8日",
    "heisei_before": "平成元年1月7日",
    "heisei32": "平成32年5月1日",
    "heisei31_may": "H31.5.1",
    "taisho16": "大正16年3月3日",
    "feb30": "1968年2月30日",
    "feb29": "昭和42年2月29日",
    "month13": "1968/13/01",
    "eight_wrong": "19681301",
    "day_0": "1968年4月0日",
    "era_0": "昭和0年4月1日",
    "two_digits": "68.4.9",
    "two_digits_nen": "68年4月9日",
    "two_digits_slash": "68/04/09",
    "two_digits_iso": "68-04-09",
    "no_day": "1968年4月",
    "words": "不明",
    "later": "別途お電話でお伝えします",
}


def members(number: str) -> dict[str, str]:
    """Return the ways to write a member number."""
    ways = {
        "plain": number,
        "wide": wide(number),
        "hyphen": f"{number[:3]}-{number[3:]}",
        "wide_hyphen": f"{wide(number[:3])}－{wide(number[3:])}",
        "no": f"No.{number}",
        "no_wide": f"Ｎｏ．{wide(number)}",
        "numero": f"№{number}",
        "hash": f"#{number}",
        "prefix": f"JSPM-{number}",
        "prefix_m": f"M{number}",
        "label": f"会員番号 {number}",
        "label_colon": f"会員番号：{number}",
        "ban": f"{number}番",
        "dai": f"第{number}号",
        "brackets": f"（{number}）",
        "sentence": f"会員番号は{number}です。",
        "space": f"{number[:3]} {number[3:]}",
    }
    if number.startswith("0"):
        ways["no_zero"] = number.lstrip("0")
    return ways


def physicians(chance: random.Random, name: str, kana: str) -> dict[str, tuple[str, str]]:
    """Return the ways to write a physician: the text, and the name alone."""
    family, given = name.split(" ")
    k_family, k_given = kana.split(" ")
    hira = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in kana)
    pair = chance.choice(VARIANTS)
    other = name.translate({ord(pair[0]): pair[1], ord(pair[1]): pair[0]})
    none = family + given
    ways = {
        "space": (name, name),
        "wide_space": (f"{family}　{given}", name),
        "none": (none, name),
        "spread": ("　".join(none), name),
        "kana": (f"{name}（{kana}）", name),
        "kana_half": (f"{name} ({_half(kana)})", name),
        "kana_hira": (f"{family}　{given}（{hira}）", name),
        "kana_behind": (f"{name} {kana}", name),
        "kana_slash": (f"{name} / {kana}", name),
        "kana_each": (f"{family}（{k_family}）{given}（{k_given}）", name),
        "kana_square": (f"{name}［{kana}］", name),
        "doctor": (f"{name} 先生", name),
        "ishi": (f"{name}医師", name),
        "sama": (f"{name}様", name),
        "self": (f"{name}（本人）", name),
        "desu": (f"{name}です。", name),
        "department": (f"緩和ケア内科　{name}", name),
        "department_head": (f"緩和ケア内科 部長 {name}", name),
        "department_glued": (f"緩和医療科部長　{name}", name),
        "title_first": (f"院長　{name}", name),
        "title_behind": (f"{name}　部長", name),
        "title_brackets": (f"{name}（緩和ケアセンター長）", name),
        "dr": (f"Dr. {name}", name),
        "md": (f"{name}, M.D., Ph.D.", name),
        "degree": (f"{name} 医学博士", name),
        "only_kana": (kana, kana),
        "only_hira": (hira, hira),
        "only_half": (_half(kana), kana),
        "selector": (f"{family}\U000e0100 {given}", name),
        "label": (f"氏名：{name}", name),
    }
    if other != name:
        ways["variant"] = ways["variant2"] = ways["variant3"] = (other, other)
    return ways


_HALF = dict(zip(
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォッャュョー",
    "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｯｬｭｮｰ", strict=True))  # fmt: skip


def _half(kana: str) -> str:
    import unicodedata

    parts = unicodedata.normalize("NFD", kana)
    return "".join({"\u3099": "ﾞ", "\u309a": "ﾟ"}.get(c, _HALF.get(c, c)) for c in parts)


_LEGAL = (
    "独立行政法人国立病院機構 独立行政法人 国立病院機構 地方独立行政法人 社会医療法人財団 社会医療法人社団 社会医療法人"
    " 特定医療法人社団 特定医療法人財団 特定医療法人 医療法人社団 医療法人財団 医療法人 公益財団法人 公益社団法人 一般財団法人 一般社団法人"
    " 社会福祉法人恩賜財団 社会福祉法人 学校法人 国立大学法人 公立大学法人 国家公務員共済組合連合会 日本赤十字社"
).split()


def without_body(name: str) -> str:
    """Return a facility's name without the legal body in front of it."""
    legal = next((one for one in _LEGAL if name.startswith(one)), "")
    rest = name[len(legal) :].strip()
    return rest if len(rest) >= 4 else name


def last_word(name: str) -> str:
    """Return what stands behind the last blank of a name."""
    rest = name.rsplit(" ", maxsplit=1)[-1]
    return rest if len(rest) >= 4 else name


def misspelt(chance: random.Random, name: str) -> str:
    """Return a name with one slip of the finger in it, near its middle."""
    at = chance.randrange(1, len(name) - 1)
    kind = chance.choice(("drop", "double", "swap", "alike"))
    if kind == "drop":
        return name[:at] + name[at + 1 :]
    if kind == "double":
        return name[:at] + name[at] + name[at:]
    if kind == "swap" and name[at] != name[at + 1]:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + chance.choice("暮幕緑綠慕渉弁薄湾綱") + name[at + 1 :]
