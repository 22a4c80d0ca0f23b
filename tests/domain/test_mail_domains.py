"""Domains that are one hospital's own, and those that many share."""

from __future__ import annotations

import pytest

from helpdesk.domain.disclosure import is_own_domain
from helpdesk.domain.mail_domains import is_shared

SHARED = """
gmail.com yahoo.co.jp YAHOO.CO.JP hotmail.co.jp outlook.fr live.co.uk yahoo.com.tw icloud.com
docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp y-mobile.ne.jp ymobile.ne.jp dj.pdx.ne.jp
ocn.ne.jp aqua.ocn.ne.jp khaki.plala.or.jp nifty.com mub.biglobe.ne.jp kb3.so-net.ne.jp a1.dion.ne.jp
auone-net.jp eonet.ne.jp zeus.eonet.ne.jp tg7.asahi-net.or.jp jcom.zaq.ne.jp jcom.home.ne.jp zaq.jp
mx4.tiki.ne.jp mb.commufa.jp odn.ne.jp infoweb.ne.jp wakwak.com cam.hi-ho.ne.jp tulip.sannet.ne.jp bbtec.net
clinic.sakura.ne.jp clinic.lolipop.jp clinic.xsrv.jp hospital.onmicrosoft.com
umin.ac.jp umin.net med.or.jp aichi.med.or.jp shinjuku.tokyo.med.or.jp mail.hosp.go.jp
alumni.u-tokyo.ac.jp keio.jp toki.waseda.jp jukuin.keio.ac.jp alum.mit.edu
jcho.go.jp JRC.or.jp nho.go.jp hosp.go.jp johas.go.jp kkr.or.jp saiseikai.or.jp tokushukai.or.jp bizmw.com
jp or.jp co.jp ac.jp tokyo.jp co.uk com
""".split()

OWN = """
hospital.example.jp med.hospital.example.jp hospital.or.jp hospital.ac.jp hosp.u-tokyo.ac.jp
tokyo.jcho.go.jp
hospital.pref.aichi.jp city-hospital.tokyo.jp nagoya2.jrc.or.jp live-hospital.jp yahoo-clinic.or.jp
gmail.com.example.jp notgmail.com docomo.hospital.jp
""".split()


@pytest.mark.parametrize("domain", SHARED)
def test_what_many_share_is_nobodys_own(domain: str) -> None:
    assert is_shared(domain)
    assert not is_own_domain(f"a@{domain}", f"b@{domain}", ())


@pytest.mark.parametrize("domain", OWN)
def test_a_hospitals_domain_is_its_own(domain: str) -> None:
    assert not is_shared(domain)
    assert is_own_domain(f"a@{domain}", f"b@{domain}", ())


def test_the_rules_add_more_with_what_lies_below_them() -> None:
    more = ("group.example.or.jp",)
    assert is_shared("group.example.or.jp", more)
    assert is_shared("east.group.example.or.jp", more)
    assert not is_shared("othergroup.example.or.jp", more)
    assert not is_own_domain("a@group.example.or.jp", "b@group.example.or.jp", more)
