"""generate.py -- random programs and inputs for the model.

generate(seed, without) gives a program.Program. `without` names features to leave out (FEATURES), so that
a failure can be narrowed by hand and a part can be tried alone. What can fail at run time is written so
that no two consumers share the failing text: `div(x, y - 1) + 17`, each with a number of its own.
"""
import random

from expr import ADD, BOOL, CMP, FLOAT, INT, MUL, N, OR, AND, NOT, POSTFIX, STR, TS, Err, arith_run, dec_text, float_text, \
    json_text, strict, three_and, three_not, three_or, ts_text, value_text, trunc_div, fit, Fail, fix
from program import BASE, COLUMNS, D2, SECOND, Agg, Derived, Emit, Emitted, Group, On, Program, Rule, Source, State, Union, Window, \
    aggregate, column, let_ref, marks, leaf, state_field, window_bound

FEATURES = ['partitions', 'second_source', 'late', 'derived', 'states', 'second_state', 'state_where', 'state_of_state', 'state_two_streams',
            'sliding', 'tumbling', 'hopping', 'session', 'let', 'limit', 'limit_other', 'shadow', 'keyless', 'two_keys', 'group_sliding',
            'group_aligned', 'on_group', 'second', 'second_state_of_rows', 'second_reads_first', 'first_reads_second', 'second_windows',
            'derived_reads', 'errors', 'agg_errors', 'broken', 'plain_rule', 'several_emits', 'distinct', 'floats', 'two_groups', 'rules', 'union', 'named_windows',
            'other_source_reads', 'min_by', 'avg', 'large', 'bool_keys', 'odd_hopping', 'closes_feed', 'group_of_emitted']

KEYS = ['a', 'b', 'ann', 'a key longer than fifteen bytes', 'é']
CARDS = ['1', '2', 'x']
TEXTS = ['', 'x', 'yy', 'text longer than fifteen bytes', 'ü"q\\', 'x']
BIGS = [2**63 - 1, -2**63 + 1, 2**62, 5, 0, -3, 7, 1]


# ---- expressions ----

def literal(v, t):
    if v is None:
        text = 'null'
    elif t == STR:
        text = '"%s"' % v.replace('\\', '\\\\').replace('"', '\\"')
    elif t == BOOL:
        text = 'true' if v else 'false'
    elif t == FLOAT:
        text = float_text(v) + 'e0'
    elif t == TS:
        text = '@' + ts_text(v)
    elif t[0] == 'decimal':
        text = dec_text(v, t[1])
    else:
        text = str(v)
    n = leaf(text, t, v is None, lambda k, env: v)
    n.prec = POSTFIX if not text.startswith('-') else MUL + 1
    n.literal = True
    return n


def node(t, kids, write, prec, needs, run, nullable):
    n = N(t, kids, write, prec, needs, run)
    n.nullable = nullable
    return n


def binary(t, op, prec, a, b, run):
    needs = [prec, prec + 1] if prec >= ADD else [prec + 1, prec + 1]
    return node(t, [a, b], lambda x, y: '%s %s %s' % (x, op, y), prec, needs, run, a.nullable or b.nullable)


def arith(op, a, b):
    if a.t == FLOAT:
        f = {'+': lambda x, y: x + y, '-': lambda x, y: x - y, '*': lambda x, y: x * y}[op]
        return binary(FLOAT, op, MUL if op == '*' else ADD, a, b, strict(lambda x, y: fix(f(x, y))))
    return binary(a.t, op, MUL if op == '*' else ADD, a, b, arith_run(op, a.t, b.t, a.t))


def div(a, b):
    def quotient(x, y):
        if y == 0:
            raise Fail('DIV_ZERO')
        return fit(trunc_div(x, y))
    return node(INT, [a, b], lambda x, y: 'div(%s, %s)' % (x, y), POSTFIX, 0, strict(quotient), a.nullable or b.nullable)


COMPARE = {'=': lambda a, b: a == b, '!=': lambda a, b: a != b, '<': lambda a, b: a < b, '<=': lambda a, b: a <= b,
           '>': lambda a, b: a > b, '>=': lambda a, b: a >= b}


