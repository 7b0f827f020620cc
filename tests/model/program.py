"""program.py -- what a program of the model is made of: plain declarations, and their text.

Expressions are the N of tests/diff/expr.py: a text, and a value in an environment. Here the environment
is model.Env, which knows the row, the states of the row's key, the aggregates of its window and lets.
Every clause that can fail stands on a line of its own; `lines` tells which declaration a line is of.
"""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'diff'))
from expr import BOOL, FLOAT, INT, N, POSTFIX, STR, TS, dec, type_text   # noqa: E402

D2 = dec(2)
SECOND = 10**6
BASE = 1767225600 * SECOND                # 2026-01-01T00:00:00Z

COLUMNS = [('id', INT, False), ('k', STR, False), ('c', STR, False), ('j', INT, False), ('x', INT, False), ('y', INT, True),
           ('big', INT, False), ('d', D2, False), ('dn', D2, True), ('b', BOOL, False), ('f', FLOAT, False), ('s', STR, True),
           ('ts', TS, False)]


def duration(us):
    """A length of time as a program writes it."""
    if us % SECOND:
        return '%dms' % (us // 1000)
    return '%ds' % (us // SECOND)


# ---- leaves ----

def leaf(text, t, nullable, run, **marks):
    n = N(t, [], lambda: text, POSTFIX, 0, run)
    n.nullable = nullable
    for k, v in marks.items():
        setattr(n, k, v)
    return n


def column(name, t, nullable=False, of=None):
    return leaf(of + '.' + name if of else name, t, nullable, lambda k, env: env.row[name], col=name)


def state_field(state, name, t, nullable):
    return leaf('%s.%s' % (state, name), t, nullable, lambda k, env: env.state(state)[name], state=state)


def let_ref(name, value):
    return leaf(name, value.t, value.nullable, lambda k, env: value.eval(env), let=value)


class Agg:
    """An aggregate call: fn of arg (None: of rows), for min_by and max_by `by` another; of the rows where the condition is true."""

    def __init__(self, fn, arg=None, where=None, distinct=False, by=None):
        self.fn, self.arg, self.where, self.distinct, self.by = fn, arg, where, distinct, by
        self.t = INT if fn == 'count' else arg.t
        if fn == 'avg':
            self.t = dec(arg.t[1] + 4) if arg.t[0] == 'decimal' else FLOAT
        self.nullable = fn not in ('count', 'sum') and (arg.nullable or where is not None)

    def text(self):
        inner = ('distinct ' if self.distinct else '') + ', '.join(x.text() for x in (self.arg, self.by) if x)
        return '%s(%s%s)' % (self.fn, inner, (' ' if inner else '') + 'where ' + self.where.text() if self.where else '')


def aggregate(agg):
    return leaf(agg.text(), agg.t, agg.nullable, lambda k, env: env.aggregate(agg), agg=agg)


def window_bound(which):
    return leaf('window.' + which, TS, False, lambda k, env: env.window[which == 'end'], window=True)


def marks(e, name):
    """All that leaves below e carry as `name`, lets looked through."""
    found = [getattr(e, name)] if getattr(e, name, None) is not None else []
    for k in e.kids + ([e.let] if getattr(e, 'let', None) is not None else []):
        found += marks(k, name)
    return found


# ---- declarations ----

class Window:
    """In place, or with a name of its own: then it is a declaration, which several consumers can share."""
    def __init__(self, kind, size, every=None, name=None):
        self.kind, self.size, self.every, self.name = kind, size, every or size, name

    def write(self, out):
        out('window %s = %s' % (self.name, self.in_place()))

    def text(self):
        return self.name or self.in_place()

    def in_place(self):
        return '%s %s%s' % (self.kind, duration(self.size), ' every ' + duration(self.every) if self.kind == 'hopping' else '')

    @property
    def per_event(self):
        return self.kind == 'sliding'


class Source:
    def __init__(self, name, delay, partitions, late):
        self.name, self.delay, self.partitions, self.late = name, delay, partitions, late
        self.columns = list(COLUMNS)

    def write(self, out):
        place = '%s.jsonl' % self.name if self.partitions == 1 else '%s/*.jsonl' % self.name
        out('source %s: Row {' % self.name)
        out('  from file("%s"%s)' % (place, ', partitions: "files"' if self.partitions > 1 else ''))
        out('  format json  time ts delay %s  bad drop  late %s' % (duration(self.delay), 'to late_' + self.name if self.late else 'drop'))
        out('}')


class Derived:
    """stream name = of | where e | select { ... }: stateless, so its rows have the position of of's."""
    def __init__(self, name, of, where, fields, columns):
        self.name, self.of, self.where, self.fields, self.columns = name, of, where, fields, columns

    def write(self, out):
        out('stream %s = %s' % (self.name, self.of))
        if self.where:
            out('  | where ' + self.where.text())
        if self.fields:
            out('  | select {')
            for i, (name, e) in enumerate(self.fields):
                out('    %s%s: %s' % (', ' if i else '', name, e.text()))
            out('  }')


class Union:
    """stream name = of | union other: the rows of two sources, each with its own position."""
    def __init__(self, name, of, other):
        self.name, self.of, self.other, self.columns = name, of, other, list(COLUMNS)

    def write(self, out):
        out('stream %s = %s | union %s' % (self.name, self.of, self.other))


class Group:
    def __init__(self, name, of, by, window, fields, having, columns):
        self.name, self.of, self.by, self.window, self.fields, self.having, self.columns = name, of, by, window, fields, having, columns

    def exprs(self):
        return [e for _, e in self.fields]

    def write(self, out):
        out('stream %s = %s' % (self.name, self.of))
        out('  | group %sover %s {' % ('by %s ' % ', '.join(self.by) if self.by else '', self.window.text()))
        for i, (name, e) in enumerate(self.fields):
            out('    %s%s: %s' % (', ' if i else '', name, e.text()))
        out('  }')
        if self.having:
            out('  | where ' + self.having.text())


class On:
    def __init__(self, stream, where, assigns):
        self.stream, self.where, self.assigns = stream, where, assigns


class State:
    def __init__(self, name, by, keep, fields, ons):
        self.name, self.by, self.keep, self.fields, self.ons = name, by, keep, fields, ons   # fields: (name, type, nullable, N)

    def write(self, out):
        out('state %s by %s keep %s {' % (self.name, ', '.join(self.by), duration(self.keep)))
        for name, t, nullable, init in self.fields:
            out('  %s %s%s = %s' % (name, type_text(t), '?' * nullable, init.text()))
        for on in self.ons:
            out('  on %s%s {' % (on.stream, ' where ' + on.where.text() if on.where else ''))
            for name, e in on.assigns:
                out('    %s = %s' % (name, e.text()))
            out('  }')
        out('}')


class Emit:
    def __init__(self, to, fields):
        self.to, self.fields = to, fields


class Rule:
    def __init__(self, name, on, by, window, lets, whens, emits, limit=None, shadow=False):
        self.name, self.on, self.by, self.window = name, on, by, window
        self.lets, self.whens, self.emits, self.limit, self.shadow = lets, whens, emits, limit, shadow

    def exprs(self):
        return [e for _, e in self.lets] + self.whens + [e for m in self.emits for _, e in m.fields]

    def write(self, out):
        out('rule %s {' % self.name)
        out('  on %s%s%s' % (self.on, ' by ' + ', '.join(self.by) if self.by else '',
                             ' over ' + self.window.text() if self.window else ''))
        for name, e in self.lets:
            out('  let %s = %s' % (name, e.text()))
        for e in self.whens:
            out('  when ' + e.text())
        for m in self.emits:
            out('  emit %s {' % m.to)
            for i, (name, e) in enumerate(m.fields):
                out('    %s%s: %s' % (', ' if i else '', name, e.text()))
            out('  }')
        if self.limit:
            n, per, every = self.limit
            out('  limit %d per %s every %s' % (n, ', '.join(per), duration(every)))
        if self.shadow:
            out('  mode shadow')
        out('}')


class Emitted:
    """A stream that rules emit into: tag and k say whose row it is, so that rows can be told apart."""
    def __init__(self, name, columns):
        self.name, self.columns = name, columns

    def write(self, out):
        out('stream %s: { %s }' % (self.name, ', '.join('%s %s%s' % (n, type_text(t), '?' * nullable) for n, t, nullable in self.columns)))


class Program:
    def __init__(self, decls, data):
        self.decls, self.data = decls, data       # data: {source: [[row or None (no JSON) of a partition]]}

    def of(self, kind):
        return [d for d in self.decls if isinstance(d, kind)]

    @property
    def by_name(self):
        return {d.name: d for d in self.decls}

    def text(self):
        """The program; leaves in self.lines whose declaration a line is."""
        lines, self.lines = [], {}
        lines.append('type Row { %s }' % ', '.join('%s %s%s' % (n, type_text(t), '?' * nullable) for n, t, nullable in COLUMNS))
        for d in self.decls:
            def out(line, d=d):
                lines.append(line)
                self.lines[len(lines)] = d.name
            d.write(out)
        lines.append('errors to errs')
        for name in self.sinks():
            lines.append('sink %s { to file("%s.out") format json }' % (name, name))
        return '\n'.join(lines) + '\n'

    def sinks(self):
        names = [d.name for d in self.decls if isinstance(d, (Derived, Union, Group, Emitted))]
        return names + ['late_' + s.name for s in self.of(Source) if s.late] + ['errs']
