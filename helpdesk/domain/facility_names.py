"""The names of hospitals: their legal body, their own name, and what may be left out.

医療法人社団 慈藻会 平松記念病院 緩和ケア内科
legal body   union  own name     department
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from helpdesk.domain.japanese import fold

# Legal bodies in front of a hospital's name; official lists write them or leave them out.
_LEGAL = (
    "社会医療法人|特定医療法人|医療法人|社会福祉法人|学校法人|宗教法人|一般社団法人|公益社団法人|一般財団法人|公益財団法人"
    "|地方独立行政法人|独立行政法人|国立大学法人|公立大学法人|国立研究開発法人|特定非営利活動法人|生活協同組合|医療生活協同組合"
    "|株式会社|\\(株\\)|\\(医\\)|\\(社\\)|\\(財\\)|\\(福\\)|社団法人|財団法人|日本赤十字社|社会福祉法人恩賜財団|恩賜財団"
    "|国家公務員共済組合連合会|地方公務員共済組合連合会|公立学校共済組合|警察共済組合|国民健康保険組合|健康保険組合連合会"
    "|全国社会保険協会連合会|国立病院機構|労働者健康安全機構|地域医療機能推進機構|国民健康保険|一部事務組合"
)
_CORPORATION = re.compile(rf"^(?:(?:{_LEGAL})(?:社団|財団)?)+")
# A prefecture's farmers, a city's hospitals: bodies that carry a name of their own.
_NAMED_BODY = re.compile(
    r"^[^\s]{1,12}?(?:厚生農業協同組合連合会|厚生連|病院機構|病院企業団|広域連合|医師会|企業団|共済組合|医療生活協同組合)(?=.{3,})"
)
# 「社団○○会」 behind a medical corporation names the corporation, too.
_UNION = re.compile(r"^(?:社団|財団)?[^\s]{1,10}?(?:会|堂|園|団|舎|院)(?=.{3,})")
_ENDING = re.compile(
    r"(?:総合|記念|中央|附属|付属)?(?:総合病院|医療センター|がんセンター|大学病院|病院|医院|クリニック|診療所|センター|ホスピス|ホスピタル|医療院)$"
)
_UNIT = re.compile(
    r"^(?:.{0,14}?(?:緩和|ケア|支持|腫瘍|がん|総合診療|内科|外科|麻酔|ペイン|精神|放射線|婦人|泌尿|呼吸|消化|血液|化学療法"
    r"|看護|医事|総務|庶務|地域|連携|薬剤|診療|医局|事務|患者|研修|教育|ホスピス|リハビリ|在宅|小児|神経|院長|管理))"
    r".{0,14}?(?:科|部|センター|室|病棟|チーム|課|係|外来|医局|局|内科|外科|ケア|ホスピス)?$"
)
# What turns one hospital's name into another's: each stands for the others of its group
# (東 and 西, 第一 and 第二, 市立 and 県立).
_TELLING = tuple(
    map(
        frozenset,
        "東西南北中 一二三四五六七八九十 0123456789 市県町村都府国 新旧 大小 上下 内外 前後 左右 男女".split(),
    )
)
# Of these one too many or too few tells, too: 東山病院 is not 山病院.
_TELLING_ALONE = frozenset("東西南北新旧大小一二三四五六七八九十県市町村0123456789")


@lru_cache(maxsize=50_000)
def parts_of(name: str) -> tuple[str, str]:
    """Return what stands in front (body and union) and the name itself, both folded.

    Blanks part them where they were written; without blanks the union's ending does.
    """
    words = name.replace("　", " ").split(" ")
    folded = fold(name)
    rest = _CORPORATION.sub("", folded)
    has_body = rest != folded
    if (named := _NAMED_BODY.match(rest)) is not None:
        rest = rest[named.end() :]
    last = fold(words[-1])
    if len(words) > 1 and len(last) >= 4 and rest.endswith(last) and _ENDING.search(last):
        rest = last
    elif has_body and (union := _UNION.match(rest)) is not None:
        rest = rest[union.end() :]
    if len(rest) < 3:
        return "", folded
    return folded[: len(folded) - len(rest)], rest


def without_corporation(folded: str) -> str:
    """Return a folded name without the legal body in front of it, union kept."""
    rest = _CORPORATION.sub("", folded)
    return rest if len(rest) >= 3 else folded


def without_union(folded: str) -> str:
    """Return a folded name without a union in front, where it may have one."""
    match = _UNION.match(folded)
    return folded[match.end() :] if match and match.group().endswith("会") else folded


def bodies_agree(one: str, other: str) -> bool:
    """Say whether two fronts (see `parts_of`) may be the same body: one may be left out."""
    bare = [
        _CORPORATION.sub("", front).removeprefix("社団").removeprefix("財団")
        for front in (one, other)
    ]
    if not bare[0] or not bare[1]:
        return True
    if bare[0] in bare[1] or bare[1] in bare[0]:
        return True
    return max(map(len, bare)) >= 3 and distance(bare[0], bare[1], 1) <= 1


# An institution of its own, whatever stands in front of it: 田尻診療所, 分院.
_INSTITUTION = re.compile(r"(?:病院|分院|診療所|クリニック|医院|医療院|ステーション|健診センター)$")


def is_unit(rest: str) -> bool:
    """Say whether what stands behind a hospital's name is a department of it."""
    return bool(rest) and _UNIT.match(rest) is not None and not _INSTITUTION.search(rest)


