"""How a form is filled in: labels, numbers, brackets, order, lines, tables, sentences."""

from __future__ import annotations

import random

FACILITY, PHYSICIAN, IDENTITY, REQUEST = "facility", "physician", "identity", "request"
FIELDS = (FACILITY, PHYSICIAN, IDENTITY, REQUEST)

_LABELS = {
    "whole": ("認定施設名（可能なら認定番号）", "施設責任者氏名", "施設責任者会員番号または生年月日（本人確認用）", "対応希望内容"),
    "whole_bare": ("認定施設名", "施設責任者氏名", "施設責任者会員番号または生年月日", "対応希望内容"),
    "short": ("施設名", "責任者", "{id}", "希望内容"),
    "short2": ("認定施設", "責任者氏名", "{id}", "希望"),
    "short3": ("施設名称", "施設責任者", "責任者{id}", "ご希望の内容"),
    "short4": ("病院名", "氏名", "{id}", "希望する対応"),
    "short5": ("認定施設名称", "責任者名", "施設責任者の{id}", "対応希望"),
    "spaced": ("施 設 名", "責 任 者", "{id}", "希 望 内 容"),
    "either": ("施設名（認定番号）", "施設責任者のお名前", "会員番号/生年月日", "ご用件"),
    "either2": ("認定施設名・認定番号", "施設責任者 氏名", "生年月日（または会員番号）", "対応希望内容（①または②）"),
}  # fmt: skip
_NUMBERS = {
    "half": ("1)", "2)", "3)", "4)"), "mixed": ("1）", "2）", "3）", "4）"), "wide": ("１）", "２）", "３）", "４）"),
    "dot": ("1.", "2.", "3.", "4."), "dot_wide": ("１．", "２．", "３．", "４．"), "both": ("(1)", "(2)", "(3)", "(4)"),
    "both_wide": ("（１）", "（２）", "（３）", "（４）"), "circle": ("①", "②", "③", "④"), "none": ("",) * 4,
    "bullet": ("・",) * 4, "square": ("■",) * 4, "dash": ("- ",) * 4, "diamond": ("◆",) * 4, "ring": ("○",) * 4,
}  # fmt: skip
_BRACKETS = {
    "": ("", ""),
    "【】": ("【", "】"),
    "［］": ("［", "］"),
    "「」": ("「", "」"),
    "＜＞": ("＜", "＞"),
    "〈〉": ("〈", "〉"),
}
_SAME = ("：", ":", "　", " ", "\t", "： ", " : ", "→", "＝")
_NEXT = ("\n", "\n　", "\n  ", "\n\n", "：\n", "\n→", "\n\n　　")


def form(chance: random.Random, values: dict[str, str], id_label: str, tags: list[str]) -> str:
    """Return a filled-in form; `values` by field, '' is a field left blank."""
    style = chance.choice(list(_LABELS))
    numbers = chance.choice(list(_NUMBERS))
    bracket = chance.choice([*[""] * 6, *_BRACKETS])
    if bracket:
        numbers = chance.choice(("none", "mixed", "bullet"))
    layout = chance.choice(
        ("same", "same", "next", "next", "mixed", "one_line", "table", "numbers")
    )
    order = list(range(4))
    if chance.random() < 0.15 and layout != "numbers":
        chance.shuffle(order)
        tags.append("order")
    if any("\n" in one for one in values.values()) and layout in ("one_line", "table"):
        layout = "next"
    if layout == "numbers" and (
        numbers in ("none", "circle") or _NUMBERS[numbers][0][-1] not in ")）.．"
    ):
        numbers = "mixed"
    if (
        layout == "one_line" and numbers in ("circle", "ring", "square", "dash", "diamond")
    ) or style == "spaced":
        numbers = "mixed"
    tags += [f"label:{style}", f"number:{numbers}", f"bracket:{bracket}", f"layout:{layout}"]
    opening, closing = _BRACKETS[bracket]
    cells = []
    for at in order:
        label = _LABELS[style][at].replace("{id}", id_label)
        head = f"{_NUMBERS[numbers][at]}{opening}{label}{closing}"
        cells.append((head, values[FIELDS[at]], _NUMBERS[numbers][at]))
    return _laid_out(chance, layout, cells, tags)


def _laid_out(
    chance: random.Random, layout: str, cells: list[tuple[str, str, str]], tags: list[str]
) -> str:
    if layout == "table":
        return "\n".join(f"| {head} | {value} |" for head, value, _ in cells) + "\n"
    if layout == "one_line":
        gap = chance.choice(("　", " ", "、", "／", " / ", "；"))
        sign = chance.choice(("：", ":"))
        return gap.join(f"{head}{sign}{value}" for head, value, _ in cells) + "\n"
    if layout == "numbers":
        gap = chance.choice(("", " ", "　"))
        return "\n".join(f"{number}{gap}{value}" for _, value, number in cells) + "\n"
    same, nxt = chance.choice(_SAME), chance.choice(_NEXT)
    tags.append(f"sep:{same if layout == 'same' else nxt}")
    between = chance.choice(("\n", "\n\n")) if nxt != "\n\n" or layout == "same" else "\n\n"
    lines = []
    for head, value, _ in cells:
        if layout == "mixed":
            sign = chance.choice((same, nxt))
        else:
            sign = same if layout == "same" else nxt
        if not value:
            sign = chance.choice((sign, "：", ""))
        lines.append(f"{head}{sign}{value}")
    return between.join(lines) + "\n"


def prose(chance: random.Random, facility: str, physician: str, proof: str, want: str) -> str:
    """Return sentences without labels. `proof` is a clause such as 会員番号は123456."""
    return chance.choice((
        f"{facility}の施設責任者の{physician}と申します。{proof}です。\n{want}\n",
        f"{facility}の{physician}です。\n施設責任者をしております。{proof}です。\n{want}\n",
        f"お世話になります。{facility} 緩和ケア科の{physician}と申します。\n{want}\n本人確認として、{proof}です。\n",
        f"{facility}で施設責任者を務めております{physician}でございます。{want}\nなお、{proof}でございます。\n",
        f"当院（{facility}）の施設責任者は{physician}、{proof}です。\n{want}\n",
    ))  # fmt: skip
