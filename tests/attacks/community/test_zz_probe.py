"""Scratch probing."""
import pytest, json
from content.importing.target import Target
from tests.content.samples import film, MANGA, MOVIE, SERIES
from tests.support.platform import ACTOR, take_in
from tests.storefront.community.conftest import town
from tests.storefront.conftest import two_sites

async def test_probe(town):
    c = town.ann.client
    out=[]
    async def a(method, path, **kw):
        r = await c.request(method, path, **kw)
        out.append((method, path[:90], r.status_code, r.headers.get("content-type"), r.text[:160].replace("\n"," ")))
        return r
    for p in ("/api","/api/","/api/v1","/api/v1/","/api/v2/x","/api/v1/nothing","/api/v1/titles/","/api//v1/titles","/api/v1/openapi.json/","/API/v1/titles","/api/v1/..%2f","/apix","/stream","/stream/","/pages/","/opds/x","/opds/","/-/x","/subtitles/"):
        await a("GET", p); await a("GET", p, headers={"accept":"text/html"})
    for m in ("DELETE","PATCH","TRACE","PROPFIND","HEAD","OPTIONS"):
        await a(m, "/api/v1/titles"); await a(m, "/api/v1/", headers={"accept":"text/html"})
    for acc in ("", "*/*;q=0", "text/html;q=0", "image/*", "application/problem+json", "x"*20000, "text/html,application/xml", "\x01"):
        try: await a("GET", "/api/v1/nothing", headers={"accept":acc})
        except Exception as e: out.append(("acc",acc[:10],repr(e)))
    for q in ("media_type[$ne]=x","media_type=$ne","media_type=movie&media_type=series","genre[$ne]=1","genre=%7B%22%24ne%22%3A1%7D","author=.*","author[$regex]=.*","genre=.*","franchise[$gt]=","q=.*","q=%24where","sort=$natural","sort=-_id","year[$gt]=1","_id=1","$where=1","limit=1e3","after[$ne]=x","year=NaN","year=99999999999999999999","genre=","q=(((((((((","q=AND%20OR%20NOT","q=title:*","q=%22","q=owner:tenant","q=" + "a"*300):
        await a("GET", "/api/v1/titles?"+q)
    for q in ("q=owner:*","q=%2B-%2F*","q=\\","q=a~2","q=%00","q=[a TO z]"):
        await a("GET", "/api/v1/suggestions?"+q); await a("GET","/search?"+q, headers={"accept":"text/html"})
    for p in ("$ne","{\"$ne\":1}","_id.owner","film_001.title","../film_002","%2e%2e","__proto__","tenant:south"):
        import urllib.parse
        await a("GET","/api/v1/titles/"+urllib.parse.quote(p,safe=""))
        await a("GET","/api/v1/comments?target_id="+urllib.parse.quote(p,safe=""))
    for body in ({"target_id":{"$ne":1},"body":"x"},{"target_id":["film_001"],"body":"x"},{"target_id":"film_001","body":{"$gt":""}},{"target_id":"film_001","body":"x","reply_to":{"$ne":None}},{"$where":"1"},{"target_id":"film_001","body":"x","a.b":1}):
        await a("POST","/api/v1/comments",json=body)
    open("/tmp/team/probe_out.txt","w").write("\n".join(map(str,out)))
