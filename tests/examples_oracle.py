#!/usr/bin/env python3
"""Computes what the examples should give, from their inputs, the plain way: all rows of a window in
a list, then one function over it. Numbers are Fractions, so that nothing depends on an order. What is
in examples/*/expected must say the same. Prints `ok NAME` or `FAIL NAME` for each of its files."""
import csv
import json
import math
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
failed = False


# ---- comparing ----

def same(want, got):
    if isinstance(want, datetime):
        return want == datetime.fromisoformat(got.replace("Z", "+00:00"))
    if isinstance(want, range_of):
        return want.low <= float(got) <= want.high
    if isinstance(want, float):
        return math.isclose(want, float(got), rel_tol=1e-12)
    if isinstance(want, (int, Decimal)) and not isinstance(want, bool):
        return want == Decimal(str(got))
    return want == got


class range_of:                               # any number in it will do: sketches promise no more
    def __init__(self, low, high):
        self.low, self.high = low, high


def expect(example, file, want):
    """want: a list of dicts, compared with the file's rows in order, in the fields that want names."""
    global failed
    with open(f"examples/{example}/expected/{file}") as f:
        text = f.read()
    if file.endswith(".csv") or text[:1] not in "{":
        got = list(csv.DictReader(text.splitlines()))
    else:
        got = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
    wrong = [] if len(want) == len(got) else [f"{len(want)} rows expected, {len(got)} found"]
    for i, (w, g) in enumerate(zip(want, got)):
        wrong += [f"row {i}: {k}: {w[k]} expected: {g}" for k in w if k not in g or not same(w[k], g[k])]
    failed |= bool(wrong)
    print("\n  ".join([f"{'FAIL' if wrong else 'ok'} oracle: {example}/{file}"] + wrong[:5]))


# ---- event time ----

def with_watermarks(rows, delay):
    """Each row with the watermark as of it: the highest time so far, less the delay."""
    high = EPOCH
    for row in rows:
        high = max(high, row["time"])
        yield {**row, "watermark": high - delay}


def grouped(rows, key, size, every=None, late=None):
    """Windows of all keys as (end, key, start, rows) in the order in which they are written. Rows
    that come when the window is over are left out; those that some window refused go to `late`."""
    every = every or size
    windows = defaultdict(list)
    for row in rows:
        start = row["time"] - (row["time"] - EPOCH) % every
        while start > row["time"] - size:
            if start + size > row["watermark"]:
                windows[start + size, key(row), start].append(row)
            elif late is not None and row not in late:
                late.append(row)
            start -= every
    return [(*w, windows[w]) for w in sorted(windows)]


def bad(number, kind):
    return {"offset": number, "kind": kind}


# ---- statistics ----

def avg(values):
    return float(sum(map(Fraction, values)) / len(values))


def stddev(values):
    mean = sum(map(Fraction, values)) / len(values)
    return math.sqrt(sum((Fraction(v) - mean) ** 2 for v in values) / (len(values) - 1)) if len(values) > 1 else ""


def quantile(values, q):
    v, at = sorted(values), q * (len(values) - 1)
    return range_of(0.99 * v[math.floor(at)], 1.01 * v[math.ceil(at)])


def round_to(x, digits):
    return Decimal(x).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


# ---- the examples ----

def payments():
    good, quarantine = [], []
    for number, line in enumerate(open("examples/payments/payments.jsonl")):
        try:
            row = json.loads(line, parse_float=Decimal)
            row["time"] = datetime.fromisoformat(row["ts"].replace("Z", "+00:00"))
            if row["kind"] not in ("purchase", "refund") or row["amount"] != round_to(row["amount"], 2):
                raise ValueError
            row["user"], row["country"]
        except (ValueError, KeyError, TypeError, ArithmeticError):
            quarantine.append(bad(number, "decode"))
            continue
        if row["amount"] > 0 and re.fullmatch("[A-Z]{2}", row["country"]):
            good.append(row)
        else:
            quarantine.append(bad(number, "check"))
    late, spend = [], []
    rows = [row for row in with_watermarks(good, timedelta(seconds=30)) if row["kind"] == "purchase"]
    for _, user, hour, group in grouped(rows, lambda row: row["user"], HOUR, late=late):
        amounts = [row["amount"] for row in group]
        spend.append({"user": user, "hour": hour, "n": len(group), "total": sum(amounts), "largest": max(amounts),
                      "countries": len({row["country"] for row in group})})
    alerts = []
    for row in spend:
        for test, reason in (row["total"] > 2000, "spent a lot"), (row["countries"] > 2, "many countries"):
            if test:
                alerts.append({"user": row["user"], "hour": row["hour"], "reason": reason, "total": row["total"]})
    expect("payments", "stdout", alerts)
    expect("payments", "spend.csv", spend)
    expect("payments", "quarantine.jsonl", quarantine)
    expect("payments", "late.jsonl", [{"id": row["id"], "amount": row["amount"]} for row in late])


