"""The words of an answer to a letter about a change of address: a yes, a receipt, a stop.

A stop is found anywhere in a text. A yes or a receipt counts only where every part of the
text is one of the sentences below: what is not understood is a person's to read.
"""

from __future__ import annotations

import re
import unicodedata

from helpdesk.domain.token import without_token

# 「引き続き使用できます」: that something may be used says not that it shall be.
_USABLE = re.compile(
    "(?:引き?続き|継続して|今後も|そのまま)[^。\n]{0,8}(?:使え|(?:使用|利用|受信|送受信)(?:が|も|は)?(?:でき|出来|可能))[^。\n]{0,6}"
)
_STOP_WORDS = (
    "中止|止め|とめて|停止|取り?消|取り?やめ|取り?下げ|却下|キャンセル|心当た?り(?:が|は|の|も)?(?:全く)?(?:ない|無い|な[いし]|あり?ま|ござ)"
    "|身に覚え|人違い|別人|送らないで|や[めめ]て|不要|登録しないで|申し?込んで(?:い|おり)?ま?せ?ん|頼んで(?:い|おり)?ません|したこと(?:は|が)"
    "|しかね|いたしかね|致しかね|できかね|つもりは|待って(?:ください|下さい|いただ|ほし|欲し)|お待ちください|反対|承諾しません|了承しません"
    "|覚え(?:が|は)?(?:ない|無い|なし|あり?ま|ござ)|知らない|知りません|存じ(?:上げ)?ません"
    "|(?:依頼|申請|希望|手続き?|お願い|変更)(?:は|を|など)?(?:して(?:い|お)り?(?:ま?せ|ない|らず)|した(?:覚え|事実|者|人)|いたして(?:い|お)り?(?:ま?せ|らず))"
    "|変更し(?:ない|なくて)|変更(?:を|は)?(?:希望)?(?:しません|いたしません|致しません|望みません|せず)|変え(?:ない|ません|ず|たくない)|不正|なりすまし"
    "|間違|誤り|(?<!相)違います|違う|同意(?:は)?し(?:ない|ません|ておりません|ていません)|同意(?:は)?(?:でき|いたしかね|致しかね|いたしません|致しません)|拒否|断り|断る|断らせ"
    "|白紙|な(?:か|かっ)ったこと|無かったこと|受け?付けな|受理しな|進めな|行わな|見合わせ|見送|保留|破棄|撤回|無効|差し?止|ストップ"
    "|(?:望んで|希望して|承認して|許可して|了承して|承諾して)(?:い|お)?(?:り)?(?:ません|ない|らず)|望みません|変更(?:は|を)?(?:結構|必要(?:あり|ござい|ない))"
    "|無関係|関係(?:の|が|は)?(?:ない|無い|あり?ま|ござい)|困(?:り|って|る|惑)|(?:では|じゃ)(?:ない|あり?ません|ございません|なく)|誰も"
    "|\\bstop\\b|\\bcancel|did ?n[o']t|do ?n[o']t|never|not (?:me|mine|us|our)"
)
# To keep what is: a stop from the old address, from the new one a question.
_KEEP_WORDS = (
    "まま(?:に|で|と|を|使|利用|お願い|変更な)(?!返信|ご返信|お返し|進め)"
    "|そのまま(?!、?(?:ご?返信|お返し|返送|進め|お?手続|変更))"
    "|(?:これまで|今まで|従来|現在|現行|今|元|以前|旧|古い)(?:通り|どおり|とおり)?(?:の)?(?:メール)?(?:アドレス|もの)(?:を|で|に)?[^。\n]{0,12}(?:使|利用|継続|お願い|戻)"
    "|(?:引き?続き|継続して|今後も)[^。\n]{0,12}(?:使(?:い|う|用)|利用)|(?:これまで|今まで|従来|現状)(?:の)?(?:通り|どおり|とおり|維持)"
)
_STOP = re.compile(f"{_STOP_WORDS}|{_KEEP_WORDS}", re.IGNORECASE)
_OUTRIGHT = re.compile(_STOP_WORDS, re.IGNORECASE)
_KEEP = re.compile(_KEEP_WORDS)
# What nobody says but to stop: no banner of a mail gateway (「心当たりのない添付ファイル」), no
# absence (「お待ちください」), no robot (「返信は不要です」).
_INSISTS = re.compile(
    r"中止(?:して|で|を?(?:希望|依頼|お願|願い)|です|します|。|$)|取り?やめ(?:て|を|たい|ます)"
    r"|(?:変更|手続き?)(?:を|は|も)?(?:止め|とめ|停止して|取り?消して|取り?下げて|しないで)|(?:止|と)めて(?:ください|下さい|いただ|頂|欲し|ほし)"
    r"|心当た?り(?:が|は|も)?(?:全く|一切|まったく)?(?:ありません|ございません|(?:ない|無い|なし)(?:です|ため|ので|。|$))"
    r"|(?:身に覚え|覚え)(?:が|は|も)?(?:全く)?(?:ありません|ございません|(?:ない|無い)(?:です|ため|ので|。|$))"
    r"|(?:依頼|申請)(?:は|を)?(?:いた|致)?して(?:い|お)り?ません|\b(?:stop|cancel) (?:this|the|it)\b|^stop\b",
    re.IGNORECASE | re.MULTILINE,
)
# 「間違いありません」 says yes.
_NO_MISTAKE = re.compile(
    "(?:お?間違い?|誤り|相違|問題|異議|異存|支障|差し?支え)(?:は|も|など|では)?(?:な[いくし]|あり?ません|ございません)"
)

