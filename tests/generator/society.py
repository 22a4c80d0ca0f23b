"""A society's registry of made-up people, over made-up or real names of hospitals."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from helpdesk.domain.registry import Facility

FAMILIES = (
    "佐藤:サトウ 鈴木:スズキ 髙橋:タカハシ 高橋:タカハシ 田中:タナカ 伊藤:イトウ 渡邊:ワタナベ"
    " 渡邉:ワタナベ 渡辺:ワタナベ 山本:ヤマモト 中村:ナカムラ 小林:コバヤシ 加藤:カトウ"
    " 齋藤:サイトウ 斎藤:サイトウ 斉藤:サイトウ 山﨑:ヤマザキ 宮崎:ミヤザキ 長谷川:ハセガワ"
    " 國分:コクブ 濱田:ハマダ 廣瀬:ヒロセ 澤田:サワダ 德永:トクナガ 櫻井:サクライ 眞鍋:マナベ"
    " 五十嵐:イガラシ 林:ハヤシ 森:モリ 南:ミナミ 西園寺:サイオンジ 一:ハジメ 神:ジン"
    " 八木:ヤギ 東海林:ショウジ 部谷:ヘヤ 科野:シナノ 院田:インダ 長尾:ナガオ 氏家:ウジイエ"
).split()
GIVEN = (
    "太郎:タロウ 次郎:ジロウ 花子:ハナコ 健一:ケンイチ 眞一:シンイチ 真一:シンイチ 一:ハジメ"
    " さくら:サクラ みどり:ミドリ 龍之介:リュウノスケ 惠:メグミ 恵子:ケイコ 壽夫:トシオ"
    " 直樹:ナオキ 理沙:リサ 翔太:ショウタ 誠:マコト 優:ユウ 由美子:ユミコ ケイ:ケイ 弘道:ヒロミチ"
    " 科子:シナコ 部:アツム 長生:チョウセイ 純一郎:ジュンイチロウ 薫:カオル 正:タダシ"
).split()
_PLACES = (
    "陸奥 備前 甲斐 越前 近江 下野 播磨 常陸 信濃 出羽 日向 薩摩 伊予 讃岐 丹波 若狭 能登 飛騨"
    " 三河 駿河 武蔵 安房 上総 相模 石見 出雲 伯耆 因幡 美作 周防 長門 土佐 阿波 淡路 紀伊 志摩"
).split()
_MIDDLE = (
    "中央 東 西 南 北 総合 医療 市立 第一 第二 赤十字 済生会 厚生 記念 共立 愛育 友愛 がん".split()
)
_KINDS = "病院 医療センター クリニック 総合病院 医院 がんセンター 医科大学附属病院 ホスピス".split()
_BODIES = (
    "医療法人 医療法人社団 社会医療法人 医療法人財団 公益財団法人 社会福祉法人 学校法人"
    " 独立行政法人国立病院機構 地方独立行政法人 国家公務員共済組合連合会 日本赤十字社 一般財団法人"
).split()
_UNIONS = "慈藻会 見本会 仁生会 光愛会 健心会 広恵会 明和会 大徳会".split()

FIRST_DAY = date(1940, 1, 1)
DAYS = (date(1989, 12, 31) - FIRST_DAY).days


def real_names(shared: Path | None) -> list[str]:
    """Return the names of real hospitals where the list is at hand, else an empty list."""
    path = shared / "registry" / "hospitals_2025-08.tsv" if shared else None
    if path is None or not path.is_file():
        return []
    rows = path.read_text(encoding="utf-8").splitlines()[1:]
    return [" ".join(row.split("\t")[2].split()) for row in rows]


def made_up_names(chance: random.Random, count: int) -> list[str]:
    """Return names of hospitals that do not exist, some of them alike."""
    names = []
    while len(names) < count:
        place, kind = chance.choice(_PLACES), chance.choice(_KINDS)
        bare = place + chance.choice([*_MIDDLE, ""]) + kind
        body = chance.choice([*_BODIES, ""])
        union = chance.choice(_UNIONS) if body.startswith(("医療", "社会医療")) else ""
        gap = chance.choice(("", " ")) if body else ""
        names.append(f"{body}{gap}{union}{gap if union else ''}{bare}")
    names[:6] = [
        "佐藤病院",
        "佐藤病院",
        "医療法人社団佐藤病院",
        "佐藤病院",
        "みほん病院",
        "みほん病院",
    ]
    return names


def make_registry(seed: int, count: int, names: list[str]) -> list[Facility]:
    """Return a registry of `count` facilities; `names` empty: of made-up ones."""
    chance = random.Random(seed)
    if names:
        same = [name for name in names if name == "佐藤病院"]
        chosen = same + chance.sample([n for n in names if n != "佐藤病院"], count - len(same))
    else:
        chosen = made_up_names(chance, count)
    return _twins(chance, [_facility(chance, at, name) for at, name in enumerate(chosen, 1)])


def _facility(chance: random.Random, at: int, name: str) -> Facility:
    family, given = chance.choice(FAMILIES).split(":"), chance.choice(GIVEN).split(":")
    kind = chance.choice(("core", "affiliate"))
    former = ()
    if chance.random() < 0.15:
        former = (
            f"旧{chance.choice(_PLACES)}{at}{chance.choice(_KINDS)}".replace("旧", "", at % 2),
        )
    return Facility(
        certification_number=f"{'K' if kind == 'core' else 'R'}{at:04d}",
        name=name,
        kind=kind,
        physician=f"{family[0]} {given[0]}",
        physician_kana=f"{family[1]} {given[1]}",
        member_number=f"{chance.randrange(1_000_000):06d}",
        birthdate=FIRST_DAY + timedelta(days=chance.randrange(DAYS)),
        former_names=former,
    )


def _twins(chance: random.Random, facilities: list[Facility]) -> list[Facility]:
    """Give some facilities one head, and some heads one name."""
    out = list(facilities)
    for at in range(5, len(out) - 1, 17):
        one = out[at]
        out[at + 1] = replace(
            out[at + 1],
            physician=one.physician,
            physician_kana=one.physician_kana,
            **(
                {"member_number": one.member_number, "birthdate": one.birthdate}
                if chance.random() < 0.5
                else {}
            ),
        )
    return out
