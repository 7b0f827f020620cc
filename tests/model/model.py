"""model.py -- what a program must answer, straight from the rules and without any cleverness.

1. Every partition is read on its own: a row's watermark is the highest time of its partition so far, less
   `delay`. Filters judge every row; who needs rows in order (rules per event, states, sliding windows)
   refuses a row below its watermark; an aligned window refuses one when it ends at or below it.
2. Accepted rows of all partitions, and rows out of closed windows, in the order of their positions
   (time, source name, partition, offset): for each, all rules read, then all states update, then the
   rows that rules emitted are such rows themselves.
3. Windows over what came out of 2 close in the order (end, key).

A consumer whose expression fails has no effect for that row, and says so once.

Where the rules leave room, this is how they are read:
- A row that a filter in front of a consumer drops never reaches it, and is not late for it. A state's own `where`
  is part of the state; whether a row that it would pass over is late is left open.
- Several `when` are one condition, joined by `and`. A failure that decides nothing may be reported or not: in a
  `when` beside one that is not true, in what a suppressed firing would emit, in a rule in shadow.
- A firing is one for its limit, however many rows it emits; one that fails while emitting does not count.
- A row is in a rule's window even when its `when` or `emit` fails; not when an argument of an aggregate does.
- A rule that is judged at a window's end reads no state. Its rows, like a group's, have the time end - 1us.
- An emitted row is a row after its trigger: what reads states then sees the trigger's updates.
- A row of a sliding group has the position of its trigger and comes after it, as an emitted row does; rules on such a
  stream read only states on the same stream.
- A row below its watermark that lies in a session already closed starts a session of its own. With several
  partitions it would depend on the order of reading whether that session is closed: no such input is made.
"""
import fractions
import math

from program import Derived, Group, Rule, Source, State, Union, marks
from expr import Err, FLOAT, Fail, STR, fit, half_even

NEVER = -10**30


class Bad:
    """Failures of one consumer for one row: what must or may be reported."""
    def __init__(self):
        self.must, self.most, self.codes = 0, 0, set()


class Late:
    def __init__(self, row, watermark, must, may):
        self.row, self.watermark, self.must, self.may = row, watermark, must, may


class Env:
    def __init__(self, row, state=None, aggregate=None, window=None):
        self.row, self.state, self.aggregate, self.window = row, state, aggregate, window


# ---- aggregates ----

def argument(agg, env):
    """What a row gives an aggregate: (takes part, value), or an error."""
    if agg.where is not None:
        c = agg.where.eval(env)
        if isinstance(c, Err):
            return c
        if c is not True:
            return (False, None)
    v = agg.arg.eval(env) if agg.arg is not None else True
    if agg.by is not None:
        v = (v, agg.by.eval(env))         # columns that are never null
    return v if isinstance(v, Err) else (v is not None, v)


def arguments(aggs, row):
    """{aggregate: what the row gives it}, or the errors."""
    given = {a: argument(a, Env(row)) for a in aggs}
    errors = [v for v in given.values() if isinstance(v, Err)]
    return (None, errors) if errors else (given, [])


def aggregate(agg, rows):
    """rows: what each row gave, in the order of positions."""
    values = [v for takes, v in (r[agg] for r in rows) if takes]
    if agg.distinct:
        values = sorted(set(values))
    if agg.fn == 'count':
        return len(values)
    if agg.fn == 'sum':
        return total(values, agg.t)
    if not values:
        return None
    key = (lambda s: s.encode()) if agg.t == STR else None
    return {'first': lambda: values[0], 'last': lambda: values[-1], 'min': lambda: min(values, key=key), 'max': lambda: max(values, key=key),
            'any': lambda: any(values), 'every': lambda: all(values), 'avg': lambda: mean(values, agg.arg.t),
            'min_by': lambda: min(values, key=lambda v: v[1])[0], 'max_by': lambda: max(values, key=lambda v: v[1])[0]}[agg.fn]()


def total(values, t):
    """Exact, and rounded or found too large when it is read."""
    try:
        return math.fsum(values) + 0.0 if t == FLOAT else fit(sum(values))
    except Fail as e:
        return Err(e.code)


def mean(values, t):
    if t == FLOAT:
        return math.fsum(values) / len(values) + 0.0
    exact = fractions.Fraction(sum(values), len(values))
    return half_even(exact * 10**4) if t[0] == 'decimal' else float(exact)


def aggs_of(exprs):
    return list(dict.fromkeys(a for e in exprs for a in marks(e, 'agg')))


# ---- aligned windows ----