# Words that no courtesy has: who uses one says something.
_SAYS_MORE = re.compile(
    "ただし|但し|しかし|けれど|退職|離職|異動|転勤|転出|関係|無縁|違|ではな|じゃな|ではあり|ではござ|ない|無い|なく|ません|ございま?せん|困"
    "|別の|他の|ほかの|他院|以前|[前元旧]の|[前元旧](?:責任者|院長|担当|部長|科長|医長|任)|後ほど|改めて|確認|検討|審査|調査|相談|許可|承認|必要|要"
    "|不在|不可|不明|無効|拒|却下|禁止|保留|未了|未定|他人|詐欺|迷惑|出張|休暇|休職|方針|規[則定]|閉[院鎖]|廃[院止]|停止|責任外|管轄|[担当]外"
    "|済み?です|まで(?:に)?(?:ご?連絡|返事)|[?？]|でしょうか|ますか|ですか"
)
_POLITE = re.compile(
    "(?:すみ|すい)ません|申し?訳(?:あり|ござい)ません|要件|確認番号|ご確認(?=ありがと|を?いただ|を?頂|のほど|の件)|(?:お返事|ご?返信|ご?確認)(?:が)?遅"
)

_THANKS = r"ありがとうございま(?:す|した)|有難うございま(?:す|した)|(?:感謝|御礼)(?:いた|致|申し上げ)?(?:し)?ます"
_PLEASE = (
    r"(?:どうぞ|どうか|何卒|以上|引き?続き|今後とも|ご対応のほど|ご確認のほど|ご手配のほど|お手続きのほど|お手数ですが|お忙しいところ(?:恐れ入りますが)?"
    r"|恐れ入りますが|恐縮ですが|お手数(?:を|お)?(?:お)?(?:かけ|掛け)(?:いた|致)?しますが)?(?:よろしく|宜しく)(?:お願い|御願い)"
    r"(?:いた|致|申し?上げ|もうしあげ)?(?:し)?(?:ます|たします)"
)
_DEPARTMENT = r"[一-龥ァ-ヶーA-Za-z]{0,12}(?:科|部|課|室|係|局|事務|担当|秘書|責任者|病棟|センター|チーム|講座|教室)"
_TITLE = r"(?:院長|副院長|部長|科長|医長|室長|課長|係長|主任|医師|看護師|薬剤師|事務長|教授|准教授|講師|責任者|事務)"
_NAME = r"[一-龥々〆ヶァ-ヴーA-Za-z]{1,8}(?:[ ・][一-龥々ヶぁ-んァ-ヴーA-Za-z]{1,8})?"
_FULL_NAME = r"[一-龥々ヶァ-ヴーA-Za-z]{1,8}[ ][一-龥々ヶぁ-んァ-ヴーA-Za-z]{1,8}"
_HOUSE = r"[^\s。、のはがをに]{0,24}?[^\s。、]{1,10}(?:病院|医療センター|センター|クリニック|医院|診療所|大学)"
_OURS = r"(?:当院|当科|弊院|当方|当施設|当クリニック)"
_IS = r"(?:です|と申します|と申します|でございます)"
_COURTESY = re.compile(
    r"(?:いつも|大変|平素(?:は|より)?)*(?:大変)?お世話(?:に|さまに|様に)?(?:なっており|なり|なってい)ます|お疲れ(?:さま|様)(?:です|でございます)"
    r"|平素(?:は|より)(?:格別の|大変)?(?:ご高配|お世話|ご?厚情|ご支援|ご協力)[ぁ-ん賜誠頂]{0,14}(?:ございます|おります|御礼申し上げます)"
    r"|(?:[^\s。、はがをに]{1,20}[ ])?[^\s。、はがをに]{0,24}(?:事務局|学会|ご?担当者?)(?:[ ]?(?:の)?ご?担当者?)?[ ]*(?:様|さま|御中|殿|各位)"
    rf"|(?:早速の|早々の|迅速な|ご丁寧な|この度は|このたびは)*(?:お手続き|ご?(?:連絡|対応|案内|確認|返信|返事|通知|手配|配慮))?(?:の?メール)?(?:を)?(?:いただき|頂き|くださり|下さり)?(?:まして)?(?:誠に|大変)?(?:{_THANKS})"
    rf"|{_PLEASE}|取り急ぎ[ぁ-んご返信連絡報告用件同意受領御礼]{{0,14}}(?:まで|申し上げます)|以上(?:です|となります|でございます)?"
    r"|お手数(?:を|お|を?お)?(?:かけ|掛け)(?:いた|致|して)?(?:し|おり)?(?:ます|ました)?(?:が|し)?|お手数ですが|ご?返信が遅(?:くな|れ)[ぁ-ん]{1,8}(?:申し?訳(?:ありません|ございません)(?:でした)?|すみません(?:でした)?|失礼(?:いた|致)?しました)"
    r"|(?:この度は|このたびは|早速)?ご?(?:連絡|対応|案内|確認|返信|通知)(?:を)?(?:いただき|頂き|くださり|下さり)(?:まして)?|(?:お手続き|ご対応|ご確認|ご手配|ご処理)のほど|(?:こちらの)?(?:メール|メールアドレス)"
    r"|お忙しいところ(?:恐れ入りますが|申し?訳(?:ありません|ございません)(?:が)?)?|恐れ入りますが|恐縮ですが|(?:申し?訳(?:ありません|ございません)|すみません)(?:が)?"
    rf"|(?:こちらは|私は?|わたくし)?(?:{_HOUSE}|{_OURS})(?:[ ]?(?:の)?{_DEPARTMENT})?(?:[ ]?(?:の)?{_TITLE})?[ の](?:{_TITLE}の)?{_NAME}{_IS}"
    rf"|(?:こちらは)?{_HOUSE}(?:[ ]?(?:の)?{_DEPARTMENT})?(?:です|でございます)"
    rf"|(?:{_DEPARTMENT}|{_TITLE})の{_NAME}{_IS}|(?:私は?|わたくし)?{_FULL_NAME}{_IS}|{_NAME}と申します"
    r"|(?:ご?登録)?(?:メール)?アドレス(?:の)?(?:ご?変更)?の?(?:件|お知らせ|ご?連絡|ご?案内|ご?確認)(?:について|につきまして|ですが|に関しまして|、?拝見しました)?(?:は)?"
    r"|(?:確認番号[はが]?[ :]*)?[*＊]{20,80}(?:です)?|確認番号"
)