def telemetry():
    celsius = {"C": lambda v: v, "F": lambda v: (v - 32) * 5 / 9, "K": lambda v: v - 273.15}
    good, unusable = [], []
    for number, row in enumerate(csv.DictReader(open("examples/telemetry/readings.csv"))):
        row["time"] = datetime.fromisoformat(row["taken"].replace("Z", "+00:00"))
        if row["value"] == "n/a":
            unusable.append(bad(number, "decode"))
        elif row["unit"] not in celsius or not -60 <= celsius[row["unit"]](float(row["value"])) <= 90:
            unusable.append(bad(number, "check"))
        else:
            row["temp"] = celsius[row["unit"]](float(row["value"]))
            good.append(row)
    rows = list(with_watermarks(good, timedelta(seconds=20)))
    stats, outliers = [], []
    for _, device, since, group in grouped(rows, lambda row: row["device"], 10 * MINUTE, 5 * MINUTE):
        temps = [row["temp"] for row in group]
        hottest = max(group, key=lambda row: row["temp"])
        row = {"device": device, "since": since, "n": len(group), "mean": avg(temps), "spread": stddev(temps),
               "low": min(temps), "high": max(temps), "hottest": hottest["time"], "median": quantile(temps, 0.5)}
        stats.append(row)
        if row["n"] > 1 and row["high"] - row["mean"] > 3 * row["spread"]:
            outliers.append({"device": device, "hottest": row["hottest"], "high": round_to(row["high"], 1),
                             "mean": round_to(row["mean"], 1)})
    fleet = []
    for _, _, start, group in grouped(rows, lambda row: 0, 30 * MINUTE):
        temps = [row["temp"] for row in group]
        fleet.append({"fleet": start, "devices": len({row["device"] for row in group}), "readings": len(group),
                      "hot": sum(t > 40 for t in temps), "p95": quantile(temps, 0.95),
                      "weakest": min(int(row["battery"]) for row in group if row["battery"])})
    expect("telemetry", "stats.csv", stats)
    expect("telemetry", "stdout", outliers)
    expect("telemetry", "fleet.jsonl", fleet)
    expect("telemetry", "unusable.jsonl", unusable)


def websessions():
    line_form = re.compile(r'(\S+) \S+ \S+ \[([^]]+)\] "([A-Z]+) (\S+) HTTP/[\d.]+" (\d{3}) (\d+|-) "[^"]*" "([^"]*)"')
    good, strange = [], []
    for number, line in enumerate(open("examples/websessions/access.log")):
        m = line_form.fullmatch(line.rstrip("\n"))
        if not m:
            strange.append(bad(number, "decode"))
            continue
        row = dict(zip(("ip", "at", "method", "url", "status", "bytes", "agent"), m.groups()))
        row["time"] = datetime.strptime(row["at"], "%d/%b/%Y:%H:%M:%S %z")
        row["path"], row["status"] = row["url"].split("?")[0], int(row["status"])
        good.append({**row, "number": number})
    rows = [row for row in with_watermarks(good, timedelta(seconds=10))
            if not re.search("bot|crawler|spider", row["agent"], re.IGNORECASE)]
    visits = []
    for ip in {row["ip"] for row in rows}:
        for row in sorted((row for row in rows if row["ip"] == ip), key=lambda row: (row["time"], row["number"])):
            if not visits or visits[-1][0]["ip"] != ip or row["time"] - visits[-1][-1]["time"] >= 30 * MINUTE:
                visits.append([])
            visits[-1].append(row)
    visits.sort(key=lambda visit: (visit[-1]["time"], visit[0]["ip"]))
    expect("websessions", "stdout", [
        {"ip": visit[0]["ip"], "from": visit[0]["time"], "hits": len(visit), "entry": visit[0]["path"],
         "exit": visit[-1]["path"], "errors": sum(row["status"] >= 400 for row in visit)} for visit in visits])
    pages = []
    seen = (row for row in rows if row["method"] == "GET" and row["status"] < 400)
    for _, page, hour, group in grouped(seen, lambda row: row["path"], HOUR):
        pages.append({"page": page, "hour": hour, "views": len(group), "visitors": len({row["ip"] for row in group}),
                      "sent": sum(int(row["bytes"]) for row in group if row["bytes"] != "-")})
    expect("websessions", "pages.csv", pages)
    busiest = []
    for hour in sorted({page["hour"] for page in pages}):
        group = [page for page in pages if page["hour"] == hour]
        busiest.append({"hour": hour, "pages": len(group), "views": sum(page["views"] for page in group),
                        "best": max(group, key=lambda page: page["views"])["page"]})
    expect("websessions", "busiest.jsonl", busiest)
    expect("websessions", "strange.jsonl", strange)


