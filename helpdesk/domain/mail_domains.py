"""Domains of mailboxes that do not belong to one hospital: what is vouched for there is nobody's.

Free mail, carriers, providers, rented servers, medical associations, and addresses that a
university gives for life. mailbox_rules.yaml adds to them (identity.public_domains). A
name below one of them, such as osk3.3web.ne.jp, counts with it.
"""

from __future__ import annotations

from collections.abc import Collection

_FREE_MAIL = """
    gmail.com googlemail.com ymail.com ymail.ne.jp rocketmail.com icloud.com me.com mac.com
    msn.com passport.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de
    tuta.io tuta.com fastmail.com fastmail.fm fastmail.jp hey.com duck.com gmx.com gmx.net
    gmx.de zoho.com zohomail.com mail.com email.com usa.com usa.net inbox.com hushmail.com
    mail.ru bk.ru list.ru inbox.ru yandex.com yandex.ru ya.ru rambler.ru qq.com foxmail.com
    163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com naver.com hanmail.net
    daum.net nate.com kakao.com web.de t-online.de freenet.de orange.fr free.fr laposte.net
    wanadoo.fr libero.it tiscali.it att.net comcast.net verizon.net sbcglobal.net bellsouth.net
    cox.net charter.net earthlink.net btinternet.com sky.com rogers.com shaw.ca bigpond.com
    optusnet.com.au rediffmail.com excite.co.jp excite.com bbexcite.jp goo.ne.jp goo.jp
    infoseek.jp infoseek.to infoseek.com rakuten.jp rakumail.jp livedoor.com livedoor.jp
    lycos.jp lycos.com auone.jp nifmail.jp inter7.jp mail-box.ne.jp cside.jp cside.com
    freeml.com coolmail.jp mail.goo.ne.jp sute.jp instaddr.com mailinator.com guerrillamail.com
    10minutemail.com yopmail.com temp-mail.org
"""

# Firms whose free mail has a name in each country: hotmail.co.jp, yahoo.de, outlook.fr.
_BRANDS = frozenset(
    "yahoo hotmail outlook live windowslive aol gmx yandex protonmail zoho fastmail".split()
)

_CARRIERS = """
    docomo.ne.jp docomo.blackberry.com mopera.net mopera.ne.jp ezweb.ne.jp au.com
    biz.ezweb.ne.jp ido.ne.jp softbank.ne.jp softbank.jp i.softbank.jp vodafone.ne.jp jp-c.ne.jp
    jp-d.ne.jp jp-h.ne.jp jp-k.ne.jp jp-n.ne.jp jp-q.ne.jp jp-r.ne.jp jp-s.ne.jp jp-t.ne.jp
    disney.ne.jp disneymobile.ne.jp ymobile.ne.jp ymobile1.ne.jp y-mobile.ne.jp yahoo.ne.jp
    willcom.com wcm.ne.jp pdx.ne.jp emnet.ne.jp emobile.ne.jp emobile-s.ne.jp uqmobile.jp
    uqwimax.jp wimax.jp mineo.jp iijmio-mail.jp iijmio.jp bmobile.ne.jp libmo.jp linemo.jp
    rakuten-mobile.jp rakuten.ne.jp nuro.jp
"""