_OF_CHANGE = (
    r"(?:(?:この度|このたび|今回|上記|下記|本|この|ご?連絡|当該|表題|標記|ご?依頼)?(?:の)?(?:(?:ご?登録)?(?:メール)?アドレス(?:の)?)?"
    r"(?:ご?変更|登録|件|本件|内容|手続き?|お手続き)?(?:の(?:件|手続き?|お手続き|内容))?(?:に(?:ついて|つきまして|関しまして)?|を|は|で|も)?(?:は|も)?)?"
)
_US = r"(?:(?:当方|当院|当科|当施設|弊院|私|私ども|私共|こちら|自分)(?:から|より|で|が|の|は|も|として)?)?"
_MORE = r"(?:ので|旨ご?(?:連絡|返信|報告|回答)(?:いた|致|申し上げ)?(?:し)?ます|よ)?"
_YES = re.compile(
    rf"はい|{_US}{_OF_CHANGE}(?:同意|承諾|了承|賛成|承認)(?:いた|致)?(?:し(?:ます|ました|ております)|です){_MORE}"
    rf"|{_US}{_OF_CHANGE}(?:特に|何ら)?(?:問題|異議|異存|支障|差し?支え)(?:は|など|も)?(?:ありません|ございません|ないです){_MORE}"
    rf"|{_OF_CHANGE}(?:このまま)?(?:進めて|手続きして)(?:ください|下さい|いただ(?:いて|き)(?:構いません|問題(?:ありません|ございません)))"
    rf"|{_OF_CHANGE}(?:このまま)?(?:進めて(?:いただ|頂)く(?:よう)?)?お?進め(?:ください|下さい)"
    rf"|{_OF_CHANGE}進めて(?:いただ|頂)く(?:よう)?(?:に)?お願い(?:いた|致)?します"
    rf"|{_US}(?:メールアドレス|アドレス)?(?:の|を)?(?:変更)?(?:の|を)?(?:依頼|申請|お願い|手続き?)(?:を)?(?:いた|致)?し(?:た|ました|て(?:い|お)ります)"
    rf"(?:(?:もの|者|件|内容|変更)(?:です|で(?:間違い?|相違)(?:は)?(?:ありません|ございません)|に(?:間違い?|相違)(?:は)?(?:ありません|ございません)))?{_MORE}"
    rf"|{_US}(?:の)?(?:依頼|申請)(?:です|に(?:間違い?|相違)(?:は)?(?:ありません|ございません))"
)
_IT = (
    r"(?:(?:上記の?|下記の?|この|こちらの|当方の|新しい|新|本|ご?確認の?|貴|お|頂いた|いただいた|お送りいただいた|ご?送付いただいた)*"
    r"(?:メールアドレス|アドレス|メール|ご?連絡|ご?案内|お知らせ|こちら|内容)(?:で|にて|を|が|は|も|の|への?|に)?(?:メール)?(?:を|が|は|の)?)?"
)
_WELL = r"(?:確かに|たしかに|無事に?|問題なく|正常に|きちんと|ちゃんと|滞りなく|間違いなく|本日|先ほど|先程)*"
_DONE = (
    r"(?:を|が|は)?(?:いた|致)?(?:し(?:ました|ております|ています)|でき(?:ました|ております|ています|ます|ることを確認(?:いた|致)?しました)"
    r"|出来(?:ました|ております|ています|ます)|されました|されて(?:い|おり)ます|済み?です|です|可能です)"
)
_RECEIVED = re.compile(
    rf"{_WELL}{_IT}{_WELL}(?:受信|受け取り|受取り?|受領|拝受|拝見|確認|到着|着信|受信確認|受信を確認|返信){_DONE}{_MORE}"
    rf"|{_WELL}{_IT}{_WELL}(?:受け?取(?:りました|って(?:い|おり)ます|れました|れて(?:い|おり)ます|れます)|届(?:きました|いて(?:い|おり)ます)|読めました){_MORE}"
    rf"|{_WELL}{_IT}{_WELL}(?:受信|受け?取り?|受領|着信|到着)(?:が|を)?(?:できる|出来る|できている|出来ている|可能である|可能な|でき|した|している|できた)こと(?:を|が)"
    r"ご?確認(?:いた|致)?(?:しました|し(?:て(?:い|おり))?ます|できました|できて(?:い|おり)ます)"
    rf"|{_IT}{_WELL}届いて?(?:い|おり)?(?:ます|る)?こと(?:を)?確認(?:いた|致)?しました"
    r"|承知(?:いた|致)?しました|了解(?:です|(?:いた|致)?しました)|かしこまりました|承りました"
    r"|(?:(?:こちらの|この|当方の|上記の?|新しい)?(?:メールアドレス|アドレス|内容|もの|こちら)?(?:で|に|は)?|以上(?:で)?)(?:お?間違い?|誤り|相違|問題)(?:は)?(?:ありません|ございません|ないです)"
    r"|(?:このメールに|本メールに)?(?:そのまま)?ご?返信(?:いた|致)?し(?:ます|ました)|(?:受信|到着|受領)(?:の)?(?:ご?(?:連絡|報告|確認)(?:です|まで|(?:いた|致)?します)?)|ok(?:です)?|(?:received|confirmed|yes|thank you|thanks)"
    r"|(?:アドレス(?:の)?|メールアドレス(?:の)?|このアドレスへの|こちらへの|このまま)?(?:ご?変更|ご?登録|お?手続き?)(?:の(?:ほど|お?手続き?|件))?(?:を|も|は|、)?(?:どうぞ|何卒|このまま)?(?:(?:よろしく|宜しく))?お願い(?:いた|致|申し?上げ)?(?:し)?ます",
    re.IGNORECASE,
)

