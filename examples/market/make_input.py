#!/usr/bin/env python3
"""Writes trades.jsonl: three symbols around noon in New York, shuffled within a second or two; the
same bytes at every run. A few trades come minutes later, a few cannot be."""
import json
import random
from datetime import datetime, timezone

rnd = random.Random(5).random                 # random() alone is the same in every version
start = int(datetime(2026, 3, 6, 16, 51, tzinfo=timezone.utc).timestamp() * 1000)
prices = {"WEIR": 41.25, "DAM": 7.81, "SLUICE": 1203.5}
rows = []


def trade(ms, symbol, price, size, side, delayed=0.0):
    line = {"t": start + int(ms), "symbol": symbol, "price": round(price, 4), "size": size, "side": side}
    rows.append((ms + delayed, json.dumps(line, separators=(",", ":"))))


for symbol, price in prices.items():
    ms = 3000 * rnd()
    while ms < 14 * 60000:
        hungry = symbol == "DAM" and 5 * 60000 < ms < 11 * 60000
        price *= 1 + 0.002 * (rnd() - (0.3 if hungry else 0.5))
        side = "buy" if rnd() < (0.8 if hungry else 0.5) else "sell"
        late = 200000 if rnd() < 0.008 else 2000 * rnd()
        trade(ms, symbol, price, 1 + int(100 * rnd() ** 4) * 5, side, late)
        ms += (4000 if symbol == "SLUICE" else 9000) * 2 * rnd()
trade(100000, "DAM", 0.0, 10, "buy")
trade(200000, "DAM", 7.8, -5, "sell")
trade(300000, "WEIR", 41.00005, 5, "sell")
rows[-1] = (rows[-1][0], rows[-1][1].replace("41.0001", "41.00005").replace("41.0,", "41.00005,"))
trade(400000, "WEIR", 41.0, 5, "short")
rows.sort(key=lambda row: row[0])
with open("trades.jsonl", "w") as f:
    f.writelines(line + "\n" for _, line in rows)
