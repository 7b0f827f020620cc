#!/usr/bin/env python3
"""tlp.py BUILD [--cases N] [--seed S] -- answers that must agree without knowing them.

For a random condition p over random rows, in one program and in rewritings of it:
  TLP    where p, where not p, where p is null and the rows on which p fails are all rows, each once;
         windows over the three parts add up to windows over their union
  NoREC  `where p` keeps the rows for which p, computed as a field, is true; both fail on the same rows
  fold   literals written as parameters, which are never folded, change nothing
  share  equal filters under one program (one operator) or each in its own: the same rows
"""
import argparse
import multiprocessing
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import program
from expr import *  # noqa: F403
from gen import Gen, literal_text
from run import Runner, read_json

FIELDS = '{ e, start: window.start, n: count(), c: count(ni), s: sum(i % 1000), lo: min(f), hi: max(f), w: min(s) }'
PARTS = {'true': '(%s)', 'false': 'not (%s)', 'null': '(%s) is null', 'all': '((%s) is null) or not ((%s) is null)'}


def head(functions, params):
    p = program.Program.__new__(program.Program)
    p.g, p.streams = Gen(0, {}), []
    p.g.fns = functions
    return p.text().split('errors to')[0].replace('bad fail', 'time t late fail bad fail') + '\n'.join(params) + '\n'


def condition_text(name, p):
    return PARTS[name].replace('%s', p)


def whole(base, p):
    """Every part in one program."""
    out = [base, 'errors to errs', 'sink errs { to file("errs.out") format json }']
    for name in PARTS:
        out += ['stream r_%s = rows | where %s | select { id }' % (name, condition_text(name, p)),
                'stream g_%s = rows | where %s | group by e over tumbling 1000d %s' % (name, condition_text(name, p), FIELDS),
                'sink r_%s { to file("r_%s.out") format json }' % (name, name), 'sink g_%s { to file("g_%s.out") format json }' % (name, name)]
    out += ['stream v = rows | select { id, p: %s }' % p, 'sink v { to file("v.out") format json }']
    return '\n'.join(out) + '\n'


def alone(base, p):
    """One filter, nothing beside it."""
    return '\n'.join([base, 'stream r = rows | where %s | select { id }' % condition_text('true', p), 'sink r { to file("r_true.out") format json }',
                      'errors to errs', 'sink errs { to file("errs.out") format json }']) + '\n'


def value_alone(base, p):
    return '\n'.join([base, 'stream v = rows | select { id, p: %s }' % p, 'sink v { to file("v.out") format json }',
                      'errors to errs', 'sink errs { to file("errs.out") format json }']) + '\n'


# ---- literals as parameters ----

def as_params(e, params, exact):
    """A copy of e in which each literal that `exact` noted is a parameter; declarations go to params."""
    n = e.copy([as_params(k, params, exact) for k in e.kids])
    if id(e) not in exact or e.t in (ENUM, LIST) or e.eval({}) is None:
        return n
    name = 'lit%d' % len(params)
    params.append('param %s: %s = %s' % (name, type_text(e.t), literal_text(e.eval({}), e.t)))
    n.write, n.prec = (lambda: name), POSTFIX
    return n


class NotingGen(Gen):
    """Notes which literals have just the type that their place wants: those may be parameters."""

    def __init__(self, seed):
        super().__init__(seed, {})
        self.exact = {}

    def lit(self, t):
        n = super().lit(t)
        self.exact[id(n)] = n
        return n


# ---- a case ----

def ids(files, name):
    return sorted(int(r['id'][1]) for r in read_json(files[name]))


def failing(files):
    return sorted({int(r['offset'][1]) for r in read_json(files['errs.out'])})


def number(v):
    return None if v is None else float(v[1]) if any(c in v[1] for c in '.e') else int(v[1])


def combine(parts):
    """Windows of the parts put together: {(e, start): [n, c, s, lo, hi, w]}"""
    out = {}
    for r in parts:
        key = (r['e'], r['start'])
        new = [number(r[k]) for k in ('n', 'c', 's', 'lo', 'hi')] + [r['w']]
        old = out.get(key)
        out[key] = new if not old else [old[0] + new[0], old[1] + new[1], old[2] + new[2], min(old[3], new[3]), max(old[4], new[4]),
                                        min(old[5], new[5])]
    return out


def check(files, n):
    parts = [ids(files, 'r_%s.out' % p) for p in ('true', 'false', 'null')]
    bad = failing(files)
    if sorted(parts[0] + parts[1] + parts[2] + bad) != list(range(n)):
        return 'TLP: true %s, false %s, null %s, failing %s' % (*parts, bad)
    if ids(files, 'r_all.out') != sorted(parts[0] + parts[1] + parts[2]):
        return 'TLP: p is null or not (p is null) keeps %s, not %s' % (ids(files, 'r_all.out'), sorted(sum(parts, [])))
    trues = sorted(int(r['id'][1]) for r in read_json(files['v.out']) if r['p'] is True)
    if trues != parts[0]:
        return 'NoREC: where keeps %s, the field is true for %s' % (parts[0], trues)
    together = combine(read_json(files['g_true.out']) + read_json(files['g_false.out']) + read_json(files['g_null.out']))
    if together != combine(read_json(files['g_all.out'])):
        return 'TLP: windows of the parts %s, of all %s' % (together, combine(read_json(files['g_all.out'])))
    return None


def case(args):
    build, seed = args
    runner = Runner(build)
    try:
        g = NotingGen(seed)
        g.fns = program.functions(g)
        e = g.gen(BOOL, g.r.randint(2, 5))
        rows = sorted(g.rows(40), key=lambda r: r['t'])
        for k, row in enumerate(rows):
            row['id'] = k
        p = program.Program.__new__(program.Program)
        p.rows = rows
        text, params = e.text(), []
        changed = as_params(e, params, g.exact).text()
        base, other = head(g.fns, []), head(g.fns, params)
        runs = {'whole': whole(base, text), 'alone': alone(base, text), 'value': value_alone(base, text),
                'params': whole(other, changed), 'params, value': value_alone(other, changed)}
        got = {}
        for name, prog in runs.items():
            got[name] = runner.run(prog, p.input(), random.Random(seed).choice([1, 7, 4096]))
            if isinstance(got[name], str):
                return seed, '%s: %s\n%s' % (name, got[name], text)
        wrong = check(got['whole'], len(rows))
        for name in runs:
            for f in ('r_true.out', 'v.out'):
                if not wrong and f in got[name] and got[name][f] != got['whole'][f]:
                    wrong = '%s: %s differs' % (name, f)
            if not wrong and failing(got[name]) != failing(got['whole']):
                wrong = '%s: rows %s fail, not %s' % (name, failing(got[name]), failing(got['whole']))
        return seed, wrong and '%s\n%s\n%s' % (wrong, text, changed)
    finally:
        runner.close()


def main():
    a = argparse.ArgumentParser()
    a.add_argument('build')
    a.add_argument('--cases', type=int, default=100)
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--jobs', type=int, default=2)
    a = a.parse_args()
    bad = 0
    with multiprocessing.Pool(a.jobs) as pool:
        for seed, wrong in pool.imap_unordered(case, [(a.build, a.seed + k) for k in range(a.cases)]):
            if wrong:
                bad += 1
                print('FAIL conditions, seed %d (tlp.py BUILD --seed %d --cases 1)\n  %s' % (seed, seed, wrong.replace('\n', '\n  ')), flush=True)
    if not bad:
        print('ok conditions by parts, as values, unfolded, unshared: %d' % a.cases)
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