_PROVIDERS = """
    nifty.com nifty.ne.jp niftyserve.or.jp biglobe.ne.jp mesh.ne.jp ocn.ne.jp ocn.co.jp
    plala.or.jp plala.ne.jp so-net.ne.jp so-net.jp dion.ne.jp au-net.ne.jp auone-net.jp
    kddi.ne.jp asahi-net.or.jp hi-ho.ne.jp hi-ho.jp odn.ne.jp odn.ad.jp ybb.ne.jp bbtec.net
    bbtec.jp eonet.ne.jp eonet.jp commufa.jp commufa.ne.jp jcom.home.ne.jp home.ne.jp
    jcom.zaq.ne.jp zaq.ne.jp zaq.jp jcom.jp j-com.jp wakwak.com wakwak.ne.jp dti.ne.jp dream.com
    dream.jp dream.ne.jp zero.jp zero.ad.jp sannet.ne.jp infoweb.ne.jp infoweb.or.jp iij4u.or.jp
    iijnet.or.jp iij.ne.jp bekkoame.ne.jp bekkoame.or.jp interq.or.jp gmobb.jp 3web.ne.jp
    justnet.ne.jp highway.ne.jp highway.or.jp netlaputa.ne.jp alpha-net.ne.jp alpha-web.ne.jp
    alles.or.jp airnet.ne.jp attnet.ne.jp att.ne.jp att.or.jp cyber66.or.jp din.or.jp
    e-mail.ne.jp mail.ne.jp fsinet.or.jp gol.com globe.ne.jp jan.ne.jp jah.ne.jp joy.ne.jp
    kk.iij4u.or.jp linkclub.or.jp linkclub.com mbn.or.jp people.or.jp people-i.ne.jp
    peanet.ne.jp pis.ne.jp platz.or.jp rim.or.jp st.rim.or.jp sainet.or.jp sphere.ne.jp
    sunnet.ne.jp threeweb.ad.jp trust.ne.jp t3.rim.or.jp twics.com u-netsurf.ne.jp big.or.jp
    freebit.net freebit.com toppa.net rakutenbb.jp excite-bb.jp interlink.or.jp interlink.ne.jp
    sanynet.ne.jp itscom.net itscom.jp 246.ne.jp netyou.jp c3-net.ne.jp cablenet.ne.jp
    catv.ne.jp catvnet.ne.jp tcn-catv.ne.jp t-net.ne.jp hachigamenet.ne.jp ttn.ne.jp t-com.ne.jp
    tnc.ne.jp tokai.or.jp thn.ne.jp wbs.ne.jp sensyu.ne.jp hb.tp1.jp tp1.jp tiki.ne.jp
    enjoy.ne.jp megaegg.ne.jp do2.energia.ne.jp fch.ne.jp urban.ne.jp ccv.ne.jp ccjnet.ne.jp
    c-able.ne.jp kvision.ne.jp kcv-net.ne.jp oct-net.ne.jp oct-net.jp kcn.jp kcn.ne.jp bbiq.jp
    csf.ne.jp pikara.ne.jp netwave.or.jp shikoku.ne.jp lib.e-catv.ne.jp e-catv.ne.jp
    quolia.ne.jp nmt.ne.jp mitene.or.jp fctv-net.jp angel.ne.jp hokuriku.ne.jp incl.ne.jp
    spacelan.ne.jp nsk.ne.jp coralnet.or.jp ctt.ne.jp ctk.ne.jp ctknet.ne.jp tam.ne.jp
    cty-net.ne.jp mecha.ne.jp za.ztv.ne.jp ztv.ne.jp zb.ztv.ne.jp zc.ztv.ne.jp zd.ztv.ne.jp
    amigo.ne.jp amitaj.or.jp starcat.ne.jp gctv.ne.jp medias.ne.jp katch.ne.jp tees.ne.jp
    catch.ne.jp aitai.ne.jp sala.or.jp sun-inet.or.jp quartz.ocn.ne.jp ccnw.ne.jp
    ccn.aitai.ne.jp orihime.ne.jp cam.hi-ho.ne.jp avis.ne.jp janis.or.jp valley.ne.jp lcv.ne.jp
    nns.ne.jp cnet.ne.jp dcn.ne.jp wind.ne.jp sunfield.ne.jp gunmanet.or.jp jway.ne.jp
    accsnet.ne.jp icntv.ne.jp sopia.or.jp ucatv.ne.jp jomon.ne.jp hi-net.ne.jp actv.ne.jp
    michinoku.ne.jp rnac.ne.jp echna.ne.jp cna.ne.jp omn.ne.jp catvy.ne.jp ncv.ne.jp ncv.jp
    hotcn.ne.jp octv.ne.jp potato.ne.jp ii-okinawa.ne.jp nirai.ne.jp cosmos.ne.jp ryukyu.ne.jp
    synapse.ne.jp minc.ne.jp bronze.ocn.ne.jp miyazaki-catv.ne.jp btvm.ne.jp mnet.ne.jp
    coara.or.jp cncm.ne.jp cableone.ne.jp people-net.ne.jp
"""

