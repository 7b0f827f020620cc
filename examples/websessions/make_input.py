#!/usr/bin/env python3
"""Writes access.log: a dozen visitors in three hours, two robots, and what a server on the open
internet gets besides; the same bytes at every run."""
import random
from datetime import datetime, timedelta, timezone

rnd = random.Random(80).random                # random() alone is the same in every version
start = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=1)))
browser = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"
robots = ["Mozilla/5.0 (compatible; examplebot/2.1)", "PageCrawler/0.9"]
pages = ["/", "/", "/", "/shoes", "/shoes?size=43", "/shoes/red-42", "/bags", "/cart", "/help?q=%22size%22"]
rows = []


def hit(seconds, ip, url, status, size, agent, method="GET"):
    when = (start + timedelta(seconds=int(seconds))).strftime("%d/%b/%Y:%H:%M:%S %z")
    rows.append((seconds + 5 * rnd(), f'{ip} - - [{when}] "{method} {url} HTTP/1.1" {status} {size} "-" "{agent}"'))


for visitor in range(12):
    ip = f"192.0.2.{10 + visitor}"
    for _ in range(1 + int(rnd() * 3)):       # visits
        seconds = rnd() * 9000
        for _ in range(1 + int(rnd() * 9)):
            url = pages[int(rnd() * len(pages))]
            kind = rnd()
            if kind < 0.07:
                hit(seconds, ip, "/old" + url, 404, 512, browser)
            elif kind < 0.12:
                hit(seconds, ip, url, 304, "-", browser)
            elif kind < 0.2:
                hit(seconds, ip, "/cart", 201, 64, browser, "POST")
            else:
                hit(seconds, ip, url, 200, 2000 + int(rnd() * 9000), browser)
            seconds += 5 + 600 * rnd() ** 2
for robot in (0, 1):
    for minute in range(robot, 170, 9):
        hit(60 * minute, f"198.51.100.{robot + 1}", pages[minute % len(pages)], 200, 1500, robots[robot])
for minute in (21, 77, 130):                  # somebody tries another protocol
    rows.append((60 * minute, f'203.0.113.9 - - [garbled] "\\x16\\x03\\x01" 400 226 "-" "-"'))
rows.sort(key=lambda row: row[0])
with open("access.log", "w") as f:
    f.writelines(line + "\n" for _, line in rows)