# Shortenings that everybody uses.
_SHORTER = (
    ("医学部附属病院", "病院"), ("医学部付属病院", "病院"), ("医学部附属", ""), ("医学部付属", ""), ("附属", ""), ("付属", ""),
    ("医科大学", "医大"), ("総合医療センター", "医療センター"), ("総合病院", "病院"), ("記念病院", "病院"), ("国立病院機構", ""),
    ("赤十字病院", "日赤病院"), ("日赤", "赤十字"), ("医療センター", "医療c"), ("医療c", "医療センター"), ("医院", "病院"),
)  # fmt: skip


def shortened(folded: str) -> str:
    """Return a name without the words that people leave out; a key, not a name."""
    for long, short in _SHORTER:
        folded = folded.replace(long, short)
    return folded


# 「見本市立みほん病院」: the town may be left out, and 市立 with it.
_PUBLIC = re.compile(r"(?<=.)[市県町村都府区道国公]立(?=.{2,})")


def without_town(folded: str) -> tuple[str, ...]:
    """Return the shortenings of a public hospital's name: 市立みほん病院, みほん病院.

    What is left must name it: 中央病院 alone is any town's.
    """
    match = _PUBLIC.search(folded[:12])
    if match is None:
        return ()
    bare = folded[match.end() :]
    public = folded[match.start() :]
    return (public, bare) if len(ending_cut(bare)) >= 2 else (public,)


def distance(one: str, other: str, limit: int) -> int:
    """Return how many slips lie between two folded names; `limit` + 1 where more."""
    return int(OSA.distance(one, other, score_cutoff=limit))


def is_other_name(one: str, other: str) -> bool:
    """Say whether two names that differ by a slip are probably two hospitals' names.

    東 for 西 is no slip, nor is the only character that tells a short name (加藤病院)
    from another (佐藤病院).
    """
    telling = [ending_cut(name) for name in (one, other)]
    if telling[0] == telling[1]:
        return False
    if min(map(len, telling)) <= 2:
        return True
    return _changes_telling(one, other)


def ending_cut(name: str) -> str:
    """Return a name without 病院, 医療センター and the like behind it."""
    return _ENDING.sub("", name)


# Words that tell the hospitals of one town apart: whoever leaves one out means another.
_KINDS_OF_HOSPITAL = (
    "労災 赤十字 日赤 厚生 市民 県民 中央 済生会 共済 逓信 鉄道 警察 こども 小児 がん 国際 記念 総合医療 循環器 医療センター"
    " 東部 西部 南部 北部 東 西 南 北 新 第一 第二 第三 分院 附属 付属"
).split()


def leaves_out_telling(short: str, full: str) -> bool:
    """Say whether a shortening leaves out what tells the full name from others of the town.

    東大病院 stands for 東京大学病院 and not for 東北大学病院.
    """
    if "大学" in full and "大" not in short:
        return True
    return any(word in full and not set(word) & set(short) for word in _KINDS_OF_HOSPITAL)


def _is_replaced(left: str, right: str) -> bool:
    """Say whether a run of characters stands for another one: 大阪 for 東京 is no slip."""
    if sorted(left) == sorted(right):
        return False
    if OSA.distance(left, right) >= max(len(left), len(right)):
        return True
    swaps = [(a, b) for a, b in zip(left, right, strict=False) if a != b]
    # 愛和会愛和病院 for 愛全会愛全病院: nobody slips twice in the same way.
    return len(left) == len(right) and len(swaps) > 1 and len(set(swaps)) == 1


def _changes_telling(one: str, other: str) -> bool:
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    if "分院" in (left + right) or (min(len(left), len(right)) >= 2 and _is_replaced(left, right)):
        return True
    if sorted(left) == sorted(right):  # Two characters changed places.
        return False
    if not left or not right:  # One too many or too few; a doubled one tells nothing.
        extra, base = (right, one) if not left else (left, other)
        doubled = extra in base[max(0, start - len(extra)) : start + len(extra)]
        return not doubled and any(char in _TELLING_ALONE for char in extra)
    return any(
        any(char in group for char in left) and any(char in group for char in right)
        for group in _TELLING
    )