_RENTED = """
    sakura.ne.jp sakuratan.com sakuraweb.com lolipop.jp heteml.jp heteml.net xsrv.jp xserver.jp
    xbiz.jp coreserver.jp valueserver.jp xrea.com minibird.jp netowl.jp star.ne.jp starfree.jp
    wpx.jp wpxblog.jp kagoya.net kir.jp secure.ne.jp gmoserver.jp wadax.ne.jp alpha-prm.jp
    at-ninja.jp tok2.com fc2.com geocities.jp geocities.co.jp jimdo.com jimdofree.com
    wixsite.com onmicrosoft.com appspotmail.com amazonses.com sendgrid.net main.jp chu.jp
    ciao.jp daa.jp fool.jp girly.jp gonna.jp greater.jp her.jp hippy.jp holy.jp littlestar.jp
    oops.jp parallel.jp pepper.jp under.jp upper.jp versus.jp watson.jp whitesnow.jp zombie.jp
    moo.jp noor.jp penne.jp raindrop.jp sub.jp sunnyday.jp velvet.jp weblike.jp bambina.jp
    boy.jp but.jp candypop.jp
"""

# Shared by members of a profession, or by hospitals all over the country.
_MEDICAL = """
    umin.ac.jp umin.org umin.net umin.jp umin.u-tokyo.ac.jp med.or.jp med.ne.jp doctor.or.jp
    doctor.ne.jp m3.com m3mail.com medical.or.jp dental.or.jp nurse.or.jp mail.hosp.go.jp
    tokushukai.jp
"""

# Hospitals of one group: each has a name of its own below it, tokyo.jcho.go.jp; the name of
# the group itself is all of theirs.
_GROUPS = frozenset(
    """
    jcho.go.jp johas.go.jp jrc.or.jp nho.go.jp hosp.go.jp kkr.or.jp saiseikai.or.jp bizmw.com
    tokushukai.or.jp
    """.split()
)

_FOR_LIFE = """
    keio.jp jukuin.keio.ac.jp waseda.jp post.harvard.edu alum.mit.edu aya.yale.edu acm.org
    ieee.org member.fsf.org
"""
# A part of a name that says so: alumni.u-tokyo.ac.jp.
_FOR_LIFE_PARTS = frozenset("alumni alum alumnus alumna dosokai dousoukai".split())

#: What is shared wherever helpdesk runs.
PUBLIC_DOMAINS: frozenset[str] = frozenset(
    " ".join((_FREE_MAIL, _CARRIERS, _PROVIDERS, _RENTED, _MEDICAL, _FOR_LIFE)).split()
)

# Under these anybody may have a name; by themselves they are nobody's (publicsuffix.org).
_SECOND_LEVEL = frozenset(
    "ac ad co com ed edu go gov gr lg mil ne net nom or org info asso".split()
)
_PREFECTURES = frozenset(
    """
    hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba
    tokyo kanagawa niigata toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga
    kyoto osaka hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima
    kagawa ehime kochi fukuoka saga nagasaki kumamoto oita miyazaki kagoshima okinawa
    sapporo sendai yokohama kawasaki nagoya kobe kitakyushu
    """.split()
)


def is_shared(domain: str, more: Collection[str] = ()) -> bool:
    """Say whether many who have nothing to do with each other have addresses in a domain.

    `more`: domains that count as well, with every name below them.
    """
    labels = [label for label in domain.lower().strip(".").split(".") if label]
    if _suffix_length(labels) >= len(labels):
        return True
    if ".".join(labels) in _GROUPS:
        return True
    names = {".".join(labels[at:]) for at in range(len(labels))}
    if not names.isdisjoint(PUBLIC_DOMAINS) or not names.isdisjoint(more):
        return True
    if not _FOR_LIFE_PARTS.isdisjoint(labels):
        return True
    return labels[-_suffix_length(labels) - 1] in _BRANDS


def _suffix_length(labels: list[str]) -> int:
    """Return how many labels at the end are a registry's own: 2 of hospital.or.jp."""
    if len(labels) < 2 or len(labels[-1]) != 2:
        return min(1, len(labels))
    second = labels[-2]
    if labels[-1] == "jp" and second in _PREFECTURES:
        return 2
    return 2 if second in _SECOND_LEVEL else 1