# --- The lines below a text: who writes, and where they are.
_RULE = re.compile(r"[-‐―ー─━═=*_~〜◇◆□■○●☆★+・.#/\s]{4,}|--|－－")
_SENTENCE = re.compile(
    r"[。？?！!]|(?:です|ます|ました|ません|でした|ください|下さい|たい|ない|だ|せよ|しろ|する|した|いる|ある|願う|と|が|を|に|は|ので|から|て)$"
)
_PHONE_MAIL = re.compile(
    r"〒|\b(?:TEL|FAX|PHS|Phone|Mobile|URL|HP|Web|E-?mail|Mail|Address)\b|(?:電話|内線|外線|代表|携帯|直通|メール|ホームページ|住所)[ ]?(?:番号|アドレス)?[ ]?[:：(（]?"
    r"|℡|https?://|www\.|\d{2,5}[-(（]\d{1,4}[-)）]\d{3,4}|[\w.+-]+@[\w-]+\.[\w.-]+",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?:[〒\d -]*)?(?:[一-龥]{1,3}[都道府県])?(?:[一-龥ぁ-んァ-ヶ]{1,8}[市区郡町村])+[^\s。]{0,30}(?:[ ][^\s。]{1,20})?"
)
_HOUSE_LINE = re.compile(
    rf"[^\s。、]{{0,20}}(?:法人|機構|組合|連合会)?[^。、]{{0,20}}(?:病院|センター|クリニック|医院|診療所|大学|学部|学会|研究科)(?:[ ]?{_DEPARTMENT})*(?:[ ]?{_TITLE})?(?:[ ]{_NAME})?"
    rf"|(?:{_DEPARTMENT}[ ]?)+(?:[ ]?{_TITLE})?(?:[ ]{_NAME})?|{_TITLE}(?:[ ・]{_TITLE})?(?:[ :]{_NAME})?|(?:担当|文責)[ :]+{_NAME}"
)
_NAME_LINE = re.compile(
    rf"(?:{_FULL_NAME}|[一-龥々]{{2,6}}|[A-Za-z.]+(?:[ ,]+[A-Za-z.]+){{1,3}})(?:[ ]?[(][^()。]{{1,24}}[)])?(?:[ ]?(?:拝|{_TITLE}|より))?"
)
_SENT_FROM = re.compile(
    r"[^\s。]{0,20}(?:iPhone|iPad|スマートフォン|スマホ|携帯|Android|Galaxy|Xperia|AQUOS|Pixel|Windows|ドコモ|au|SoftBank)[^\n。]{0,20}(?:から|より)送信(?:されました)?"
    r"|(?:Sent from|Sent with|Sent via|Get Outlook for|Outlook for) [^\n]{1,40}|Yahoo!メール[^\n。]{0,20}|(?:Android|iOS|Mac|Windows)[ ]?(?:用|版)(?:の)?[ ]?(?:Outlook|メール)(?:を入手)?",
    re.IGNORECASE,
)
# Words in the place of a name that are none.
_NO_NAME = re.compile(
    "以[降後]|来[週月年]|明日|次回|今後|通報|警察|死亡|逝去|職員|条件|同意|変更|本人|折り?返|希望|のみ|済"
)
# Lines of a signature; a longer one says something.
_SIGNATURE_LINES = 15
_LONGEST_LINE = 70
# A longer text says more than yes.
_SHORT = 160
_PARTS = re.compile(r"[。.!！\n、,]+")