def compare(op, a, b):
    key = (lambda s: s.encode()) if a.t == STR else (lambda v: v)
    return binary(BOOL, op, CMP, a, b, strict(lambda x, y: COMPARE[op](key(x), key(y))))


def both(a, b):
    return binary(BOOL, 'and', AND, a, b, lambda k, env: three_and(k[0].eval(env), k[1].eval(env)))


def either(a, b):
    return binary(BOOL, 'or', OR, a, b, lambda k, env: three_or(k[0].eval(env), k[1].eval(env)))


def negate(a):
    return node(BOOL, [a], lambda x: 'not ' + x, NOT, NOT, lambda k, env: three_not(k[0].eval(env)), a.nullable)


def is_null(a, flip):
    def run(k, env):
        v = k[0].eval(env)
        return v if isinstance(v, Err) else (v is None) != flip
    return node(BOOL, [a], lambda x: x + (' is not null' if flip else ' is null'), CMP, ADD, run, False)


def coalesce(a, b):
    def run(k, env):
        v = k[0].eval(env)
        return k[1].eval(env) if v is None else v
    return node(a.t, [a, b], lambda x, y: 'coalesce(%s, %s)' % (x, y), POSTFIX, 0, run, b.nullable)


def choose(c, a, b):
    def run(k, env):
        v = k[0].eval(env)
        return v if isinstance(v, Err) else k[1 if v is True else 2].eval(env)
    return node(a.t, [c, a, b], lambda x, y, z: 'if(%s, %s, %s)' % (x, y, z), POSTFIX, 0, run, a.nullable or b.nullable)


def concat(a, b):
    return binary(STR, '||', ADD, a, b, strict(lambda x, y: x + y))


def as_string(a):
    return a if a.t == STR else node(STR, [a], lambda x: 'string(%s)' % x, POSTFIX, 0, strict(lambda v: value_text(v, a.t)), a.nullable)


class Expressions:
    """Expressions over what is in scope: leaves, by type."""
    def __init__(self, g, leaves):
        self.g, self.r, self.leaves = g, g.r, leaves

    def pick(self, t):
        """Any of the type, but not the column of huge numbers."""
        return self.r.choice([x for x in self.leaves if x.t == t and getattr(x, 'col', '') != 'big'] or [self.constant(t)])

    def constant(self, t):
        r = self.r
        return literal({'int': lambda: r.randint(-1, 6), 'decimal': lambda: r.randint(-100, 500), 'string': lambda: r.choice(TEXTS + CARDS),
                        'bool': lambda: r.random() < 0.7, 'float': lambda: r.randint(-8, 12) / 4,
                        'timestamp': lambda: BASE + r.randint(0, 60) * SECOND}[t[0]](), t)

    def make(self, t, depth=2):
        r = self.r
        if t == BOOL:
            return self.condition(depth)
        if depth <= 0 or r.random() < 0.45:
            return self.pick(t)
        how = r.random()
        if how < 0.2:
            return choose(self.condition(depth - 1), self.pick(t), self.make(t, depth - 1))
        if how < 0.35:
            a = self.pick(t)
            return coalesce(a, self.constant(t)) if a.nullable else a
        if t == STR:
            return concat(self.pick(t), self.constant(t))
        if t in (TS, BOOL):
            return self.pick(t)
        if t == FLOAT and how < 0.6:
            return arith('*', self.make(t, depth - 1), literal(r.choice([0.5, 0.25, 2.0]), FLOAT))
        return arith(r.choice('+-'), self.make(t, depth - 1), r.choice([self.pick(t), self.constant(t)]))

    def condition(self, depth):
        r = self.r
        how = r.random()
        if depth > 0 and how < 0.15:
            return both(self.condition(depth - 1), self.condition(depth - 1))
        if depth > 0 and how < 0.3:
            return either(self.condition(depth - 1), self.condition(depth - 1))
        if how < 0.36:
            return negate(self.condition(0))
        if how < 0.44:
            some = [x for x in self.leaves if x.nullable]
            if some:
                return is_null(r.choice(some), r.random() < 0.5)
        if how < 0.52:
            some = [x for x in self.leaves if x.t == BOOL]
            if some:
                return r.choice(some)
        some = [x for x in self.leaves if x.t != BOOL and getattr(x, 'col', '') not in ('big', 'id')]
        a = r.choice(some)
        if r.random() < 0.7:
            b = self.constant(a.t)
        else:
            b = r.choice([x for x in some if x.t == a.t and x is not a] or [self.constant(a.t)])
        op = r.choice(['>', '>=', '<', '<=']) if a.t == TS else r.choice(['=', '!=']) if a.t == STR else r.choice(['>', '>=', '<', '<=', '=', '!=', '>'])
        return compare(op, a, b) if a.t != FLOAT or op not in ('=', '!=') else compare('>', a, b)

    def solid(self, t, depth=2):
        e = self.make(t, depth)
        return coalesce(e, self.constant(t)) if e.nullable else e

    def risky(self):
        """An int that fails for some rows, unlike any other in the program."""
        r = self.r
        ints = [x for x in self.leaves if x.t == INT and getattr(x, 'col', '') != 'big' and not x.literal]
        big = [x for x in self.leaves if getattr(x, 'col', '') == 'big']
        if big and r.random() < 0.4 or not ints:
            return arith('+', r.choice(big), literal(self.g.unique(), INT)) if big else None
        for _ in range(20):
            a, b = r.choice(ints), arith('-', r.choice(ints), literal(r.randint(0, 3), INT))
            if (a.text(), b.text()) not in self.g.used:
                self.g.used.add((a.text(), b.text()))
                return arith('+', div(a, b), literal(self.g.unique(), INT))
        return None


