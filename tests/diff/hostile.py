#!/usr/bin/env python3
"""hostile.py BUILD [--cases N] [--seed S] -- texts that would like to be C.

Each text stands in every place of a program that takes one: strings, names in backticks, a field's
external name, members, patterns, comments, parameters, defaults, file names. The generated C must pass
scan.py, compile without a word from libtcc, gcc and clang, and the values must come out byte for byte.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gen import quoted
from run import Runner
from scan import scan

TEXTS = [
    'plain', '"', '\\', '\\\\', '"; abort(); "', '??/', '??/"', '??=include "/etc/passwd"', '??(??)??<??>??!??-', '*/', '/*', '*/ int x; /*',
    '*\\\n/', '/\\\n*', '*//*', '/*/', '//', '// \\', '\\\n#include "x"', '\n#include "/etc/passwd"\n', '\n#line 1 "x"\n', '#', '# 1 "x"',
    '#define wr_i64 int', '%:include', '%s%n%d%%', '%', '%1$s', "'", "''", '\'"', '\t\r\n\b\f\v', '\x01\x02\x1f\x7f', '\x01', '\x01\n\x01', 'é', '日本語',
    '😀', '\u2028\u2029', '\ufeff', '\u202e evil \u202c', '\u00a0', '\udbff'.encode('utf-8', 'replace').decode(), '0', '\\0', '\\x41', '\\101', '\\u0041',
    '1"2', 'a\\', 'a\\\\', '__asm__("int3")', '");__asm__("int3");("', '${x}', '`id`'.replace('`', "'"), '$(id)', '; rm x', '-o x', '@file', ' ', '   ',
    'x' * 600, 'é' * 300, '"' * 300, '\\' * 300, '?' * 300, '*/' * 150, '/' * 250 + '*', '\x80'.encode('latin-1').decode('latin-1'), '??/\n', '\\\r\n',
    'int', 'wr_i64', 'main', '__LINE__', '__COUNTER__', 'NULL', 'ctx', 'WR_E_CHECK', '_', '__', '0a', 'if', 'f3_amount', '\\N{DOLLAR SIGN}', 'L"x"', 'u8', 'R"(x)"',
    '\r', '\r\n#error x\r\n', 'a\r*/', '\v', '\f#include "x"', '\u0085', '</script>', '{{x}}', '%%', 'a.b', 'a b', '<:', ':>', '%>', '\\?', '\a',
]


def backticks(s):
    return '`%s`' % re.sub('[`\n]', '_', s or '_')


def regex(s):
    return ''.join('\\' + c if c in '\\.+*?()|[]{}^$/-"' else '\\n' if c == '\n' else c for c in s)


def like(s):
    return ''.join('\\' + c if c in '\\%_' else c for c in s)


def file_name(s, end):
    s = re.sub('[/\0]', '_', s).encode()[:200].decode('utf-8', 'ignore')
    return '_' + s + end if s.startswith('-') or s in ('', '.', '..') else s + end


def random_text(r):
    pieces = TEXTS + [chr(r.choice([r.randint(1, 127), r.randint(128, 0xd7ff), r.randint(0xe000, 0x10ffff)])) for _ in range(40)]
    return ''.join(r.choice(pieces) for _ in range(r.randint(1, 6)))[:2000]


def program(s):
    name = lambda prefix: backticks(prefix + s)   # noqa: E731
    comment = re.sub('\n', ' ', s)
    path = file_name(s, '.out')
    text = '''# %(comment)s
type %(T)s { id int, %(a)s string from %(key)s, k enum { %(member)s, `no such text` }, d string = %(q)s, n string?, t timestamp }   # %(comment)s
param p: string = %(q)s
source %(src)s: %(T)s { from file("-") format json time t late drop check %(a)s != "nope" else fail bad fail }
stream %(st)s = %(src)s   # */ %(comment)s
  | where %(a)s = %(q)s or %(a)s != %(q)s
  | select { id, lit: %(q)s, %(a)s, par: p, eq: %(a)s = %(q)s, isin: %(a)s in ("x", %(q)s), lk: %(a)s like %(like)s,
      m: %(a)s matches /^%(re)s$/, c: case when k = %(qm)s then %(q)s end, l: [%(q)s, "x"], d, j: %(a)s || %(q)s || p, %(o)s: 1, k,
      co: coalesce(n, %(q)s), folded: %(q)s = %(q)s }
stream fails = %(src)s | select { id, f: cast(%(a)s || %(q)s as bool) }   # %(comment)s
stream %(gr)s = %(src)s | group by %(a)s over tumbling 1h { %(a)s, cc: count(), mm: max(%(q)s) }
sink %(st)s { to file(%(path)s) format json }
sink %(gr)s { to file("group.out") format json }
sink fails { to blackhole }
errors to %(er)s
sink %(er)s { to file("errs.out") format json }
'''
    members = backticks(s)
    return path, text % {
        'comment': comment, 'T': name('T'), 'a': name('a'), 'key': quoted(s), 'member': members, 'q': quoted(s), 'src': name('s '), 'st': name('t'),
        'like': quoted(like(s)), 're': regex(s), 'qm': quoted(members[1:-1]), 'o': name('o'), 'path': quoted(path), 'gr': name('g'), 'er': name('e')}


def expected(s):
    plain = backticks('a' + s)[1:-1]
    return {'id': 1, 'lit': s, plain: s, 'par': s, 'eq': True, 'isin': True, 'lk': True, 'm': True, 'c': s, 'l': [s, 'x'], 'd': s, 'j': s + s + s,
            backticks('o' + s)[1:-1]: 1, 'k': backticks(s)[1:-1], 'co': s, 'folded': True}


class Case:
    def __init__(self, runner, include):
        self.r, self.include, self.dir = runner, include, runner.dir

    def weir(self, args, stdin=b'', cc=None):
        p = subprocess.run([self.r.weir] + args, input=stdin, cwd=self.dir, env=dict(self.r.env, CC=cc) if cc else self.r.env,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return p.returncode, p.stdout, p.stderr.decode(errors='replace')

    def compile(self, cc, text, std):
        path = os.path.join(self.dir, 'unit.c')
        open(path, 'wb').write(text)
        words = ['-Wtrigraphs', '-Wcomment', '-Wformat', '-Wmultichar', '-Woverflow', '-Wunknown-pragmas']
        if cc == 'clang':
            words += ['-Wnull-character', '-Wunicode', '-Winvalid-source-encoding']
        p = subprocess.run([cc, '-std=' + std, '-fsyntax-only', '-w', *words, '-Werror', '-I', self.include, path], cwd=self.dir,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return p.stdout.decode(errors='replace')[:500] if p.returncode else None

    def run(self, s, natives):
        s = s + "x" if s in ("id", "k", "d", "n", "t") else s
        for f in os.listdir(self.dir):
            os.unlink(os.path.join(self.dir, f))
        name = file_name(s, '.weir')
        out, text = program(s)
        open(os.path.join(self.dir, name), 'wb').write(text.encode())
        for lines in ([], ['--no-line']):
            code, c, err = self.weir(['run', '-d', 'c', *lines, './' + name])
            if code:
                return 'refused: ' + err[:600]
            found = scan(c)
            if found:
                return 'the generated C: ' + '; '.join(found[:4])
        for cc in ('gcc', 'clang'):
            for std in ('gnu11', 'c11'):
                wrong = self.compile(cc, c, std) or None
                if wrong:
                    return '%s -std=%s: %s' % (cc, std, wrong)
        row = json.dumps({'id': 1, s: s, 'k': backticks(s)[1:-1], 't': '2026-01-01T00:00:00Z'}, ensure_ascii=False).encode() + b'\n' 
        for cc in (None, *natives):
            wrong = self.values(s, name, out, row, cc)
            if wrong:
                return '%s: %s' % (cc or 'jit', wrong)
        return None

    def values(self, s, name, out, row, cc):
        code, said, err = self.weir(['run', '--quiet', './' + name] + (['--tier', 'native'] if cc else []), row, cc)
        if code or 'internal error' in err or 'warning: ' in err.replace('warning: unused', ''):
            return 'exit %d: %s' % (code, err[:600])
        data = open(os.path.join(self.dir.encode(), out.encode()), 'rb').read()
        got = json.loads(data.decode())
        want = expected(s)
        if got != want:
            wrong = [k for k in want if got.get(k) != want[k]]
            return 'values differ: %s' % [(k, got.get(k), want[k]) for k in wrong][:3]
        errs = [json.loads(x) for x in open(os.path.join(self.dir, 'errs.out'), encoding='utf-8').read().split('\n') if x]
        if s + s not in ('true', 'false') and (len(errs) != 1 or not errs[0]['at'].startswith(name + ':10:')):
            return 'bad records: %r' % errs
        group = json.loads(open(os.path.join(self.dir, 'group.out'), encoding='utf-8').read())
        if group != {backticks('a' + s)[1:-1]: s, 'cc': 1, 'mm': s}:
            return 'group: %r' % group
        return None


REFUSED = [(b'stream x = "a\0b"\n', 'NUL'), (b'# \0\n', 'NUL'), (b'param p: string = "\xff"\n', 'UTF-8'), (b'param `a\xc3`: int = 1\n', 'UTF-8'),
           (b'# \xed\xa0\x80\n', 'UTF-8'), (b'param p: string = "\\u{0}"\n', 'escape'), (b'param p: string = "\\ud800"\n', 'escape')]


def refusals(case):
    bad = []
    for text, word in REFUSED:
        open(os.path.join(case.dir, 'x.weir'), 'wb').write(text)
        code, _, err = case.weir(['check', 'x.weir'])
        if code != 65 or word not in err:
            bad.append('%r: exit %d, %s' % (text, code, err[:200]))
    return bad


def main():
    p = argparse.ArgumentParser()
    p.add_argument('build')
    p.add_argument('--cases', type=int, default=40, help='random texts besides the %d of the list' % len(TEXTS))
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--native', type=int, default=12, help='every so many texts also as native code')
    a = p.parse_args()
    runner, r = Runner(a.build), random.Random(a.seed)
    case = Case(runner, os.path.join(os.path.dirname(os.path.abspath(a.build)), 'include'))
    if not os.path.isdir(case.include):
        case.include = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'include')
    bad = refusals(case)
    for k, s in enumerate(TEXTS + [random_text(r) for _ in range(a.cases)]):
        try:
            wrong = case.run(s, ('gcc', 'clang') if k % a.native == 0 else ())
        except (ValueError, OSError) as e:
            wrong = repr(e)
        if wrong:
            bad.append('%r: %s' % (s[:200], wrong))
    runner.close()
    for b in bad[:10]:
        print('FAIL hostile text ' + b[:600])
    if len(bad) > 10:
        print('FAIL and %d more hostile texts' % (len(bad) - 10))
    if not bad:
        print('ok hostile texts: %d' % (len(TEXTS) + a.cases))
    return bool(bad)


if __name__ == '__main__':
    sys.exit(main())
