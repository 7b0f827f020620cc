#!/usr/bin/env python3
"""run.py BUILD [CASES [SEED]] [--native N] [--jobs N] [--seconds T] [--without a,b] [--check] [--show] [--keep DIR]

Each of CASES seeds from SEED is a random program with its input. Weir runs it in memory with batches of 1, 7 and 4096 rows
(which also makes partitions take turns differently), the first --native of them as native code too. Each
answer must be the model's; with one source of one partition all must be the same bytes. A case that differs is
made small and left in --keep (model-failures beside the build). --check only looks whether the programs are valid.
"""
import argparse
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import program                            # noqa: E402  (first: it makes tests/diff known)
import compare                            # noqa: E402
import generate                           # noqa: E402
from model import Model                   # noqa: E402

JIT = [(4096, None), (7, None), (1, None)]


class Runner:
    def __init__(self, build):
        self.weir = os.path.join(os.path.abspath(build), 'weir')
        self.dir = tempfile.mkdtemp()
        self.env = {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'LC_ALL': 'C', 'TZ': 'UTC', 'TMPDIR': self.dir,
                    'ASAN_OPTIONS': 'detect_leaks=0'}

    def clean(self):
        for f in os.listdir(self.dir):
            path = os.path.join(self.dir, f)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def weir_on(self, args, cc=None):
        """(exit code, what it said)"""
        try:
            p = subprocess.run([self.weir] + args, cwd=self.dir, env=dict(self.env, CC=cc) if cc else self.env,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        except subprocess.TimeoutExpired:
            return -1, 'ran for 120 s'
        return p.returncode, p.stdout.decode(errors='replace')

    def prepare(self, prog):
        self.clean()
        write_case(self.dir, prog)

    def run(self, batch, cc):
        """What a run leaves: {file: bytes}, or a text saying how it ended."""
        for f in os.listdir(self.dir):
            if f.endswith('.out'):
                os.unlink(os.path.join(self.dir, f))
        code, said = self.weir_on(['run', 'p.weir', '--quiet', '--batch', str(batch)] + (['--tier', 'native'] if cc else []), cc)
        if code:
            return 'exit %d: %s' % (code, said[:3000])
        return {f: open(os.path.join(self.dir, f), 'rb').read() for f in sorted(os.listdir(self.dir)) if f.endswith('.out')}

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)


def write_case(folder, prog):
    open(folder + '/p.weir', 'w', encoding='utf-8').write(prog.text())
    for path, text in compare.input_files(prog).items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        open(os.path.join(folder, path), 'w', encoding='utf-8').write(text)


def one_order(prog):
    """Whether the order of all rows is promised, between keys too."""
    return len(prog.data) == 1 and all(len(parts) == 1 for parts in prog.data.values())


def differences(runner, prog, modes):
    """[messages] of the first way of running that differs; the first starts with the way."""
    runner.prepare(prog)
    first, m = None, Model(prog)
    for batch, cc in modes:
        files = runner.run(batch, cc)
        name = cc or 'batch %d' % batch
        if isinstance(files, str):
            return [name + ': ' + files]
        try:
            found = compare.compare(prog, files, m) if files != first else []
        except (ValueError, KeyError, IndexError, TypeError) as e:
            found = ['the output cannot be read: %r' % e]
        if found:
            return [name + ': ' + found[0]] + found[1:]
        f = other_bytes(first, files) if first is not None and one_order(prog) else None
        if f:
            return ['%s: %s has other bytes than with batch %d' % (name, f, modes[0][0])]
        first = first or files
    return []


def other_bytes(a, b):
    """A sink that differs. Failed rows come from many places of the program, which have no order between them."""
    same = lambda f: a[f] == b.get(f) if f != 'errs.out' else sorted(a[f].split(b'\n')) == sorted(b.get(f, b'').split(b'\n'))  # noqa: E731
    return next((f for f in a if not same(f)), None)


def kind_of(why):
    """What must stay the same while a case is made smaller: how the run ends, or which sink differs."""
    text = why[0].split(': ', 1)[1]
    return text[:40] if text.startswith('exit') else text.split(',')[0].split(':')[0]