def windows_of(w, t):
    """Tumbling and hopping: the windows [start, end) with t in them."""
    start = t // w.every * w.every
    while start > t - w.size:
        yield start, start + w.size
        start -= w.every


class Aligned:
    """Windows that close: rows come as they are read, each with its watermark (NEVER: cannot be late)."""
    def __init__(self, window):
        self.window, self.open, self.done = window, {}, []      # (key, start, end): [(position, given)]

    def close(self, watermark):
        for w in [w for w in self.open if w[2] <= watermark]:
            self.done.append((w, self.open.pop(w)))

    def take(self, key, pos, given, watermark):
        """Whether any window took the row; and whether any refused it."""
        t = pos[0]
        if self.window.kind == 'session':
            return self.session(key, pos, given, watermark)
        took = refused = False
        for start, end in windows_of(self.window, t):
            if end <= watermark:
                refused = True
            else:
                took = True
                self.open.setdefault((key, start, end), []).append((pos, given))
        return took, refused

    def session(self, key, pos, given, watermark):
        gap = self.window.size
        start, end, rows = pos[0], pos[0] + gap, [(pos, given)]
        if end <= watermark:
            return False, True
        for w in [w for w in self.open if w[0] == key and w[1] < end and start < w[2]]:
            start, end = min(start, w[1]), max(end, w[2])
            rows += self.open.pop(w)
        self.open[(key, start, end)] = rows
        return True, False

    def all(self):
        """Everything closed, in the order (end, key); the rows of each in the order of positions."""
        self.close(-NEVER)
        order = sorted(self.done, key=lambda w: (w[0][2], key_bytes(w[0][0])))
        return [(w, [g for _, g in sorted(rows, key=lambda r: r[0])]) for w, rows in order]


def key_bytes(key):
    return tuple(v.encode() if isinstance(v, str) else v for v in key)


# ---- the model ----