def _own(text: str) -> str:
    return unicodedata.normalize("NFKC", without_token(text)).replace("〜", "~")


def says_stop(text: str) -> bool:
    """Say whether a text may ask to stop, or says that nobody there asked for the change."""
    return bool(_STOP.search(_NO_MISTAKE.sub("", unicodedata.normalize("NFKC", text))))


def stops_outright(text: str) -> bool:
    """Say whether a text asks to stop in words that say so from whomever they come."""
    bare = _NO_MISTAKE.sub("", unicodedata.normalize("NFKC", text))
    return bool(_OUTRIGHT.search(_KEEP.sub("", bare)))


def insists_on_stop(text: str) -> bool:
    """Say whether a text asks to stop in words that no robot and no banner has."""
    return bool(_INSISTS.search(unicodedata.normalize("NFKC", text)))


def says_keep(text: str) -> bool:
    """Say whether a text wants to keep what is; that it may still be used is no such wish."""
    return bool(_KEEP.search(_USABLE.sub("", unicodedata.normalize("NFKC", text))))


def says_agreed(text: str) -> bool:
    """Say whether a text agrees in so many words and says nothing else."""
    if says_stop(text):
        return False
    found = _parts(without_signature(text))
    return found is not None and any(0 in fits for fits in found)


def says_received(text: str) -> bool:
    """Say whether a text is empty or says no more than that the letter arrived, or yes."""
    return not says_stop(text) and _parts(without_signature(text)) is not None


