"""From the language codes of containers and catalogues to what browsers and people read.

Containers say ISO 639-2 (`ger` or `deu`), some two letters, some a whole tag; browsers want BCP 47 (RFC 5646: the
shortest code there is). Names are each language's own, as a viewer looks for it.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?", re.ASCII)
_UNKNOWN: Final = "und"
_TABLE: Final = """
afr=af Afrikaans|amh=am አማርኛ|ara=ar العربية|aze=az Azərbaycan|bel=be Беларуская|ben=bn বাংলা|bos=bs Bosanski
bul=bg Български|cat=ca Català|chi=zh 中文|zho=zh 中文|cze=cs Čeština|ces=cs Čeština|wel=cy Cymraeg|cym=cy Cymraeg
dan=da Dansk|ger=de Deutsch|deu=de Deutsch|gre=el Ελληνικά|ell=el Ελληνικά|eng=en English|epo=eo Esperanto
spa=es Español|est=et Eesti|baq=eu Euskara|eus=eu Euskara|per=fa فارسی|fas=fa فارسی|fin=fi Suomi|fil=fil Filipino
fre=fr Français|fra=fr Français|gle=ga Gaeilge|glg=gl Galego|guj=gu ગુજરાતી|hau=ha Hausa|heb=he עברית|hin=hi हिन्दी
hrv=hr Hrvatski|hun=hu Magyar|arm=hy Հայերեն|hye=hy Հայերեն|ind=id Indonesia|ice=is Íslenska|isl=is Íslenska
ita=it Italiano|jpn=ja 日本語|geo=ka ქართული|kat=ka ქართული|kaz=kk Қазақша|khm=km ខ្មែរ|kan=kn ಕನ್ನಡ|kor=ko 한국어
kur=ku Kurdî|lao=lo ລາວ|lat=la Latina|lit=lt Lietuvių|lav=lv Latviešu|mac=mk Македонски|mkd=mk Македонски
mal=ml മലയാളം|mon=mn Монгол|mar=mr मराठी|may=ms Melayu|msa=ms Melayu|mlt=mt Malti|bur=my မြန်မာ|mya=my မြန်မာ
nob=nb Norsk bokmål|nno=nn Norsk nynorsk|nor=no Norsk|nep=ne नेपाली|dut=nl Nederlands|nld=nl Nederlands|pan=pa ਪੰਜਾਬੀ
pol=pl Polski|por=pt Português|rum=ro Română|ron=ro Română|rus=ru Русский|sin=si සිංහල|slo=sk Slovenčina
slk=sk Slovenčina|slv=sl Slovenščina|som=so Soomaali|alb=sq Shqip|sqi=sq Shqip|srp=sr Српски|swe=sv Svenska
swa=sw Kiswahili|tam=ta தமிழ்|tel=te తెలుగు|tha=th ไทย|tgl=tl Tagalog|tur=tr Türkçe|ukr=uk Українська|urd=ur اردو
uzb=uz O'zbek|vie=vi Tiếng Việt|yid=yi ייִדיש|zul=zu isiZulu
"""


class Language(Struct, frozen=True):
    """A BCP 47 tag and the language's own name."""

    tag: str
    name: str


def _read(table: str) -> dict[str, Language]:
    found: dict[str, Language] = {}
    for entry in table.replace("\n", "|").strip("|").split("|"):
        code, _, rest = entry.partition("=")
        tag, _, name = rest.partition(" ")
        found[code] = found.setdefault(tag, Language(tag, name))
    return found


_LANGUAGES: Final = _read(_TABLE)


def language(code: str | None) -> Language:
    """The language of a code. One that nobody knows keeps its code where that may stand in a tag; else it is `und`."""
    match = _TAG.fullmatch((code or "").strip().replace("_", "-"))
    if match is None:
        return Language(_UNKNOWN, "Subtitles")
    primary, rest = match[1].lower(), match[0][len(match[1]) :]
    if primary in {_UNKNOWN, "mul", "zxx", "mis"}:
        return Language(_UNKNOWN, "Subtitles")
    known = _LANGUAGES.get(primary)
    if known is None:
        return Language(primary + rest, (primary + rest).upper())
    suffix = f" ({rest[1:].upper() if len(rest) < 5 else rest[1:]})" if rest else ""
    return Language(known.tag + rest, known.name + suffix)
