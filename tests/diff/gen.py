"""gen.py -- random well-typed programs: types, rows with extreme values, expressions, their text.

Everything comes from one random.Random, so a seed is a program. program(seed) gives a Program whose
streams hold (name, expression) fields; text() writes it, one field a line.
"""
import json
import random
import struct

from expr import *  # noqa: F403 - one vocabulary
import expr as X

COLUMNS = {}
for _base, _t in (('i', INT), ('j', INT), ('f', FLOAT), ('g', FLOAT), ('d', dec(2)), ('w', dec(4)), ('s', STR), ('b', BOOL),
                  ('t', TS), ('u', DUR), ('e', ENUM), ('l', LIST), ('m', MAP)):
    COLUMNS[_base] = _t
    COLUMNS['n' + _base] = _t             # the same, nullable

INTS = [0, 1, -1, 2, 3, 7, 10, -10, 100, 4096, 2**31, 2**53, 2**53 + 1, 10**18, I64_MAX, I64_MAX - 1, I64_MIN, I64_MIN + 1, 3037000500]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, 3.5, -2.5, 0.1, 1e-5, 123456.789, 1e15, 1e16, 1e22, 9007199254740993.0, 9.3e18, -9.3e18,
          1e308, -1e308, 1.7976931348623157e308, 5e-324, -5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1e-310, 0.1 + 0.2]
DECS = [0, 1, -1, 5, 15, 25, 50, 100, 250, 12345, -12345, 10**17, 10**18, I64_MAX, I64_MIN, -10**16, 99999999]
STRINGS = ['', 'a', 'b', 'ab', 'abc', 'A', ' a ', 'true', 'false', '0', '12', '-7', '5.0', '1e3', '1.25', '-0.005', '1e400', '12x', 'red',
           'blue', '9223372036854775808', '2026-01-31T10:00:00Z', '2026-02-30', '2026-01-31', '1h30m', '-5s', '10', 'é', '日本語', '😀',
           'a%b_c', 'back\\slash', 'quo"te', 'tab\tnl\n', '??/', '/* */', '%s%n', '\x7f', '\u2028', 'x' * 300, 'é' * 100]
TIMES = [0, 1, -1, TS_LOW, TS_HIGH, 1769853600000000, 1769853600123456, -86400000001, 951782400000000, 4102444800000000]
DURS = [0, 1, -1, 1000, 10**6, 90 * 10**6, 3600 * 10**6, 86400 * 10**6, -5 * 10**6, I64_MAX, I64_MIN, 10**15]
LISTS = [[], [0], [1, 2, 3], [I64_MIN, I64_MAX], [7, 7, 7], list(range(40)), [-1]]
MAPS = [{}, {'a': 1.5}, {'a': 0.0, 'b': 1e308}, {'': 5e-324, 'é': -2.5}, {'a': 1.0, 'b': 2.0, 'c': 3.0}]
KEYS = ['a', 'b', '', 'é', 'zz']
PATTERNS = [(r'^a', r'\Aa'), (r'b$', r'b\Z'), (r'[0-9]+', r'[0-9]+'), (r'^[A-Z]{1,2}$', r'\A[A-Z]{1,2}\Z'), (r'a|é', r'a|é'),
            (r'^.$', r'\A.\Z'), (r'\\', r'\\'), (r'"', r'"'), (r'^(ab?)+c?$', r'\A(ab?)+c?\Z'), (r'\?\?\/', r'\?\?/'), (r'x{5}', r'x{5}')]


# ---- literals ----

def quoted(s):
    out = '"'
    for c in s:
        known = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r'}.get(c)
        out += known or ('\\u{%x}' % ord(c) if ord(c) < 32 or ord(c) in (0x7f, 0x2028) else c)
    return out + '"'


def literal_text(v, t):
    if v is None:
        return 'null'
    if t == FLOAT:
        s = repr(v)
        return s if 'e' in s else s + 'e0'
    if t == TS:
        return '@' + ts_text(v)
    if t == BOOL:
        return 'true' if v else 'false'
    if t in (STR, ENUM):
        return quoted(v)
    return value_text(v, t)


