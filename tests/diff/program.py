"""program.py -- a whole random program: its text, its rows as JSON lines, and what must come out.

Streams hold a filter (or none) and fields; each filter and field stands on a line of its own, so the
place of a bad record tells which expression failed. The last streams hold calls of the library: what
they give is not predicted.
"""
import re

from expr import *  # noqa: F403
import gen
from gen import COLUMNS, Gen, column, literal, literal_text, quoted

ROWS = 24


class Stream:
    def __init__(self, name, where, fields, drop, known):
        self.name, self.where, self.fields, self.drop, self.known = name, where, fields, drop, known


# ---- functions of the program ----

def local(name):
    return N(INT, [], lambda: name, POSTFIX, 0, lambda k, row: row[name])


def functions(g):
    a, b = local('a0'), local('a1')
    gt = g.binary(BOOL, '>', CMP, a, b, strict(lambda x, y: x > y))
    zero = g.binary(BOOL, '=', CMP, b, literal(0, INT), strict(lambda x, y: x == y))
    minus = g.binary(INT, '-', ADD, a, b, arith_run('-', INT, INT, INT))
    mod = g.binary(INT, '%', MUL, b, a, arith_run('%', INT, INT, INT))
    times = g.binary(INT, '*', MUL, a, a, arith_run('*', INT, INT, INT))

    def if_(c, x, y):
        def run(k, row):
            v = k[0].eval(row)
            return v if isinstance(v, Err) else k[1 if v else 2].eval(row)
        return N(INT, [c, x, y], lambda *s: 'if(%s, %s, %s)' % s, POSTFIX, 0, run)
    return [('pick', [INT, INT], if_(gt, minus, literal(7, INT))), ('rest', [INT, INT], if_(zero, literal(None, INT), mod)),
            ('square', [INT], times)]


# ---- the library, from the rows of builtins.def ----

ARGS = {'BOOL': BOOL, 'INT': INT, 'FLOAT': FLOAT, 'DEC': dec(2), 'STR': STR, 'TS': TS, 'DUR': DUR, 'LIST': LIST, 'MAP': MAP,
        'ELEM': INT, 'ANY': STR}
RESULTS = {'BOOL': BOOL, 'INT': INT, 'FLOAT': FLOAT, 'STR': STR, 'TS': TS, 'DUR': DUR, 'LIST': LIST, 'ELEM': INT, 'DEC': dec(2),
           'LISTSTR': STR}
LARGE = ('repeat', 'lpad', 'rpad', 'space')   # texts as long as a number says


def library(path):
    rows = {}
    text = open(path, encoding='utf-8').read()
    for name, rest in re.findall(r'^FN[0-4]\((\w+), *\w+, *([A-Z0-9_, |]*?FN_PURE[A-Z_ |]*)', text, re.M):
        words = [w.strip() for w in rest.split(',')]
        result, args, traits = words[0], words[1:-1], words[-1]
        if result not in RESULTS or any(a not in ARGS and a not in ('CSTR', 'REGEX') for a in args):
            continue
        kids, texts = [], 0
        for i, a in enumerate(args):
            last = i == len(args) - 1
            if a == 'CSTR':
                zone = 'FN_ZONE' in traits and last
                kids.append(literal('Europe/Berlin' if zone else 'day' if 'FN_UNIT' in traits else '%Y-%m-%d %H:%M:%S.%f', STR))
            elif a == 'REGEX':
                kids.append(N(STR, [], lambda: '/([a-z])b?/', POSTFIX, 0, lambda k, row: None, literal=True))
            elif 'FN_SCALE_ARG' in traits and last:
                kids.append(literal(2, INT))
            elif a == 'INT' and name in LARGE:
                kids.append(literal(5, INT))
            else:
                kids.append(ARGS[a])
        form = '%s(%s)' % (name, ', '.join(['%s'] * len(args)))
        if result == 'LISTSTR':
            form = 'join(%s, ",")' % form
        rows.setdefault(RESULTS[result], []).append((name, kids, form))
    return rows


# ---- programs ----

