#!/usr/bin/env python3
"""run.py BUILD [--cases N] [--gcc N] [--clang N] [--seed S] [--jobs N] -- random expressions against an oracle.

Case S..S+N-1: a program of 20 expressions over 24 rows. Weir runs it in memory with batches of 1, 7 and
4096 rows; the first --gcc cases also as native code by gcc and the first --clang by clang. Everything
that is written (values, bad records) must be the same bytes each time, and agree with the evaluator of
expr.py. What differs is made small: one expression, one row, the smallest parts that still differ.
"""
import argparse
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import program
from gen import COLUMNS, plain

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CODES = {i + 1: name for i, name in enumerate(re.findall(r'^ERR\((\w+)', open(ROOT + '/include/weir/errors.def').read(), re.M))}
# What a text cannot be read for has no one reason: 1.5 as an int, or more digits than fit.
ALIKE = {'OVERFLOW': 'CAST', 'TIME_RANGE': 'CAST'}


class Runner:
    def __init__(self, build):
        self.weir = os.path.join(os.path.abspath(build), 'weir')
        self.dir = tempfile.mkdtemp()
        self.env = {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'LC_ALL': 'C', 'TZ': 'UTC', 'TMPDIR': self.dir,
                    'ASAN_OPTIONS': 'detect_leaks=0'}

    def run(self, text, rows, batch, cc=None):
        """What a run leaves: {file: bytes}, or a text saying how it ended."""
        for f in os.listdir(self.dir):
            path = os.path.join(self.dir, f)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        open(self.dir + '/p.weir', 'w', encoding='utf-8').write(text)
        args = [self.weir, 'run', 'p.weir', '--quiet', '--batch', str(batch)] + (['--tier', 'native'] if cc else [])
        try:
            p = subprocess.run(args, input=rows.encode(), cwd=self.dir, env=dict(self.env, CC=cc) if cc else self.env,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        except subprocess.TimeoutExpired:
            return 'ran for 120 s'
        said = p.stdout.decode(errors='replace')
        if p.returncode:
            return 'exit %d: %s' % (p.returncode, said[:3000])
        if 'warning' in said and 'never null' not in said:
            return 'said: ' + said[:3000]
        return {f: open(os.path.join(self.dir, f), 'rb').read() for f in sorted(os.listdir(self.dir)) if f.endswith('.out')}

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)


def read_json(data):
    """Lines of JSON; numbers are ('n', text)."""
    number = lambda s: ('n', s)           # noqa: E731
    return [json.loads(line, parse_int=number, parse_float=number) for line in data.decode().split('\n') if line]


# ---- against the oracle ----

def bad_records(data, prog):
    """{stream: {row: (where or field, code)}}, and what is wrong with the records themselves. What fails
    inside a function has its place there: those are {row: [code]} of no stream."""
    out, loose, wrong = {s.name: {} for s in prog.streams}, {}, []
    for r in read_json(data):
        line, code, offset = int(r['at'].split(':')[1]), CODES[int(r['code'][1])], int(r['offset'][1])
        stream, field = prog.lines.get(line, ('?', '?'))
        if r['kind'] == 'evaluate' and line in prog.inside:
            loose.setdefault(offset, []).append(code)
        elif r['kind'] != 'evaluate' or stream == '?':
            wrong.append('bad record of %s at %s' % (r['kind'], r['at']))
        elif offset in out[stream]:
            wrong.append('row %d fails twice in %s' % (offset, stream))
        else:
            out[stream][offset] = (field, code)
    return out, loose, wrong


def same_failure(want, got):
    if not want or not got:
        return want == got
    code = lambda x: ALIKE.get(x, x)      # noqa: E731
    return got[0] == want[0] and (want[1] == got[1] or code(want[1]) == code(got[1]) == 'CAST')


def against_oracle(prog, files):
    """[(stream, field or None, row id, message)]"""
    try:
        for data in files.values():
            read_json(data)
    except ValueError as e:
        return [(None, None, None, 'the output is no JSON: %s' % e)]
    failed, loose, wrong = bad_records(files['errs.out'], prog)
    out = [(None, None, None, w) for w in wrong]
    for s in prog.streams:
        if not s.known:
            continue
        want, bad = prog.expected(s)
        for k in sorted(set(bad) | set(failed[s.name])):
            if k in bad and k not in failed[s.name] and bad[k][1] in loose.get(k, []):
                loose[k].remove(bad[k][1])
                failed[s.name][k] = bad[k]
            if not same_failure(bad.get(k), failed[s.name].get(k)):
                places = [x[k][0] for x in (bad, failed[s.name]) if k in x]
                field = min(places, key=lambda f: -1 if f == 'where' else int(f[1:]))
                out.append((s, field, k, 'failure is %s, expected %s' % (failed[s.name].get(k), bad.get(k))))
        got = {r['id'][1]: r for r in read_json(files[s.name + '.out'])}
        expected = {r['id'][1]: r for r in want}
        for k in expected:
            if k in got:
                out += [(s, f, int(k), 'value is %r, expected %r' % (got[k].get(f), expected[k][f]))
                        for f in expected[k] if got[k].get(f) != expected[k][f]]
            elif int(k) not in failed[s.name]:
                out.append((s, 'where', int(k), 'the row is missing'))
        out += [(s, 'where', int(k), 'a row that should not be there') for k in got if k not in expected and int(k) not in bad]
    return out


# ---- making it small ----