def make_small(runner, prog, modes, why, keep, seed):
    def differs(p):
        try:
            found = differences(runner, p, modes)
        except (KeyError, AttributeError):
            return False                  # what is used was left out
        return bool(found) and kind_of(found) == kind_of(why)
    small = compare.shrink(prog, differs)
    folder = os.path.join(keep, 'seed-%d' % seed)
    for name, p in (('full', prog), ('small', small)):
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
        os.makedirs(os.path.join(folder, name))
        write_case(os.path.join(folder, name), p)
    lines = differences(runner, small, modes) or why
    shown = [small.text()] + ['%s:\n%s' % f for f in compare.input_files(small).items()]
    return why[:3] + ['smallest (%s):' % folder] + lines[:3] + shown


def case(args):
    build, seed, native, without, check, keep, minimise = args
    runner = Runner(build)
    try:
        prog = generate.generate(seed, without)
        if check:
            return seed, invalid(runner, prog)
        modes = JIT + [(4096, 'gcc')] * native
        why = differences(runner, prog, modes)
        if why and minimise:
            only = [m for m in modes if why[0].startswith((m[1] or 'batch %d' % m[0]) + ':')]
            modes = only if 'other bytes' not in why[0] else modes[:1] + only
            why = make_small(runner, prog, modes, why, keep, seed)
        return seed, why
    except Exception as e:                # a mistake of the model itself: which seed
        import traceback
        return seed, ['the model failed: %r' % e, traceback.format_exc()]
    finally:
        runner.close()


def invalid(runner, prog):
    """What the checker says other than that it does not run this yet."""
    runner.prepare(prog)
    _, said = runner.weir_on(['check', 'p.weir'])
    return [line for line in said.split('\n') if 'error[' in line and 'E0900' not in line and 'no option `partitions`' not in line]


def options():
    p = argparse.ArgumentParser()
    p.add_argument('build')
    p.add_argument('cases', type=int, nargs='?', default=1000)
    p.add_argument('seed', type=int, nargs='?', default=1)
    p.add_argument('--native', type=int, default=50)
    p.add_argument('--jobs', type=int, default=2)
    p.add_argument('--seconds', type=int, default=0, help='go on for so long, whatever CASES says')
    p.add_argument('--without', default='', help=', '.join(generate.FEATURES))
    p.add_argument('--check', action='store_true', help='only whether the programs are valid')
    p.add_argument('--show', action='store_true', help='print the case SEED and end')
    p.add_argument('--keep', default='')
    p.add_argument('--no-shrink', action='store_true')
    p.add_argument('--stop', type=int, default=5, help='end after so many failures')
    a = p.parse_args()
    a.without = [x for x in a.without.split(',') if x]
    unknown = set(a.without) - set(generate.FEATURES)
    if unknown:
        p.error('no such feature: %s' % ', '.join(sorted(unknown)))
    return a


def rounds(a):
    """Runs of seeds: all at once, or as many as the time allows."""
    if not a.seconds:
        yield range(a.seed, a.seed + a.cases)
    end, seed = time.time() + a.seconds, a.seed
    while time.time() < end:
        yield range(seed, seed + 50)
        seed += 50


def report(a, seed, lines):
    print('FAIL random rules and states, seed %d (tests/model/run.py BUILD 1 %d%s)' % (
        seed, seed, ' --without ' + ','.join(a.without) if a.without else ''))
    print('\n'.join('  ' + x for line in lines for x in line.split('\n')), flush=True)


def main():
    a = options()
    if a.show:
        prog = generate.generate(a.seed, a.without)
        print(prog.text(), *['%s:\n%s' % f for f in compare.input_files(prog).items()], sep='\n')
        return 0
    keep = a.keep or os.path.join(a.build, 'model-failures')
    done, bad = 0, 0
    with multiprocessing.Pool(a.jobs) as pool:
        for seeds in rounds(a):
            todo = [(a.build, s, s - a.seed < a.native, a.without, a.check, keep, not a.no_shrink) for s in seeds]
            for seed, lines in pool.imap_unordered(case, todo):
                done += 1
                bad += bool(lines)
                if lines:
                    report(a, seed, lines)
                if bad >= a.stop:
                    break
            if bad >= a.stop:
                print('  %d cases differ: the others are not tried' % bad)
                pool.terminate()
                break
    if not bad:
        print('ok random rules and states: %d programs%s' % (done, '' if a.check else ', %d native' % min(a.native, done)))
    print('%d passed, %d failed' % (done - bad, bad))
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