def _parts(text: str) -> list[set[int]] | None:
    """Return for each part of a text what it is wholly: 0 yes, 1 receipt, 2 courtesy.

    None where one is none of them, or where the text is long: it says more than yes.
    """
    if len(text.strip()) > _SHORT:
        return None
    found: list[set[int]] = []
    for part in _PARTS.split(text):
        bare = re.sub(r"\s+", " ", part).strip(" ")
        if not bare:
            continue
        fits = {at for at, kind in enumerate((_YES, _RECEIVED)) if kind.fullmatch(bare)}
        if _COURTESY.fullmatch(bare) and not _SAYS_MORE.search(_POLITE.sub("", bare)):
            fits.add(2)
        if not fits:
            return None
        found.append(fits)
    return found


def without_signature(text: str) -> str:
    """Return a text, folded, without the lines at its end that only say who writes."""
    lines = [re.sub(r"[ \t　]+", " ", one).strip() for one in _own(text).split("\n")]
    end = len(lines)
    while end and len(lines) - end < _SIGNATURE_LINES and _is_of_signature(lines[end - 1]):
        end -= 1
    return "\n".join(lines[:end])


def _is_of_signature(line: str) -> bool:
    if not line or _RULE.fullmatch(line) or _SENT_FROM.fullmatch(line):
        return True
    if len(line) > _LONGEST_LINE or _SENTENCE.search(line) or _STOP.search(line):
        return False
    if _SAYS_MORE.search(line) or _NO_NAME.search(line):
        return False
    whole = (_PLACE, _HOUSE_LINE, _NAME_LINE)
    return bool(_PHONE_MAIL.search(line)) or any(one.fullmatch(line) for one in whole)
