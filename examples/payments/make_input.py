#!/usr/bin/env python3
"""Writes payments.jsonl: twelve users, five hours, the same bytes at every run.

Most rows are a few seconds out of order, which is what `delay` is for. Some come after their hour
was closed, some are broken; two users behave strangely: u07 at ten o'clock, u03 at noon."""
import json
import random
from datetime import datetime, timedelta, timezone

rnd = random.Random(2026).random              # random() alone is the same in every version
start = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)
rows = []                                     # (when it arrives, its line)


def pick(options):
    return options[int(rnd() * len(options))]


def add(arrives, when, line):
    line = {"id": f"p{len(rows) + 1:04}", **line, "ts": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
    rows.append((arrives, json.dumps(line)))


def pay(minute, user, amount, country="DE", kind="purchase", delayed=0.0):
    when = start + timedelta(seconds=int(minute * 60))
    amount = int(amount * 100) / 100
    add(minute + delayed, when, {"user": user, "kind": kind, "country": country, "amount": amount})


for _ in range(360):                          # an ordinary morning
    user = f"u{1 + int(rnd() * 12):02}"
    amount = 3 + 400 * rnd() ** 3
    kind = "refund" if rnd() < 0.08 else "purchase"
    pay(rnd() * 300, user, amount, pick(["DE", "DE", "DE", "FR"]), kind, delayed=rnd() * 0.4)
for i in range(9):                            # u07 goes shopping
    pay(130 + 4 * i + rnd(), "u07", 150 + 180 * rnd(), "DE")
for i, country in enumerate(["IT", "ES", "BR"]):
    pay(245 + 7 * i, "u03", 20 + 30 * rnd(), country)
for hour in (1, 2, 2, 3, 4):                  # known only when the hour is over
    pay(60 * hour - 5 * rnd(), pick(["u02", "u05", "u11"]), 90 * rnd() + 5, delayed=12.0)

good = rows[7][1]
for i, broken in enumerate([
        good[:41],                                                  # cut off
        good.replace('"amount": ', '"amount": "').replace(', "ts"', '", "ts"'),   # a string
        good.replace('"country": "DE"', '"country": "Germany"').replace('"country": "FR"', '"country": "France"'),
        good.replace('"amount": ', '"amount": -'),
        good.replace(', "ts"', '1, "ts"'),                          # three digits after the point
        good.replace("purchase", "gift").replace("refund", "gift"),
        good.replace('"user"', '"usr"'),
        good.replace("2026-03-02", "2026-02-30"),
        "payment of ten euros"]):
    rows.append((20 + 31 * i, broken))

rows.sort(key=lambda row: row[0])
with open("payments.jsonl", "w") as f:
    f.writelines(line + "\n" for _, line in rows)