class Program:
    def __init__(self, seed, lib):
        g = self.g = Gen(seed, {})
        r = g.r
        g.params = [N(t, [], lambda n=n: n, POSTFIX, 0, lambda k, row, v=v: v) for n, t, v in
                    (('p_int', INT, 1000), ('p_float', FLOAT, -0.25), ('p_dec', dec(2), 1250), ('p_text', STR, 'é"b\\'))]
        g.fns = functions(g)
        self.rows = g.rows(ROWS)
        self.streams = []
        for k in range(4):
            known = k < 3
            g.library = {} if known else lib
            where = g.gen(BOOL, r.randint(1, 3)) if known and r.random() < 0.4 else None
            fields = [('f%d' % i, g.gen(g.any_type(), r.randint(1, 5 if known else 3))) for i in range(5)]
            self.streams.append(Stream('s%d' % k, where, fields, 'f2' if r.random() < 0.2 else None, known))

    def text(self):
        """The program; notes in self.lines which expression stands on which line."""
        members = ', '.join('`%s`' % m if not m.isalpha() or not m.isascii() else m for m in MEMBERS)
        out = ['type Color = enum { %s }' % members,
               'type Row { id int, %s }' % ', '.join('%s %s%s' % (c, type_text(t), '?' * (c[0] == 'n')) for c, t in COLUMNS.items())]
        out += ['param p_int: int = 1000', 'param p_float: float = -0.25', 'param p_dec: decimal(2) = 12.50', 'param p_text: string = %s' % quoted('é"b\\')]
        self.inside = set()
        for name, params, body in self.g.fns:
            self.inside.add(len(out) + 1)
            out.append('fn %s(%s): int? = %s' % (name, ', '.join('a%d int' % i for i in range(len(params))), body.text()))
        out.append('source rows: Row { from file("-") format json bad fail }')
        self.lines = {}
        for s in self.streams:
            out.append('stream %s = rows' % s.name)
            if s.where:
                out.append('  | where ' + s.where.text())
                self.lines[len(out)] = (s.name, 'where')
            out.append('  | select { id')
            for name, e in s.fields:
                out.append('    , %s: %s' % (name, e.text()))
                self.lines[len(out)] = (s.name, name)
            out.append('  }' + (' | drop ' + s.drop if s.drop else ''))
            out.append('sink %s { to file("%s.out") format json }' % (s.name, s.name))
        out += ['errors to errs', 'sink errs { to file("errs.out") format json }']
        return '\n'.join(out) + '\n'

    def input(self):
        return ''.join('{"id": %d, %s}\n' % (row['id'], ', '.join('"%s": %s' % (c, json_value(row[c], t)) for c, t in COLUMNS.items()))
                       for row in self.rows)

    def expected(self, s):
        """Rows that come out (id, {field: value}) and those that fail: {id: (where or field, code)}."""
        out, failed = [], {}
        for row in self.rows:
            if s.where:
                v = s.where.eval(row)
                if isinstance(v, Err):
                    failed[row['id']] = ('where', v.code)
                if v is not True:
                    continue
            got = {}
            for name, e in s.fields:
                v = e.eval(row)
                if isinstance(v, Err):
                    failed[row['id']] = (name, v.code)
                    break
                got[name] = tagged(v, e.t)
            else:
                got.pop(s.drop, None)
                out.append(dict(got, id=('n', str(row['id']))))
        return out, failed


def json_value(v, t):
    if v is None:
        return 'null'
    if t in (STR, ENUM):
        return json_text(v)
    if t in (TS, DUR):
        return json_text(value_text(v, t))
    return value_text(v, t)


def tagged(v, t):
    """A value as reading its JSON gives it, with numbers as they are written."""
    if v is None or t in (STR, ENUM, BOOL):
        return v
    if t in (TS, DUR):
        return value_text(v, t)
    if t == LIST:
        return [('n', str(x)) for x in v]
    if t == MAP:
        return {k: ('n', float_text(x)) for k, x in v.items()}
    return ('n', value_text(v, t))
