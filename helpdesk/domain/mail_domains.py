"""Domains of mailboxes that anybody can have; mailbox_rules.yaml may name others."""

from __future__ import annotations

#: Free mail, carriers and providers as they occur in Japan. A name below one of them, such
#: as osk3.3web.ne.jp, counts with it.
PUBLIC_DOMAINS: tuple[str, ...] = tuple(
    """
    gmail.com googlemail.com yahoo.co.jp ymail.ne.jp yahoo.com ybb.ne.jp outlook.com outlook.jp
    hotmail.com hotmail.co.jp live.jp live.com msn.com icloud.com me.com mac.com aol.com aol.jp
    proton.me protonmail.com gmx.com gmx.net zoho.com mail.com yandex.com excite.co.jp
    goo.ne.jp goo.jp infoseek.jp rakuten.jp mail.goo.ne.jp nifty.com nifty.ne.jp biglobe.ne.jp
    ocn.ne.jp plala.or.jp so-net.ne.jp dion.ne.jp asahi-net.or.jp hi-ho.ne.jp odn.ne.jp
    eonet.ne.jp commufa.jp jcom.home.ne.jp jcom.zaq.ne.jp zaq.ne.jp home.ne.jp wakwak.com
    dti.ne.jp sannet.ne.jp itscom.net t-com.ne.jp tnc.ne.jp mopera.net docomo.ne.jp
    ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp vodafone.ne.jp disney.ne.jp ymobile.ne.jp
    willcom.com pdx.ne.jp emnet.ne.jp rakumail.jp mineo.jp uqmobile.jp bbexcite.jp
    3web.ne.jp infoweb.ne.jp mbn.or.jp bekkoame.ne.jp interq.or.jp hb.tp1.jp
    """.split()
)