def market():
    good, refused = [], []
    for number, line in enumerate(open("examples/market/trades.jsonl")):
        row = json.loads(line, parse_float=Decimal)
        row["time"] = EPOCH + timedelta(milliseconds=row["t"])
        if row["side"] not in ("buy", "sell") or row["price"] != round_to(row["price"], 4):
            refused.append(bad(number, "decode"))
        elif row["price"] <= 0 or row["size"] <= 0:
            refused.append(bad(number, "check"))
        else:
            good.append({**row, "number": number})
    rows = list(with_watermarks(good, timedelta(seconds=3)))
    late, bars, trend, day = [], [], [], []

    def vwap(group):
        turnover, volume = sum(row["price"] * row["size"] for row in group), sum(row["size"] for row in group)
        exact = Fraction(turnover) / volume * 10000
        return Decimal(round(exact)) / 10000  # Fractions round half to even

    for _, symbol, minute, group in grouped(rows, lambda row: row["symbol"], MINUTE, late=late):
        group.sort(key=lambda row: (row["time"], row["number"]))
        prices = [row["price"] for row in group]
        bars.append({"symbol": symbol, "minute": minute, "open": prices[0], "high": max(prices), "low": min(prices),
                     "close": prices[-1], "volume": sum(row["size"] for row in group), "vwap": vwap(group)})
    for end, symbol, _, group in grouped(rows, lambda row: row["symbol"], 5 * MINUTE, MINUTE):
        prices = [row["price"] for row in group]
        bought = sum(row["size"] for row in group if row["side"] == "buy")
        sold = sum(row["size"] for row in group if row["side"] == "sell")
        pressure = round_to((bought - sold) / (bought + sold), 3)
        if abs(pressure) > Decimal("0.4"):
            trend.append({"symbol": symbol, "until": end, "vwap": vwap(group), "bought": bought, "sold": sold,
                          "range": max(prices) - min(prices), "pressure": pressure})
    midnight = datetime(2026, 3, 6, tzinfo=ZoneInfo("America/New_York")).astimezone(timezone.utc)
    for hour in range(1, 25):
        for symbol in sorted({row["symbol"] for row in rows}):
            group = [row for row in rows if row["symbol"] == symbol and row["time"] < midnight + hour * HOUR]
            if group:
                day.append({"symbol": symbol, "so_far": midnight + hour * HOUR, "trades": len(group),
                            "turnover": sum(row["price"] * row["size"] for row in group)})
    expect("market", "stdout", bars)
    expect("market", "trend.jsonl", trend)
    expect("market", "day.jsonl", day)
    expect("market", "refused.jsonl", refused)
    expect("market", "corrections.jsonl", [{"symbol": row["symbol"], "price": row["price"]} for row in late])


def fraud():
    good, quarantine = [], []
    for number, line in enumerate(open("examples/fraud/payments.jsonl")):
        row = json.loads(line, parse_float=Decimal)
        row["time"], row["number"] = datetime.fromisoformat(row["ts"].replace("Z", "+00:00")), number
        if not isinstance(row["amount"], Decimal):
            quarantine.append(bad(number, "decode"))
        elif row["amount"] > 0 and re.fullmatch("[A-Z]{2}", row["country"]):
            good.append(row)
        else:
            quarantine.append(bad(number, "check"))
    rows = list(with_watermarks(good, timedelta(seconds=30)))
    late = [row for row in rows if row["time"] < row["watermark"]]
    in_order = sorted((row for row in rows if row not in late), key=lambda row: (row["time"], row["number"]))
    alerts, profile, told = [], {}, {}
    for i, row in enumerate(in_order):
        user, amount, time = row["user"], row["amount"], row["time"]
        recent = [r["amount"] for r in in_order[:i + 1] if r["user"] == user and time - 10 * MINUTE < r["time"]]
        n, mean, country = profile.get(user, (0, 0.0, None))
        if len(recent) > 5 and sum(recent) > 1000 and time - told.get(user, EPOCH) >= 15 * MINUTE:
            told[user] = time
            alerts.append({"user": user, "reason": "velocity", "n": len(recent), "total": sum(recent),
                           "id": row["id"], "at": time})
        if n > 20 and float(amount) > 10 * mean and country not in (None, row["country"]):
            alerts.append({"user": user, "reason": "unusual", "n": n, "total": amount, "id": row["id"], "at": time})
        profile[user] = n + 1, mean + (float(amount) - mean) / (n + 1), row["country"]
    spend = []
    risk = {row["merchant"]: float(row["score"]) for row in csv.DictReader(open("examples/fraud/merchants.csv"))}
    for _, user, hour, group in grouped(rows, lambda row: row["user"], HOUR):
        total = sum(row["amount"] for row in group)
        worst = max((risk[row["merchant"]] for row in group if row["merchant"] in risk), default="")
        if total > 100:
            spend.append({"user": user, "hour": hour, "total": total, "worst": worst, "n": len(group)})
    expect("fraud", "stdout", alerts)
    expect("fraud", "alerts.jsonl", alerts)
    expect("fraud", "spend.csv", spend)
    expect("fraud", "quarantine.jsonl", quarantine)
    expect("fraud", "late.jsonl", [{"id": row["id"], "amount": row["amount"]} for row in late])


payments(), telemetry(), websessions(), market(), fraud()
sys.exit(failed)