def single(prog, e, row):
    """A program of one expression and one row."""
    p = program.Program.__new__(program.Program)
    p.g, p.rows = prog.g, [dict(row, id=0)]
    p.streams = [program.Stream('s0', None, [('f0', e)], None, True)]
    return p


def differs(runner, p, modes):
    """Why this program is wrong, or None."""
    text = p.text()
    first = None
    for batch, cc in modes:
        files = runner.run(text, p.input(), batch, cc)
        if isinstance(files, str):
            return files if first is None or not isinstance(first, str) else None
        if first is not None and files != first:
            return '%s gives other bytes' % (cc or 'batch %d' % batch)
        first = files
    try:
        found = against_oracle(p, first)
    except program.Unknown:
        return None
    return found[0][3] if found else None


def smaller(e):
    """Copies of e with one node replaced by an operand of its type, a column or a plain literal."""
    def walk(n, rebuild):
        if not n.kids:
            return
        for k in n.kids:
            if k.t == n.t:
                yield rebuild(k.copy())
        if n.t in COLUMNS.values() and len(n.kids) > 1:
            yield rebuild(plain(n.t))
        for i, k in enumerate(n.kids):
            def again(x, i=i):
                kids = [q.copy() for q in n.kids]
                kids[i] = x
                return rebuild(n.copy(kids))
            yield from walk(k, again)
    yield from walk(e, lambda x: x)


def kind_of(why):
    return why if why.startswith('failure') else why[:9]


def shrink(runner, prog, e, row, modes):
    why = differs(runner, single(prog, e, row), modes)
    if not why:
        return None
    kind = kind_of(why)
    budget = 400
    again = True
    while again and budget > 0:
        again = False
        for x in smaller(e):
            budget -= 1
            if budget <= 0:
                break
            w = differs(runner, single(prog, x, row), modes)
            if w and kind_of(w) == kind:
                e, why, again = x, w, True
                break
    return 'smallest: %s\n  %s\n  columns: %s' % (e.text(), why, {c: row[c] for c in sorted(set(columns_of(e)))})


def columns_of(e):
    return ([e.column] if e.column else []) + [c for k in e.kids for c in columns_of(k)]


# ---- a case ----

def report(runner, prog, modes, found):
    lines = []
    for s, field, k, message in found[:3]:
        lines.append('%s%s row %s: %s' % (s.name if s else '?', '.' + field if field else '', k, message))
        e = s and (s.where if field == 'where' else dict(s.fields).get(field))
        if e is not None and k is not None:
            lines.append(shrink(runner, prog, e, next(r for r in prog.rows if r['id'] == k), modes) or 'not alone: ' + e.text())
    return lines


def shrink_refusal(runner, prog, modes, why):
    """A program that does not run at all: which expression, and the smallest of it."""
    lines = [why]
    for s in prog.streams:
        for name, e in s.fields + ([('where', s.where)] if s.where else []):
            small = shrink(runner, prog, e, prog.rows[0], modes)
            if small:
                lines.append('%s.%s: %s' % (s.name, name, small))
                return lines
    return lines


def case(args):
    build, seed, gcc, clang, lib = args
    runner = Runner(build)
    try:
        prog = program.Program(seed, lib())
        text, rows = prog.text(), prog.input()
        modes = [(4096, None), (7, None), (1, None)] + [(4096, 'gcc')] * gcc + [(4096, 'clang')] * clang
        first = None
        for batch, cc in modes:
            files = runner.run(text, rows, batch, cc)
            if isinstance(files, str):
                return seed, shrink_refusal(runner, prog, [(batch, cc)], '%s: %s' % (cc or 'jit, batch %d' % batch, files))
            if first is None:
                first = files
            for f in first:
                if files[f] != first[f]:
                    a, b = first[f].decode().split('\n'), files[f].decode().split('\n')
                    k = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), 0)
                    return seed, ['%s: %s differs in line %d:\n  %s\n  %s' % (cc or 'batch %d' % batch, f, k + 1, a[k][:600], b[k][:600])]
        found = against_oracle(prog, first)
        return seed, report(runner, prog, [(4096, None)], found) if found else []
    finally:
        runner.close()


def the_library():
    return program.library(ROOT + '/include/weir/builtins.def')


def main():
    p = argparse.ArgumentParser()
    p.add_argument('build')
    p.add_argument('--cases', type=int, default=300)
    p.add_argument('--gcc', type=int, default=12)
    p.add_argument('--clang', type=int, default=6)
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--jobs', type=int, default=2)
    p.add_argument('--show', action='store_true', help='print the program of --seed and end')
    a = p.parse_args()
    if a.show:
        prog = program.Program(a.seed, the_library())
        print(prog.text(), prog.input(), sep='\n')
        return 0
    todo = [(a.build, a.seed + i, i < a.gcc, i < a.clang, the_library) for i in range(a.cases)]
    bad = 0
    with multiprocessing.Pool(a.jobs) as pool:
        for seed, lines in pool.imap_unordered(case, todo):
            if lines:
                bad += 1
                print('FAIL random expressions, seed %d (run.py BUILD --seed %d --cases 1)' % (seed, seed))
                print('\n'.join('  ' + x for l in lines for x in l.split('\n')), flush=True)
    if not bad:
        print('ok random expressions: %d programs of 20 expressions, %d by gcc, %d by clang' % (a.cases, min(a.gcc, a.cases), min(a.clang, a.cases)))
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
