# SPDX-License-Identifier: GPL-3.0-or-later
"""How a folder stands, asked again and again by logged-in browsers that know already (?poll=1 with
its ETag), beside a static file that the same httpd has nothing new of. Both answer 304."""
import kit
import paths

USERS = ("demo", "demo2")
SESSIONS = 4


def tag_of(site, path, cookie):
    browser = site.stack.browser()
    answer = browser.request("GET", path, headers={"Cookie": cookie})
    browser.close()
    if answer.status != 200 or "etag" not in answer.headers:
        raise RuntimeError("%s answers %d without ETag" % (path, answer.status))
    return answer.headers["etag"]


def run(options):
    rounds, seconds = (2, 1) if options.quick else (7, 4)
    with paths.TestFolder() as folder, kit.Site(folder, USERS) as site:
        site.fill_demo(USERS[0], 0)
        site.clone(USERS[0], USERS[1:])
        reader = site.stack.browser()
        reader.log_in(USERS[0], "demo")
        site.serve_to_trivial(reader.get("mail/INBOX/"))
        reader.close()
        poll = site.mount + "mail/INBOX/?poll=1"
        cookies = site.log_in(["mail/INBOX/"], SESSIONS)
        known = {"If-None-Match": ", ".join(sorted({tag_of(site, poll, cookie) for cookie in cookies})).replace('"', '\\"')}
        static = {"If-None-Match": tag_of(site, "/page.html", "none=1").replace('"', '\\"')}
        file = kit.Case("static file, 304", "/page.html", ["none=1"], static, least=50)
        asked = kit.Case("how a folder stands, 304", poll, cookies, known, least=50)
        told = kit.Case("the same, told anew", poll, cookies, least=50)
        cases = [file, asked, told]
        kit.Bench(site, seconds, options.connections).rounds(cases, rounds)
    print(kit.table(
        ["case", "requests/s", "httpd CPU us", "webcache CPU us", "p50 us", "p99 us", "bytes"],
        [[c.name, "%.0f" % kit.middle(c.rates), "%.1f" % kit.middle(c.httpd_us), "%.1f" % kit.middle(c.webcache_us),
          "%.0f" % kit.middle(c.p50), "%.0f" % kit.middle(c.p99), "%.0f" % c.size] for c in cases]))
    print("\nThe 304 of a folder takes %.2f times as long as that of the file (aim: at most 2).\n" % (
        1 / asked.share_of(file)))
