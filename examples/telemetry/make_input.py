#!/usr/bin/env python3
"""Writes readings.csv: eight devices, one hour, a reading each 40 seconds or so; the same bytes at
every run. Three readings are outliers, d5 changes to an unknown unit, some fields are broken."""
import random
from datetime import datetime, timedelta, timezone

rnd = random.Random(40).random                # random() alone is the same in every version
start = datetime(2026, 3, 2, 14, tzinfo=timezone.utc)
rows = []
for d in range(8):
    device, unit = f"d{d + 1}", "CCFCCKCF"[d]
    battery = 100 - 7 * d
    seconds = 40 * rnd()
    while seconds < 3600:
        temp = 21 + 2 * d + 3 * (rnd() + rnd() + rnd() - 1.5)
        if (d, int(seconds // 60)) in [(1, 7), (4, 34), (6, 52)]:
            temp += 55
        if d == 4 and seconds > 3000:
            unit = "R"                        # degrees Rankine, to nobody's knowledge
        value = {"C": temp, "F": temp * 9 / 5 + 32, "K": temp + 273.15, "R": temp}[unit]
        when = start + timedelta(milliseconds=int(seconds * 1000))
        fields = [device, when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z", f"{value:.2f}", unit]
        fields.append(str(battery) if rnd() < 0.9 else "")
        if rnd() < 0.01:
            fields[2] = "n/a"
        late = 700 if rnd() < 0.008 else 15 * rnd()
        rows.append((seconds + late, ",".join(fields)))
        seconds += 30 + 20 * rnd()
        battery -= rnd() < 0.05
rows.sort(key=lambda row: row[0])
with open("readings.csv", "w") as f:
    f.write("device,taken,value,unit,battery\n")
    f.writelines(line + "\n" for _, line in rows)