class Model:
    def __init__(self, prog):
        self.p = prog
        self.names = prog.by_name
        self.rules, self.states = prog.of(Rule), prog.of(State)
        self.groups, self.derived = prog.of(Group), prog.of(Derived)
        self.sinks = {n: [] for n in prog.sinks()}
        self.bad = {}                     # (consumer, where from): Bad
        self.late = {s.name: [] for s in prog.of(Source)}
        self.cells = {s.name: {} for s in self.states}      # state: {key: (record, last write)}
        self.held = {}                    # sliding windows: {(consumer, key): [(time, given)]}
        self.passed = {}                  # limits: {(rule, key): [times]}
        self.fired, self.suppressed = {}, {}
        self.aligned = {c.name: Aligned(c.window) for c in self.rules + self.groups if c.window and not c.window.per_event}
        self.rows_of = {}                 # stream of emitted or grouped rows: its rows, for windows over it
        self.run()

    # -- failures --

    def fail(self, consumer, origin, errors, must=True):
        if not errors:
            return
        b = self.bad.setdefault((consumer.name, origin), Bad())
        b.must += must
        b.most += len(errors)
        b.codes |= {e.code for e in errors}

    # -- 1: reading --

    def first_hand(self, stream):
        """Whether a stream's rows are a source's rows."""
        d = self.names[stream]
        return isinstance(d, (Source, Union)) or isinstance(d, Derived) and self.first_hand(d.of)

    def consumers(self, stream):
        """(consumer, needs order) of a stream."""
        for c in self.rules + self.groups:
            if (c.on if isinstance(c, Rule) else c.of) == stream:
                yield c, not c.window or c.window.per_event
        for s in self.states:
            if any(on.stream == stream for on in s.ons):
                yield s, True

    def derive(self, stream, row, origin):
        """{stream: row} of a source's row in all that is derived from it by unions, filters and selects."""
        found = {stream: row}
        for u in self.p.of(Union):
            if stream in (u.of, u.other):
                found[u.name] = row
                self.sinks[u.name].append(row)
        for d in self.derived:
            if d.of not in found:
                continue
            env = Env(found[d.of])
            keep = d.where.eval(env) if d.where else True
            if isinstance(keep, Err):
                self.fail(d, origin, [keep])
            elif keep is True:
                made = {n: e.eval(env) for n, e in d.fields} if d.fields else found[d.of]
                errors = [v for v in made.values() if isinstance(v, Err)]
                self.fail(d, origin, errors)
                if not errors:
                    found[d.name] = made
                    self.sinks[d.name].append(made)
        return found

    def read(self):
        """All sources: what is accepted for ordered consumers, as (position, {stream: row}, origin)."""
        events = []
        for s in self.p.of(Source):
            for part, rows in enumerate(self.p.data[s.name]):
                highest = NEVER
                for offset, row in enumerate(rows):
                    if row is None:
                        continue
                    highest = max(highest, row['ts'])
                    pos, watermark = (row['ts'], s.name, part, offset), highest - s.delay
                    found = self.derive(s.name, row, pos[1:])
                    if s.partitions == 1:
                        for a in self.sessions_of(s.name):
                            a.close(watermark)
                    accepted = row['ts'] >= watermark
                    self.offer(s, row, pos, watermark, found, accepted)
                    if accepted:
                        events.append((pos, found, pos[1:]))
        return events

    def root(self, stream):
        d = self.names[stream]
        return d.of and self.root(d.of) if isinstance(d, Derived) else stream

    def sessions_of(self, source):
        for c in self.rules + self.groups:
            on = c.on if isinstance(c, Rule) else c.of
            if c.name in self.aligned and c.window.kind == 'session' and self.first_hand(on) and self.root(on) == source:
                yield self.aligned[c.name]

    def offer(self, source, row, pos, watermark, found, accepted):
        """Windows that close take the row as it is read; who refuses it is noted."""
        must, may = set(), set()
        for stream, made in found.items():
            for c, ordered in self.consumers(stream):
                if ordered and not accepted:
                    (may if self.may_skip(c, stream, made) else must).add(c.name)
                if not ordered and self.window_takes(c, made, pos, watermark)[1]:
                    must.add(c.name)
        if must or may:
            self.late[source.name].append(Late(row, watermark, must, may))

    def may_skip(self, c, stream, row):
        """A state whose `where` can be judged without it and is not true may not count as refusing the row."""
        return isinstance(c, State) and all(on.where is not None for on in c.ons if on.stream == stream)

    def window_takes(self, c, row, pos, watermark):
        given, errors = arguments(aggs_of(c.exprs()), row)
        key = tuple(row[k] for k in c.by)
        if errors:
            probe = Aligned(c.window)
            took, refused = probe.take(key, pos, {}, watermark)
            origin = pos[1:] if self.first_hand(c.on if isinstance(c, Rule) else c.of) else ('row', pos[0])
            self.fail(c, origin, errors, must=took and not refused)
            return took, refused
        return self.aligned[c.name].take(key, pos, given, watermark)

    # -- 2: in order --

    def run(self):
        events = self.read()
        for c in self.groups + self.rules:
            if c.name in self.aligned and self.first_hand(c.on if isinstance(c, Rule) else c.of):
                events += self.close_group(c) if isinstance(c, Group) else self.close_rule(c)
        for pos, found, origin in sorted(events, key=lambda e: e[0]):
            self.process(pos, found, origin)
        for c in self.rules + self.groups:        # windows over what came out of rules
            on = c.on if isinstance(c, Rule) else c.of
            if c.name in self.aligned and not self.first_hand(on):
                for pos, row in self.rows_of.get(on, []):
                    self.window_takes(c, row, pos, NEVER)
                (self.close_rule if isinstance(c, Rule) else self.close_group)(c)

    def process(self, pos, found, origin):
        """One row, in the forms that it has in several streams."""
        emitted = []
        for r in self.rules:
            if r.on in found and r.name not in self.aligned:
                emitted += self.judge(r, pos, found[r.on], origin)
        for g in self.groups:
            if g.of in found and g.window.per_event:
                emitted += self.group_row(g, pos, found[g.of], origin)
        self.update(pos, found, origin)
        for _, at, to, row in sorted(emitted, key=lambda e: e[1]):
            self.rows_of.setdefault(to, []).append((at, row))
            self.process(at, {to: row}, ('row', at[0]))

    def lookup(self, by, row, t):
        """How an expression reads the states of a row's key."""
        def state(name):
            s = self.names[name]
            record, last = self.cells[name].get(tuple(row[k] for k in by), (None, NEVER))
            if record is None or t - last > s.keep:
                return {n: init.eval(None) for n, _, _, init in s.fields}
            return record
        return state

    def update(self, pos, found, origin):
        """All states read the records as they were, then all are written."""
        writes = []
        for s in self.states:
            for on in s.ons:
                if on.stream not in found:
                    continue
                row = found[on.stream]
                env = Env(row, state=self.lookup(s.by, row, pos[0]))
                takes = on.where.eval(env) if on.where else True
                if isinstance(takes, Err):
                    self.fail(s, origin, [takes])
                elif takes is True:
                    record = dict(env.state(s.name))
                    made = {n: e.eval(env) for n, e in on.assigns}
                    errors = [v for v in made.values() if isinstance(v, Err)]
                    self.fail(s, origin, errors)
                    if not errors:
                        record.update(made)
                        writes.append((s.name, tuple(row[k] for k in s.by), record))
        for name, key, record in writes:
            self.cells[name][key] = (record, pos[0])

    def slide(self, c, pos, row, origin):
        """The rows in (t - d, t] up to and with this one; None when it cannot be evaluated."""
        given, errors = arguments(aggs_of(c.exprs()), row)
        self.fail(c, origin, errors)
        if errors:
            return None
        held = self.held.setdefault((c.name, tuple(row[k] for k in c.by)), [])
        held.append((pos[0], given))
        held[:] = [h for h in held if h[0] > pos[0] - c.window.size]
        return [g for _, g in held]

    def judge(self, r, pos, row, origin):
        env = Env(row, state=self.lookup(r.by, row, pos[0]))
        if r.window:
            held = self.slide(r, pos, row, origin)
            if held is None:
                return []
            env.aggregate = lambda a: aggregate(a, held)
            env.window = (pos[0] - r.window.size, pos[0])
        return self.fire(r, env, pos, row, origin)

    def fire(self, r, env, pos, row, origin):
        whens = [w.eval(env) for w in r.whens]
        errors = [w for w in whens if isinstance(w, Err)]
        if errors or any(w is not True for w in whens):
            self.fail(r, origin, errors, must=all(w is True for w in whens if not isinstance(w, Err)) and not r.shadow)
            return []
        made = [{n: e.eval(env) for n, e in m.fields} for m in r.emits]
        errors = [v for m in made for v in m.values() if isinstance(v, Err)]
        limited = self.limited(r, row, pos[0])
        self.fail(r, origin, errors, must=not limited and not r.shadow)
        if errors:
            return []
        count = self.suppressed if limited else self.fired
        count[r.name] = count.get(r.name, 0) + 1
        if limited:
            return []
        self.pass_limit(r, row, pos[0])
        if r.shadow:
            return []
        out = []
        for i, (m, v) in enumerate(zip(r.emits, made)):
            self.sinks[m.to].append(v)
            out.append((r.name, pos + (r.name, i), m.to, v))
        return out

    def limited(self, r, row, t):
        if not r.limit:
            return False
        n, per, every = r.limit
        times = self.passed.get((r.name, tuple(row[k] for k in per)), [])
        return len([x for x in times if x > t - every]) >= n

    def pass_limit(self, r, row, t):
        if r.limit:
            self.passed.setdefault((r.name, tuple(row[k] for k in r.limit[1])), []).append(t)

    def group_row(self, g, pos, row, origin):
        held = self.slide(g, pos, row, origin)
        if held is None:
            return []
        env = Env(row, aggregate=lambda a: aggregate(a, held), window=(pos[0] - g.window.size, pos[0]))
        made = self.result(g, env, origin)
        return [(g.name, pos + (g.name, 0), g.name, made)] if made is not None else []

    def result(self, g, env, origin):
        """The row of a group, or None: it fails, or the `where` behind it drops it."""
        made = {n: e.eval(env) for n, e in g.fields}
        errors = [v for v in made.values() if isinstance(v, Err)]
        self.fail(g, origin, errors)
        if errors:
            return None
        keep = g.having.eval(Env(made)) if g.having else True
        if isinstance(keep, Err):
            self.fail(g, origin, [keep])
        if keep is not True:
            return None
        self.sinks[g.name].append(made)
        return made

    # -- closing --

    def closing(self, c):
        for (key, start, end), rows in self.aligned[c.name].all():
            row = dict(zip(c.by, key))
            env = Env(row, aggregate=lambda a, rows=rows: aggregate(a, rows), window=(start, end))
            yield env, (end - 1, c.name, key_bytes(key)), row

    def close_group(self, g):
        found = []
        for env, pos, row in self.closing(g):
            made = self.result(g, env, ('row', pos[0]))
            if made is not None:
                found.append((pos, {g.name: made}, ('row', pos[0])))
                self.rows_of.setdefault(g.name, []).append((pos, made))
        return found

    def close_rule(self, r):
        found = []
        for env, pos, row in self.closing(r):
            for _, at, to, made in self.fire(r, env, pos, row, ('row', pos[0])):
                found.append((at, {to: made}, ('row', pos[0])))
                self.rows_of.setdefault(to, []).append((at, made))
        return found