# ---- programs ----

class Generator:
    def __init__(self, seed, without=()):
        self.r = random.Random(seed)
        self.without = set(without)
        self.used, self.numbers = set(), 16
        self.streams = {}                 # name: columns [(name, type, nullable)]
        self.first = []                   # streams of a source's rows
        self.root = {}                    # their sources
        self.decls = []
        self.states = []                  # (State, {streams it is on})
        self.big_sum = False
        self.large = self.has('large', 0.04)

    def has(self, feature, chance=1.0):
        assert feature in FEATURES, feature
        take = self.r.random() < chance
        return take and feature not in self.without

    def unique(self):
        self.numbers += 1
        return self.numbers

    # -- scopes --

    def row_leaves(self, stream, own=False):
        return [column(n, t, nullable, stream if own and self.r.random() < 0.5 else None) for n, t, nullable in self.streams[stream]]

    def state_leaves(self, state):
        return [state_field(state.name, n, t, nullable) for n, t, nullable, _ in state.fields]

    def agg_leaves(self, stream, n):
        r, out = self.r, [aggregate(Agg('count'))]
        rows = self.row_leaves(stream)
        inner = Expressions(self, self.row_leaves(stream))
        for _ in range(n):
            x = r.choice(rows)
            where = inner.condition(1) if r.random() < 0.3 else None
            fns = ['count', 'min', 'max', 'first', 'last', 'first', 'last'] + ['sum'] * 4 * (x.t in (INT, D2, FLOAT)) + ['distinct'] * 2
            fn = r.choice(fns)
            if x.t in (INT, D2, FLOAT) and self.has('avg', 0.15):
                fn = 'avg'
            if getattr(x, 'col', '') == 'big':
                fn = r.choice(['min', 'last', 'count'])
            if x.t == BOOL:
                fn = r.choice(['any', 'every', 'first', 'last', 'count'])
            by = [y for y in rows if not y.nullable and y.t != BOOL]
            if not x.nullable and by and self.has('min_by', 0.15):
                out.append(aggregate(Agg(r.choice(['min_by', 'max_by']), x, where, by=r.choice(by))))
                continue
            if fn == 'distinct' and 'distinct' in self.without:
                fn = 'count'
            if fn == 'sum' and r.random() < 0.2 and x.t == INT:
                x = arith('+', x, literal(r.randint(0, 3), INT))
            if fn == 'sum' and x.t == INT and self.has('agg_errors', 0.1):
                x = inner.risky() or x
                where = None
            out.append(aggregate(Agg('count', x, where, True) if fn == 'distinct' else Agg(fn, x, where)))
        if not self.big_sum and self.has('errors', 0.15) and any(x.text() == 'big' for x in rows):
            self.big_sum = True
            out.append(aggregate(Agg('sum', column('big', INT))))
            out[-1].col = 'big'
        return out

    # -- declarations --

    def add(self, d):
        self.decls.append(d)
        return d

    def sources(self):
        r = self.r
        for i in range(2 if self.has('second_source', 0.4) else 1):
            parts = r.choice([2, 3]) if self.has('partitions', 0.5) else 1
            s = self.add(Source('s%d' % i, r.choice([0, 1, 3, 3, 10]) * SECOND, parts, True))
            self.streams[s.name] = COLUMNS
            self.first.append(s.name)
            self.root[s.name] = s
        if len(self.first) == 2 and self.has('union', 0.3):
            u = self.add(Union('u0', *self.first))
            self.streams[u.name] = COLUMNS
            self.first.append(u.name)
            self.root[u.name] = u
        if self.has('derived', 0.4):
            self.derive(r.choice(self.first))
            if r.random() < 0.3:
                self.derive(r.choice(self.first))

    def derive(self, of):
        r = self.r
        name = 'd%d' % len(self.of(Derived))
        e = Expressions(self, self.row_leaves(of))
        where = e.condition(1) if r.random() < 0.7 else None
        if where and self.has('errors', 0.3):
            risky = e.risky()
            where = compare('!=', risky, literal(r.randint(15, 30), INT)) if risky else where
        fields, columns = None, self.streams[of]
        if r.random() < 0.6 or not where:
            names = [c for c in columns if c[0] != 'x' or r.random() < 0.7]
            fields = [(n, column(n, t, nullable)) for n, t, nullable in names]
            columns = list(names)
            for i in range(r.randint(1, 2)):
                t = r.choice([INT, D2, STR, FLOAT])
                x = (e.risky() if t == INT and self.has('errors', 0.3) else None) or e.make(t)
                fields.append(('%s_z%d' % (name, i), x))
                columns.append(('%s_z%d' % (name, i), t, x.nullable))
        d = self.add(Derived(name, of, where, fields, columns))
        self.streams[d.name] = columns
        self.first.append(d.name)
        self.root[d.name] = self.root[of]

    def of(self, kind):
        return [d for d in self.decls if isinstance(d, kind)]

    def key(self, stream, two=True):
        have = {n for n, t, nullable in self.streams[stream] if not nullable and t in (STR, INT, BOOL)}
        keys = [['k'], ['k'], ['k'], ['c'], ['j']] + [['k', 'c'], ['c', 'j']] * (two and 'two_keys' not in self.without) + [['b']] * ('bool_keys' not in self.without)
        return self.r.choice([k for k in keys if set(k) <= have])

    def size(self):
        return self.r.choice([1, 2, 5, 5, 10, 10, 20, 60]) * SECOND

    def state(self, streams, by=None):
        r = self.r
        by = by or self.key(streams[0])
        name = 'p%d' % len(self.states)
        fields = []
        for i in range(r.randint(1, 5)):
            t = r.choice([INT, INT, INT, D2, STR, BOOL, TS, FLOAT] if 'floats' not in self.without else [INT, INT, D2, STR, BOOL, TS])
            nullable = r.random() < 0.3
            init = literal(None, t) if nullable and r.random() < 0.7 else Expressions(self, []).constant(t)
            fields.append(('%s_%d' % (name, i), t, nullable, init))
        s = State(name, by, self.size() * r.choice([1, 1, 2, 5]), fields, [])
        others = [o for o, on in self.states if o.by == by and all(self.near(x, on) for x in streams)]
        for stream in streams:
            leaves = self.row_leaves(stream, own=True) + self.state_leaves(s) * 2
            if others and self.has('state_of_state', 0.5):
                leaves += self.state_leaves(r.choice(others))
            s.ons.append(self.on_block(s, stream, leaves))
        self.add(s)
        self.states.append((s, set(streams)))
        return s

    def on_block(self, s, stream, leaves):
        r, e = self.r, Expressions(self, leaves)
        where = e.condition(1) if self.has('state_where', 0.3) else None
        if where and self.has('errors', 0.1):
            risky = e.risky()
            where = compare('>', risky, literal(r.randint(0, 30), INT)) if risky else where
        assigns = []
        for name, t, nullable, _ in s.fields:
            own = state_field(s.name, name, t, nullable)
            peers = [state_field(s.name, n, u, m) for n, u, m, _ in s.fields if u == t and n != name and (nullable or not m)]
            how = r.random()
            if how < 0.1 and len(s.fields) > 1:
                continue
            if how < 0.35 and peers:
                x = r.choice(peers)       # a = b, b = a
            elif how < 0.55 and t in (INT, D2) and not nullable:
                x = arith('+', own, literal(1 if t == INT else 125, t))
            elif how < 0.65 and t == INT and self.has('errors', 0.4):
                x = e.risky() or own
                x = coalesce(x, literal(0, INT)) if x.nullable and not nullable else x
            elif how < 0.75 and t == FLOAT:
                x = arith('+', own, arith('*', arith('-', e.pick(FLOAT), own), literal(0.5, FLOAT)))
                x = coalesce(x, literal(0.25, FLOAT)) if x.nullable and not nullable else x
            else:
                x = e.make(t) if nullable else e.solid(t)
            if x.t == STR and any(m for m in marks(x, 'state')) and x.kids:
                x = choose(compare('<', length(x), literal(60, INT)), x, literal('cut', STR))
            assigns.append((name, x))
        if not assigns:
            name, t, nullable, _ = s.fields[0]
            assigns.append((name, e.make(t) if nullable else e.solid(t)))
        return On(stream, where, assigns)

    def window(self, stream):
        r = self.r
        shared = [w for w in self.of(Window) if w.kind not in self.without]
        if shared and r.random() < 0.6:
            return r.choice(shared)
        kinds = ['sliding'] * 4 * ('sliding' not in self.without) + [k for k in ('tumbling', 'hopping', 'session') if k not in self.without]
        if not kinds:
            return None
        kind = r.choice(kinds)
        if kind == 'hopping':
            every = r.choice([1, 2, 5]) * SECOND
            w = Window(kind, every * r.randint(2, 4) + (SECOND if self.has('odd_hopping', 0.3) else 0), every)
        else:
            w = Window(kind, self.size())
        if self.has('named_windows', 0.2):
            w.name = 'w%d' % len(self.of(Window))
            self.add(w)
        return w

    def rule(self, stream, targets):
        r = self.r
        name = 'r%d' % len(self.of(Rule))
        by = [] if self.has('keyless', 0.12) else self.key(stream)
        states = [s for s, on in self.readable(stream)]
        if states and r.random() < 0.75:
            by = r.choice(states).by
        if not set(by) <= {n for n, _, _ in self.streams[stream]}:
            by = ['k']
        w = self.window(stream) if r.random() < 0.6 or 'plain_rule' in self.without else None
        closes = w is not None and not w.per_event
        leaves = [column(n, t, nullable) for n, t, nullable in self.streams[stream] if not closes or n in by]
        aggs = self.agg_leaves(stream, r.randint(1, 4)) if w else []
        if closes:
            aggs += [window_bound('start'), window_bound('end')]
        if not closes:
            for s in states:
                if s.by == by:
                    leaves += self.state_leaves(s) * 2
        return self.rule_body(name, stream, by, w, leaves, aggs, targets)

    def near(self, stream, on):
        """Whether a consumer of the stream may read a state on others, as far as features say so."""
        if stream in on:
            return True
        first = all(x in self.first for x in on)
        if stream not in self.first or not first:
            if not first:
                return stream in self.first and 'first_reads_second' not in self.without
            return 'second_reads_first' not in self.without
        same = all(self.root[x] is self.root[stream] for x in on)
        return ('derived_reads' if same else 'other_source_reads') not in self.without

    def readable(self, stream):
        """States that a rule on this stream may read."""
        for s, on in self.states:
            if not set(s.by) <= {n for n, t, nullable in self.streams[stream] if not nullable}:
                continue
            if not self.near(stream, on):
                continue
            if any(g.name == stream for g in self.of(Group)) and stream not in on:
                continue
            yield s, on

    def rule_body(self, name, stream, by, w, leaves, aggs, targets):
        r = self.r
        if 'rules' in self.without:
            return None
        lets = []
        for i in range(r.randint(0, 2) if self.has('let', 0.4) else 0):
            e = Expressions(self, leaves + aggs * 3)
            x = e.make(r.choice([INT, INT, STR, D2]))
            if not x.literal and not any(getattr(a, 'distinct', 0) is None for a in aggs):
                lets.append(('%s_l%d' % (name, i), x))
        scope = leaves + aggs * 3 + [let_ref(n, x) for n, x in lets] * 2
        e = Expressions(self, scope)
        whens = [e.condition(1)]
        if aggs and r.random() < 0.6:
            whens[0] = compare('>=', aggs[0], literal(r.randint(1, 3), INT))
        if r.random() < 0.3:
            whens.append(e.condition(1))
        if self.has('errors', 0.25):
            risky = e.risky()
            if risky:
                whens.append(compare('!=', risky, literal(r.randint(10, 25), INT)))
        emits = []
        for _ in range(2 if self.has('several_emits', 0.25) else 1):
            to = r.choice(targets)
            fields = [('tag', literal(name, STR)), ('k', self.key_text(by))]
            for n, t, nullable in to.columns[2:]:
                if nullable and r.random() < 0.1:
                    x = literal(None, t)
                else:
                    x = (e.risky() if t == INT and self.has('errors', 0.12) else None) or (e.make(t) if nullable else e.solid(t))
                if not nullable and x.nullable:
                    x = coalesce(x, literal(0, t))
                fields.append((n, x))
            emits.append(Emit(to.name, fields))
        limit = None
        if self.has('limit', 0.4):
            per = by or ['k']
            if by == [] and w is not None and not w.per_event:
                per = None
            elif w is None or w.per_event:
                per = self.key(stream) if self.has('limit_other', 0.4) else per
            if per and set(per) <= {n for n, _, _ in self.streams[stream]}:
                limit = (r.choice([1, 1, 2, 3]), per, self.size())
        return self.add(Rule(name, stream, by, w, lets, whens, emits, limit, self.has('shadow', 0.08)))

    def key_text(self, by):
        if not by:
            return literal('', STR)
        x = as_string(column(by[0], self.key_type(by[0])))
        for k in by[1:]:
            x = concat(concat(x, literal('/', STR)), as_string(column(k, self.key_type(k))))
        return x

    @staticmethod
    def key_type(name):
        return {'j': INT, 'b': BOOL}.get(name, STR)

    def emitted(self, name):
        r = self.r
        columns = [('tag', STR, False), ('k', STR, False)]
        for i, t in enumerate([INT] + [r.choice([INT, STR, D2, FLOAT, TS]) for _ in range(r.randint(1, 3))]):
            columns.append(('v%d' % i, t, i > 0 or r.random() < 0.5))
        d = self.add(Emitted(name, columns))
        self.streams[name] = columns
        return d

    def group(self, stream, name, kinds):
        r = self.r
        w = self.window(stream)
        if w is None or not ('group_sliding' if w.per_event else 'group_aligned') in kinds:
            return None
        by = self.key(stream)
        aggs = self.agg_leaves(stream, r.randint(1, 3))
        fields = [(k, column(k, self.key_type(k))) for k in by]
        columns = [(k, self.key_type(k), False) for k in by]
        scope = [x for _, x in fields] + aggs + [window_bound('end')]
        e = Expressions(self, scope)
        chosen = [(a.agg and a) for a in aggs[:3]] + [window_bound('start')]
        if r.random() < 0.5:
            chosen.append(e.make(r.choice([INT, STR])))
        if self.has('errors', 0.2):
            chosen.append(e.risky() or aggs[0])
        for i, x in enumerate(chosen):
            fields.append(('v%d' % i, x))
            columns.append(('v%d' % i, x.t, True if x.t != TS or getattr(x, 'agg', None) else x.nullable))
        columns = [(n, t, nullable and n != 'v0') for n, t, nullable in columns]
        having = None
        if r.random() < 0.3:
            having = Expressions(self, [column(n, t, nullable) for n, t, nullable in columns]).condition(0)
        d = self.add(Group(name, stream, by, w, fields, having, columns))
        self.streams[name] = columns
        return d

    def second_level(self, first_targets, last):
        """States, rules and windows over what rules emitted."""
        r = self.r
        t = r.choice(first_targets).name
        if not any(m.to == t for x in self.of(Rule) if x.window is None or x.window.per_event for m in x.emits):
            return
        if self.has('group_of_emitted', 0.4):
            self.group(t, 'g9', [k for k in ('group_sliding', 'group_aligned') if k not in self.without])
        closes = any(m.to == t for x in self.of(Rule) if x.window and not x.window.per_event for m in x.emits)
        if closes and 'closes_feed' in self.without:
            return
        if self.has('second_state_of_rows', 0.6):
            s = self.state([t], ['k'])
            if self.has('first_reads_second', 0.4):
                self.reader(s, r.choice(self.first), last)
        keep = self.without
        if 'second_windows' in keep:
            self.without = keep | {'tumbling', 'hopping', 'session'}
        self.rule(t, last)
        self.without = keep

    def reader(self, s, stream, targets):
        """A rule that does nothing but read the state."""
        if not set(s.by) <= {n for n, _, _ in self.streams[stream]}:
            return
        leaves = [column(n, t, nullable) for n, t, nullable in self.streams[stream]] + self.state_leaves(s) * 3
        self.rule_body('r%d' % len(self.of(Rule)), stream, s.by, None, leaves, [], targets)

    def program(self):
        r = self.r
        self.sources()
        if self.has('states', 0.75):
            self.some_states()
        a, b = self.emitted('a0'), self.emitted('a1')
        groups = []
        if r.random() < 0.35 or (self.has('two_groups', 0.1)):
            groups.append(self.group(r.choice(self.first), 'g0', [k for k in ('group_sliding', 'group_aligned') if k not in self.without]))
        for _ in range(r.randint(1, 3)):
            self.rule(r.choice(self.first), [a] if r.random() < 0.7 else [b])
        for s, on in list(self.states):
            if not self.is_read(s):
                self.reader(s, r.choice([x for x in on]), [a])
        for g in groups:
            if g and self.has('on_group', 0.5):
                if r.random() < 0.4:
                    self.reader(self.state([g.name], g.by), g.name, [b])
                else:
                    self.rule_on_group(g, b)
        if self.has('second', 0.45):
            self.second_level([a], [b])
        self.drop_unread()
        return Program(self.decls, {s.name: self.input(s) for s in self.of(Source)})

    def rule_on_group(self, g, to):
        keep = self.without
        self.without = keep | {'tumbling', 'hopping', 'session'}
        self.rule(g.name, [to])
        self.without = keep

    def some_states(self):
        r = self.r
        stream = r.choice(self.first)
        streams = [stream]
        other = [s for s in self.first if self.root[s] is not self.root[stream] and 'u0' not in (self.root[s].name, self.root[stream].name)]
        if other and self.has('state_two_streams', 0.6):
            streams.append(r.choice(other))
        one = self.state(streams)
        for _ in range(r.randint(1, 2) if self.has('second_state', 0.5) else 0):
            self.state([r.choice(self.first + [stream] * 2)], one.by if r.random() < 0.85 else None)

    def is_read(self, s):
        return any(s.name in marks(e, 'state') for x in self.of(Rule) for e in x.exprs())

    def drop_unread(self):
        """A state that no rule reads is not there for anything."""
        read = {n for x in self.of(Rule) for e in x.exprs() for n in marks(e, 'state')}
        more = True
        while more:
            more = False
            for s in self.of(State):
                if s.name in read:
                    used = {n for on in s.ons for e in [x for _, x in on.assigns] + [on.where] * (on.where is not None) for n in marks(e, 'state')}
                    more |= not used <= read
                    read |= used
        self.decls = [d for d in self.decls if not isinstance(d, State) or d.name in read]
        used = {m.to for x in self.of(Rule) for m in x.emits}
        self.decls = [d for d in self.decls if not isinstance(d, Emitted) or d.name in used]
        windows = [c.window for c in self.of(Rule) + self.of(Group)]
        self.decls = [d for d in self.decls if not isinstance(d, Window) or d in windows]

    # -- input --

    def input(self, s):
        r = self.r
        consumers = [c for c in self.of(Rule) + self.of(Group) if c.window and c.window.kind == 'session']
        late = self.has('late', 0.7) and not ((s.partitions > 1 or self.of(Union)) and consumers)
        step = r.choice([[0, 0, 1, 1, 2], [1, 2, 3], [0, 1, 5]])
        return [self.partition(s, part, late, step) for part in range(s.partitions)]

    def partition(self, s, part, late, step):
        r = self.r
        keys, cards = KEYS[:r.randint(1, 5)], CARDS[:r.randint(1, 3)]
        if self.large and r.random() < 0.5:
            keys = ['key number %d' % i for i in range(200)]
        clock, rows, highest = BASE + r.choice([0, 0, 20, 45]) * SECOND, [], 0
        count = r.choice([0, 3, 12, 25, 40, 40]) if part or s.name != 's0' else r.choice([12, 25, 40, 60])
        for i in range(count * 12 if self.large else count):
            if self.has('broken', 0.02):
                rows.append(None)
                continue
            clock += r.choice(step) * SECOND
            if r.random() < 0.04:
                clock += r.choice([10, 20, 60, 61, 300]) * SECOND
            t = clock + (SECOND // 2 if r.random() < 0.1 else 0)
            if r.random() < 0.3:
                t -= r.randint(0, s.delay // SECOND) * SECOND
            if late and r.random() < 0.1:
                t -= s.delay + r.randint(0, 20) * SECOND
            highest = max(highest, t)
            if not late:
                t = max(t, highest - s.delay)
            rows.append(self.row(int(s.name[1:]) * 100000 + part * 1000 + i, r.choice(keys), r.choice(cards), t))
        return rows

    def row(self, number, k, c, t):
        r = self.r
        return {'id': number, 'k': k, 'c': c, 'j': r.randint(0, 2), 'x': r.randint(-2, 6), 'y': r.choice([None, 0, 1, 2, 3]),
                'big': r.choice(BIGS) if r.random() < 0.3 else r.randint(-5, 5), 'd': r.randint(-100, 500),
                'dn': r.choice([None, 0, 5, 250, -1]), 'b': r.random() < 0.6, 'f': r.randint(-8, 16) / 4,
                's': r.choice([None] + TEXTS), 'ts': t}


def length(a):
    return node(INT, [a], lambda x: 'length(%s)' % x, POSTFIX, 0, strict(len), a.nullable)


def generate(seed, without=()):
    return Generator(seed, without).program()


def input_lines(rows):
    """A partition's text."""
    out = []
    for row in rows:
        out.append('{"id": 1, broken' if row is None else '{%s}' % ', '.join('"%s":%s' % (n, json_value(row[n], t)) for n, t, _ in COLUMNS))
    return ''.join(line + '\n' for line in out)


def json_value(v, t):
    if v is None:
        return 'null'
    if t == STR:
        return json_text(v)
    if t == TS:
        return json_text(ts_text(v))
    return {'bool': lambda: 'true' if v else 'false', 'float': lambda: float_text(v), 'decimal': lambda: dec_text(v, 2),
            'int': lambda: str(v)}[t[0]]()