def literal(v, t):
    s = literal_text(v, t)
    if t == LIST and v is not None:
        return N(t, [literal(x, INT) for x in v], lambda *a: '[' + ', '.join(a) + ']', POSTFIX, 0, strict(lambda *a: list(a)))
    if t == FLOAT and v == 0:
        v, s = 0.0, '0e0'
    return N(t, [], lambda: s, UNARY if s.startswith('-') else POSTFIX, 0, lambda k, row: v, literal=True)


def column(name):
    return N(COLUMNS[name], [], lambda: name, POSTFIX, 0, lambda k, row: row[name], column=name)


def plain(t):
    """The column of a type that is never null."""
    return column(next(c for c, ct in COLUMNS.items() if ct == t))


class Gen:
    def __init__(self, seed, library):
        self.r = random.Random(seed)
        self.library = library            # rows of builtins.def that may be called; empty: none
        self.params, self.fns = [], []

    def value(self, t):
        r = self.r
        kind = t[0]
        if kind == 'int':
            return r.choice([r.choice(INTS), r.randint(-20, 20), r.randint(I64_MIN, I64_MAX)])
        if kind == 'float':
            bits = struct.unpack('<d', struct.pack('<Q', r.getrandbits(64)))[0]
            return r.choice([r.choice(FLOATS), round(r.uniform(-1000, 1000), 2), bits if abs(bits) < 1e308 else 1.5])
        if kind == 'decimal':
            return r.choice([r.choice(DECS), r.randint(-10**6, 10**6)])
        if kind == 'string':
            return r.choice(STRINGS)
        if kind == 'bool':
            return r.random() < 0.5
        if kind == 'timestamp':
            return r.choice([r.choice(TIMES), r.randint(TS_LOW, TS_HIGH)])
        if kind == 'duration':
            return r.choice([r.choice(DURS), r.randint(-10**12, 10**12)])
        if kind == 'Color':
            return r.choice(MEMBERS)
        return r.choice(LISTS if t == LIST else MAPS)

    def rows(self, n):
        out = []
        for k in range(n):
            row = {c: None if c[0] == 'n' and self.r.random() < 0.3 else self.value(t) for c, t in COLUMNS.items()}
            row['id'] = k
            out.append({c: 0.0 if v == 0 and isinstance(v, float) else
                        {a: 0.0 if b == 0 else b for a, b in v.items()} if isinstance(v, dict) else v for c, v in row.items()})
        return out

    # ---- leaves ----

    def lit(self, t):
        while True:
            v = self.value(t)
            if t == DUR and v < 0:
                v = -(v + 1)
            if t == TS and v % 10**6 == 0 and v == TS_LOW:
                continue
            if t[0] == 'decimal' and abs(v) >= 10**18:
                continue
            if t == FLOAT and v == 0:
                v = 0.0
            if t == LIST and not v:
                continue
            return literal(v, t)

    def leaf(self, t):
        names = [c for c, ct in COLUMNS.items() if ct == t]
        params = [p for p in self.params if p.t == t]
        if t[0] == 'decimal' and not names:
            return self.cast(t, 0)
        if t in (ENUM, MAP) or self.r.random() < 0.75:
            return column(self.r.choice(names))
        if params and self.r.random() < 0.3:
            return self.r.choice(params).copy()
        return self.lit(t)

    # ---- expressions ----

    def any_type(self):
        return self.r.choice([INT, INT, FLOAT, FLOAT, dec(2), dec(4), STR, BOOL, TS, DUR, ENUM, LIST, MAP])

    def gen(self, t, depth):
        r = self.r
        if depth <= 0 or r.random() < 0.06:
            n = self.leaf(t)
        else:
            options = self.options(t) + [self.case, self.if_, self.coalesce]
            if self.library and t in self.library and r.random() < 0.5:
                options = [self.call]
            n = r.choice(options)(t, depth - 1)
        n.parens = n.parens or r.random() < 0.08
        return n

    def options(self, t):
        kind = t[0]
        if kind == 'bool':
            return [self.logic] * 4 + [self.compare] * 4 + [self.not_, self.between, self.in_items, self.in_list, self.like,
                                       self.matches, self.is_null, self.is_distinct, self.cast]
        if kind in ('int', 'float', 'decimal'):
            return [self.arith] * 5 + [self.neg, self.cast] + [self.index] * (kind != 'decimal') + [self.fn] * (kind == 'int' and bool(self.fns))
        if kind == 'string':
            return [self.concat, self.cast, self.cast]
        if kind in ('timestamp', 'duration'):
            return [self.arith, self.arith, self.cast] + [self.neg] * (kind == 'duration')
        return [self.cast] if t == ENUM else [self.leaf_at] + [self.make_list] * (t == LIST)

    def leaf_at(self, t, depth):
        return self.leaf(t)

    def binary(self, t, op, prec, a, b, run):
        return N(t, [a, b], lambda x, y: '%s %s %s' % (x, op, y), prec, [prec, prec + 1] if prec >= ADD else [prec + 1, prec + 1], run)

    def logic(self, t, depth):
        op, two, prec = self.r.choice([('and', three_and, AND), ('or', three_or, OR)])
        a, b = self.gen(BOOL, depth), self.gen(BOOL, depth)
        return N(t, [a, b], lambda x, y: '%s %s %s' % (x, op, y), prec, [prec, prec + 1], lambda k, row: two(k[0].eval(row), k[1].eval(row)))

    def not_(self, t, depth):
        return N(t, [self.gen(BOOL, depth)], lambda x: 'not ' + x, NOT, NOT, lambda k, row: three_not(k[0].eval(row)))

    # Two comparable operands, and how to compare their values.
    def pair(self, depth, equality):
        r = self.r
        kinds = [INT, FLOAT, dec(2), STR, TS, DUR, BOOL if equality else STR]
        t = r.choice(kinds + [ENUM, LIST] * equality)
        a = self.gen(t, depth)
        if t == INT and r.random() < 0.3:
            b = self.gen(dec(2), depth)
        elif t == dec(2) and r.random() < 0.6:
            b = self.gen(r.choice([INT, dec(4)]), depth)
        elif t == FLOAT and r.random() < 0.3 and not a.literal:
            b = self.near_literal()
        elif t == ENUM and r.random() < 0.5:
            b = literal(r.choice(MEMBERS), ENUM)
        else:
            b = self.gen(t, depth)
        if r.random() < 0.2 and not b.literal:
            a, b = b, a
        return a, b, self.key(a.t), self.key(b.t)

    # A number written as an int or a decimal next to a float is a float.
    def near_literal(self):
        v, scale = self.r.choice([(1, 0), (0, 0), (150, 2), (10, 1), (9007199254740993, 0), (123456789012345678, 18), (1, 17)])
        x = float(fractions.Fraction(v, 10**scale))
        return N(FLOAT, [], lambda: dec_text(v, scale), POSTFIX, 0, lambda k, row: x, literal=True)

    @staticmethod
    def key(t):
        return (lambda v: fractions.Fraction(v, 10**t[1])) if t[0] == 'decimal' else (lambda v: v)

    COMPARE = {'=': lambda a, b: a == b, '==': lambda a, b: a == b, '!=': lambda a, b: a != b, '<>': lambda a, b: a != b,
               '<': lambda a, b: a < b, '<=': lambda a, b: a <= b, '>': lambda a, b: a > b, '>=': lambda a, b: a >= b}

    def compare(self, t, depth):
        op = self.r.choice(list(self.COMPARE))
        a, b, ka, kb = self.pair(depth, op in ('=', '==', '!=', '<>'))
        f = self.COMPARE[op]
        return self.binary(BOOL, op, CMP, a, b, strict(lambda x, y: f(ka(x), kb(y))))

    def negated(self, word, run):
        if self.r.random() < 0.3:
            return 'not ' + word, lambda k, row: three_not(run(k, row))
        return word, run

    def between(self, t, depth):
        a, lo, ka, klo = self.pair(depth, False)
        hi = self.gen(lo.t, depth) if not lo.literal else lo.copy()
        ge = lambda x, y: equal(x, y, lambda p, q: ka(p) >= klo(q))   # noqa: E731
        le = lambda x, y: equal(x, y, lambda p, q: ka(p) <= klo(q))   # noqa: E731

        def run(k, row):
            v = k[0].eval(row)
            return three_and(ge(v, k[1].eval(row)), le(v, k[2].eval(row)))
        word, run = self.negated('between', run)
        return N(BOOL, [a, lo, hi], lambda x, y, z: '%s %s %s and %s' % (x, word, y, z), CMP, ADD, run)

    def in_items(self, t, depth):
        a, b, ka, kb = self.pair(depth, True)
        items = [b] + [self.gen(b.t, depth - 1) if not b.literal else b.copy() for _ in range(self.r.randint(0, 3))]

        def run(k, row):
            v, out = k[0].eval(row), False
            for x in k[1:]:
                out = three_or(out, equal(v, x.eval(row), lambda p, q: ka(p) == kb(q)))
            return out
        word, run = self.negated('in', run)
        square = b.t != ENUM and not b.literal and self.r.random() < 0.3
        form = '%s %s [%s]' if square else '%s %s (%s)'
        return N(BOOL, [a] + items, lambda x, *i: form % (x, word, ', '.join(i)), CMP, [ADD] + [0] * len(items), run)

    def in_list(self, t, depth):
        name = self.r.choice(['l', 'nl'])
        word, run = self.negated('in', strict(lambda v, l: v in l))
        return N(BOOL, [self.gen(INT, depth), column(name)], lambda x, y: '%s %s %s' % (x, word, y), CMP, [ADD, POSTFIX], run)

    def like(self, t, depth):
        pattern = literal(self.r.choice(['a%', '%b', '%', '_', '', 'a\\%b\\_c', '%é%', '__', '%a%b%', '1%', 'back\\\\slash']), STR)
        if self.r.random() < 0.2:
            pattern = self.gen(STR, depth - 1)
        word, run = self.negated('like', strict(X.like))
        return N(BOOL, [self.gen(STR, depth), pattern], lambda x, y: '%s %s %s' % (x, word, y), CMP, ADD, run)

    def matches(self, t, depth):
        ours, theirs = self.r.choice(PATTERNS)
        compiled = re.compile(theirs)
        word, run = self.negated('matches', strict(lambda s: compiled.search(s) is not None))
        return N(BOOL, [self.gen(STR, depth)], lambda x: '%s %s /%s/' % (x, word, ours), CMP, ADD, run)

    def is_null(self, t, depth):
        a = self.gen(self.any_type(), depth)
        flip = self.r.random() < 0.5

        def run(k, row):
            v = k[0].eval(row)
            return v if isinstance(v, Err) else (v is None) != flip
        return N(BOOL, [a], lambda x: x + (' is not null' if flip else ' is null'), CMP, ADD, run)

    def is_distinct(self, t, depth):
        a, b, ka, kb = self.pair(depth, True)
        flip = self.r.random() < 0.5

        def run(k, row):
            x, y = k[0].eval(row), k[1].eval(row)
            for v in (x, y):
                if isinstance(v, Err):
                    return v
            return ((x is None) != (y is None) if x is None or y is None else ka(x) != kb(y)) != flip
        return N(BOOL, [a, b], lambda x, y: '%s is %sdistinct from %s' % (x, 'not ' if flip else '', y), CMP, ADD, run)

    # ---- arithmetic ----

    def neg(self, t, depth):
        run = strict(lambda v: fix(-v)) if t == FLOAT else strict(lambda v: fit(-v))
        a = self.gen(t, depth)
        return N(t, [a], lambda x: '-(%s)' % x if x.startswith('-') else '-' + x, UNARY, UNARY, run)

    def arith(self, t, depth):
        r = self.r
        if t == FLOAT:
            return self.float_arith(depth)
        op, ta, tb = {
            'int': lambda: (r.choice('+-*%'), INT, INT),
            'decimal': lambda: self.decimal_shapes(t),
            'timestamp': lambda: r.choice([('+', TS, DUR), ('+', DUR, TS), ('-', TS, DUR)]),
            'duration': lambda: r.choice([('-', TS, TS), ('+', DUR, DUR), ('-', DUR, DUR), ('*', DUR, INT), ('*', INT, DUR)]),
        }[t[0]]()
        a, b = self.gen(ta, depth), self.divisor(self.gen(tb, depth), op)
        return self.binary(t, op, MUL if op in '*%' else ADD, a, b, arith_run(op, a.t, b.t, t))

    # A zero written out as a divisor is refused by the compiler.
    def divisor(self, b, op):
        return plain(b.t) if op in '/%' and b.literal and b.eval({}) == 0 else b

    def decimal_shapes(self, t):
        scale = t[1]
        low = dec(self.r.randint(0, scale)) if scale else INT
        low = low if low[1] in (2, 4) else INT
        shapes = [('+', t, t), ('-', t, low), ('+', low, t), ('%', t, t), ('*', t, INT), ('*', INT, t)]
        if scale == 4:
            shapes.append(('*', dec(2), dec(2)))
        return self.r.choice(shapes)

    def float_arith(self, depth):
        r = self.r
        op = r.choice('+-*/%')
        if op == '/' and r.random() < 0.3:
            ta = tb = r.choice([INT, DUR])
        else:
            ta, tb = r.choice([(FLOAT, FLOAT), (FLOAT, FLOAT), (FLOAT, INT), (INT, FLOAT)])
        a, b = self.gen(ta, depth), self.gen(tb, depth)
        if ta == FLOAT and not a.literal and r.random() < 0.2:
            b = self.near_literal()
        b = self.divisor(b, op)
        ta, tb = a.t, b.t
        if FLOAT not in (ta, tb) and op != '/':
            a = column('f')
        f, ta = float_op(op), a.t
        return self.binary(FLOAT, op, MUL if op in '*/%' else ADD, a, b, strict(lambda x, y: f(to_float(x, ta), to_float(y, tb))))

    def concat(self, t, depth):
        return self.binary(STR, '||', ADD, self.gen(STR, depth), self.gen(STR, depth), strict(lambda a, b: a + b))

    def cast(self, t, depth):
        r = self.r
        sources = {'int': [FLOAT, dec(2), dec(4), BOOL, STR], 'float': [INT, dec(2), dec(4), BOOL, STR], 'bool': [INT, FLOAT, dec(2), STR],
                   'decimal': [INT, FLOAT, dec(2), dec(4), BOOL, STR], 'string': [INT, FLOAT, dec(2), dec(4), BOOL, TS, DUR, ENUM, LIST, MAP],
                   'timestamp': [STR], 'duration': [STR], 'Color': [STR]}[t[0]]
        a = self.gen(r.choice(sources), depth)
        ta = a.t
        run = strict(lambda v: cast_value(v, ta, t))
        if t in (DUR, ENUM) or r.random() < 0.3:
            return N(t, [a], lambda x: 'cast(%s as %s)' % (x, type_text(t)), POSTFIX, 0, run)
        extra = ', %d' % t[1] if t[0] == 'decimal' else ''
        return N(t, [a], lambda x: '%s(%s%s)' % (t[0], x, extra), POSTFIX, 0, run)

    # ---- choices ----

    def branches(self, t, depth, n):
        """Values of one type; nulls among them, floats may be written without a point."""
        out = [self.gen(t, depth) for _ in range(n)]
        if self.r.random() < 0.15:
            out[self.r.randrange(n)] = literal(None, t)
        if t == ENUM and self.r.random() < 0.3:
            out[self.r.randrange(n)] = literal(self.r.choice(MEMBERS), ENUM)
        if all(b.literal for b in out):
            out[0] = plain(t)
        return out

    def case(self, t, depth):
        n = self.r.randint(1, 3)
        other = self.r.random() < 0.8
        values = self.branches(t, depth, n + other)
        if self.r.random() < 0.4:
            return self.simple_case(t, depth, n, values)
        kids, parts = [], ['case']
        for i in range(n):
            kids += [self.gen(BOOL, depth), values[i]]
            parts += ['when %s then %s']
        kids += values[n:]
        form = ' '.join(parts + ['else %s'] * other + ['end'])

        def run(k, row):
            for i in range(0, 2 * n, 2):
                c = k[i].eval(row)
                if isinstance(c, Err):
                    return c
                if c:
                    return k[i + 1].eval(row)
            return k[2 * n].eval(row) if other else None
        return N(t, kids, lambda *a: form % a, POSTFIX, 0, run)

    def simple_case(self, t, depth, n, values):
        a, b, ka, kb = self.pair(depth, True)
        whens = [b] + [self.gen(b.t, depth - 1) if not b.literal else b.copy() for _ in range(n - 1)]
        other = len(values) > n
        kids = [a]
        for w, v in zip(whens, values):
            kids += [w, v]
        kids += values[n:]
        form = ' '.join(['case %s'] + ['when %s then %s'] * n + ['else %s'] * other + ['end'])

        def run(k, row):
            v = k[0].eval(row)
            for i in range(1, 2 * n, 2):
                c = equal(v, k[i].eval(row), lambda p, q: ka(p) == kb(q))
                if isinstance(c, Err):
                    return c
                if c:
                    return k[i + 1].eval(row)
            return k[2 * n + 1].eval(row) if other else None
        return N(t, kids, lambda *x: form % x, POSTFIX, 0, run)

    def if_(self, t, depth):
        a, b = self.branches(t, depth, 2)

        def run(k, row):
            c = k[0].eval(row)
            return c if isinstance(c, Err) else k[1 if c else 2].eval(row)
        return N(t, [self.gen(BOOL, depth), a, b], lambda *x: 'if(%s, %s, %s)' % x, POSTFIX, 0, run)

    def coalesce(self, t, depth):
        kids = self.branches(t, depth, self.r.randint(1, 3))

        def run(k, row):
            v = None
            for x in k:
                v = x.eval(row)
                if v is not None:
                    return v
            return v
        return N(t, kids, lambda *x: 'coalesce(%s)' % ', '.join(x), POSTFIX, 0, run)

    # ---- the rest ----

    def index(self, t, depth):
        where = INT if t == INT else STR
        a = column(self.r.choice(['l', 'nl'] if t == INT else ['m', 'nm']))
        if self.r.random() < 0.3:
            a = self.gen(LIST if t == INT else MAP, depth)
            a.parens = a.prec < POSTFIX or not a.column
        k = self.gen(where, depth) if self.r.random() < 0.4 else literal(self.r.choice([0, 1, 2, 5, 39] if t == INT else KEYS), where)
        at = (lambda l, i: l[i] if 0 <= i < len(l) else None) if t == INT else (lambda m, key: m.get(key))
        return N(t, [a, k], lambda x, y: '%s[%s]' % (x, y), POSTFIX, [POSTFIX, 0], strict(at))

    def make_list(self, t, depth):
        kids = [self.gen(INT, depth) for _ in range(self.r.randint(1, 3))]
        kids = [N(INT, [k], lambda x: 'coalesce(%s, 0)' % x, POSTFIX, 0,
                  lambda q, row: 0 if (v := q[0].eval(row)) is None else v) for k in kids]
        return N(t, kids, lambda *x: '[%s]' % ', '.join(x), POSTFIX, 0, strict(lambda *v: list(v)))

    def fn(self, t, depth):
        name, params, body = self.r.choice(self.fns)
        args = [self.gen(p, depth) for p in params]
        args = [N(a.t, [a], lambda x: 'coalesce(%s, 1)' % x, POSTFIX, 0,
                  lambda q, row: 1 if (v := q[0].eval(row)) is None else v) for a in args]

        def run(k, row):                  # by name: an argument that is not looked at cannot fail
            return body.eval({'a%d' % i: x.eval(row) for i, x in enumerate(k)})
        return N(t, args, lambda *x: '%s(%s)' % (name, ', '.join(x)), POSTFIX, 0, run)

    def call(self, t, depth):
        name, args, build = self.r.choice(self.library[t])
        kids = [self.gen(a, depth - 1) if not isinstance(a, N) else a.copy() for a in args]

        def run(k, row):
            raise Unknown()
        n = N(t, kids, lambda *x: build % x, POSTFIX, 0, run)
        return n
