#!/usr/bin/env python3
"""mutants.py [CASES] -- whether the random programs would notice a mistake.

Each mutant is the model with one rule wrong. What it answers is written as Weir would write it and compared
with the model, over random programs, until one differs. The unchanged model must never differ. A mutant
that no program notices is a hole in generate.py.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import program                            # noqa: E402  (first: it makes tests/diff known)
import model                              # noqa: E402
from model import Model                   # noqa: E402
from expr import Err, json_text, ts_text, value_text  # noqa: E402
from program import BOOL, STR, TS, Derived, Emitted, Group, Union, Source   # noqa: E402
import compare                            # noqa: E402
import generate                           # noqa: E402


# ---- as Weir writes it ----

def text(v, t):
    if v is None:
        return 'null'
    if t == BOOL:
        return 'true' if v else 'false'
    return json_text(value_text(v, t)) if t in (STR, TS) else value_text(v, t)


def write(prog, m):
    files = {}
    for name, rows in m.sinks.items():
        d = prog.by_name.get(name)
        if isinstance(d, (Derived, Union, Group, Emitted)):
            files[name + '.out'] = ''.join('{%s}\n' % ','.join('"%s":%s' % (n, text(r[n], t)) for n, t, _ in d.columns) for r in rows).encode()
    for s in prog.of(Source):
        files['late_%s.out' % s.name] = ''.join('{"id":%d,"meta":{"watermark":"%s","refused_by":[%s]}}\n' % (
            x.row['id'], ts_text(x.watermark), ','.join('"%s"' % c for c in sorted(x.must))) for x in m.late[s.name]).encode()
    files['errs.out'] = ''.join(bad_record(prog, *at, b) * b.must for at, b in m.bad.items()).encode()
    return files


def bad_record(prog, consumer, origin, b):
    line = next(n for n, name in prog.lines.items() if name == consumer)
    place = origin if origin[0] != 'row' else (consumer, 0, -1)
    time = 'null' if origin[0] != 'row' else '"%s"' % ts_text(origin[1])
    code = next(n for n, name in compare.CODES.items() if name in b.codes)
    return '{"kind":"evaluate","at":"p.weir:%d:1: e","code":%d,"source":"%s","partition":%d,"offset":%d,"time":%s}\n' % (
        line, code, place[0], place[1], place[2], time)


# ---- mistakes ----

MUTANTS = []


def mutant(cls):
    MUTANTS.append(cls)
    return cls


@mutant
class ExpiresAtKeep(Model):
    def lookup(self, by, row, t):
        return super().lookup(by, row, t + 1)


@mutant
class NeverExpires(Model):
    def lookup(self, by, row, t):
        return super().lookup(by, row, model.NEVER * 2)


@mutant
class KeepsFromTheFirstWrite(Model):
    def update(self, pos, found, origin):
        before = {n: dict(c) for n, c in self.cells.items()}
        super().update(pos, found, origin)
        for n, c in self.cells.items():
            keep = self.names[n].keep
            for k, (record, t) in c.items():
                old = before[n].get(k)
                if old and pos[0] - old[1] <= keep:
                    c[k] = (record, old[1])


@mutant
class StatesUpdateBeforeRulesRead(Model):
    def process(self, pos, found, origin):
        self.update(pos, found, origin)
        keep, self.update = self.update, lambda *a: None
        try:
            super().process(pos, found, origin)
        finally:
            self.update = keep


@mutant
class AssignsOneAfterTheOther(Model):
    def update(self, pos, found, origin):
        for s in self.states:
            for on in s.ons:
                row = found.get(on.stream)
                if row is None:
                    continue
                key = tuple(row[k] for k in s.by)
                env = model.Env(row, state=self.lookup(s.by, row, pos[0]))
                if on.where and on.where.eval(env) is not True:
                    continue
                record = dict(env.state(s.name))
                self.cells[s.name][key] = (record, pos[0])
                for n, e in on.assigns:
                    v = e.eval(env)
                    if not isinstance(v, Err):
                        record[n] = v


@mutant
class StatesSeeEachOthersUpdates(Model):
    def update(self, pos, found, origin):
        all_states = self.states
        for s in all_states:
            self.states = [s]
            super().update(pos, found, origin)
        self.states = all_states


@mutant
class AFalseWhereCountsAsAWrite(Model):
    def update(self, pos, found, origin):
        super().update(pos, found, origin)
        for s in self.states:
            for on in s.ons:
                if on.stream in found:
                    key = tuple(found[on.stream][k] for k in s.by)
                    if key in self.cells[s.name]:
                        record, t = self.cells[s.name][key]
                        if pos[0] - t <= s.keep:
                            self.cells[s.name][key] = (record, pos[0])


@mutant
class SlidingHoldsItsStart(Model):
    def slide(self, c, pos, row, origin):
        size, c.window.size = c.window.size, c.window.size + 1
        try:
            return super().slide(c, pos, row, origin)
        finally:
            c.window.size = size


@mutant
class SlidingLeavesTheRowOut(Model):
    def slide(self, c, pos, row, origin):
        held = super().slide(c, pos, row, origin)
        return held and held[:-1]


@mutant
class LimitHoldsItsStart(Model):
    def limited(self, r, row, t):
        return super().limited(r, row, t - 1)


@mutant
class LimitCountsTheSuppressed(Model):
    def limited(self, r, row, t):
        is_limited = super().limited(r, row, t)
        if is_limited:
            self.pass_limit(r, row, t)
        return is_limited


@mutant
class LimitByTheRulesKey(Model):
    def limited(self, r, row, t):
        if r.limit and r.by:
            r.limit = (r.limit[0], r.by, r.limit[2])
        return super().limited(r, row, t)

    def __init__(self, prog):
        old = [(r, r.limit) for r in prog.of(program.Rule)]
        super().__init__(prog)
        for r, limit in old:
            r.limit = limit


@mutant
class AFailedEmitCountsForTheLimit(Model):
    def fail(self, consumer, origin, errors, must=True):
        super().fail(consumer, origin, errors, must)
        if errors and must and isinstance(consumer, program.Rule) and consumer.limit and self.now:
            self.pass_limit(consumer, self.now[0], self.now[1])

    now = None

    def fire(self, r, env, pos, row, origin):
        self.now = (row, pos[0])
        out = super().fire(r, env, pos, row, origin)
        self.now = None
        return out


@mutant
class OneRuleFailsAllFail(Model):
    def judge(self, r, pos, row, origin):
        if any(origin == at and c != r.name and isinstance(self.names[c], program.Rule) for c, at in self.bad):
            return []
        return super().judge(r, pos, row, origin)


@mutant
class LateAtTheWatermark(Model):
    def offer(self, source, row, pos, watermark, found, accepted):
        super().offer(source, row, pos, watermark, found, accepted and row['ts'] > watermark)


@mutant
class WindowsCloseAfterTheirEnd(Model):
    def window_takes(self, c, row, pos, watermark):
        return super().window_takes(c, row, pos, watermark - 1)


@mutant
class TiesByPartitionTheOtherWay(Model):
    def read(self):
        return [((p[0], p[1], -p[2], p[3]), f, o) for p, f, o in super().read()]


@mutant
class TiesBySourceTheOtherWay(Model):
    def read(self):
        return [((p[0], {'s0': 's9', 's1': 's8'}[p[1]], p[2], p[3]), f, o) for p, f, o in super().read()]


@mutant
class TiesByOffsetTheOtherWay(Model):
    def read(self):
        return [((p[0], p[1], p[2], -p[3]), f, o) for p, f, o in super().read()]


@mutant
class ArrivalOrder(Model):
    """Rows of a partition as they are read, at the highest time so far."""
    def read(self):
        high, out = {}, []
        for p, f, o in super().read():
            high[p[1:3]] = max(high.get(p[1:3], 0), p[0])
            out.append(((high[p[1:3]],) + p[1:], f, o))
        return out


@mutant
class EmittedRowsComeBeforeStatesUpdate(Model):
    def process(self, pos, found, origin):
        todo, update = [], self.update
        self.update = lambda *a: todo.append(a)
        try:
            super().process(pos, found, origin)
        finally:
            self.update = update
        for a in todo:
            update(*a)


@mutant
class ShadowRulesSend(Model):
    def fire(self, r, env, pos, row, origin):
        was, r.shadow = r.shadow, False
        try:
            return super().fire(r, env, pos, row, origin)
        finally:
            r.shadow = was


@mutant
class DerivedRulesReadAfterTheUpdate(Model):
    def process(self, pos, found, origin):
        first = {s: r for s, r in found.items() if not isinstance(self.names[s], Derived)}
        rest = {s: r for s, r in found.items() if s not in first}
        if first:
            super().process(pos, first, origin)
        if rest:
            super().process(pos, rest, origin)


def noticed(cls, cases):
    """The first seed whose answer differs, or None."""
    for seed in range(cases):
        prog = generate.generate(seed)
        prog.text()
        try:
            m = cls(prog)
        except Exception:
            if cls is Model:
                raise
            return seed
        if compare.compare(prog, write(prog, m)):
            return seed
    return None


def main():
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    failed = 0
    seed = noticed(Model, cases)
    print('%s model: agrees with itself%s' % (('ok', '') if seed is None else ('FAIL', ', but for seed %d' % seed)))
    failed += seed is not None
    for cls in MUTANTS:
        seed = noticed(cls, cases)
        failed += seed is None
        print('%s model: mutant %s is noticed%s' % (('FAIL', cls.__name__, ' by none of %d programs' % cases) if seed is None else
                                                    ('ok', cls.__name__, ' by seed %d' % seed)))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
