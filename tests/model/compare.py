"""compare.py -- what Weir wrote against what the model expects.

A sink's rows are compared in series, within which the order is promised: those of one partition for rows
that filters pass, those of one key for groups, those of one stream and key for rules per event, those of
one rule and key for rules that judge windows when they close. Between series there is no promised order.
"""
import copy
import json
import os
import re

from model import Model
from program import Program, Derived, Emitted, Group, Rule, Source, State, Union
import generate
from expr import BOOL, STR, TS, ts_text, value_text

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CODES = {i + 1: name for i, name in enumerate(re.findall(r'^ERR\((\w+)', open(ROOT + '/include/weir/errors.def').read(), re.M))}


def read_json(data):
    """Lines of JSON; numbers are ('n', text)."""
    number = lambda s: ('n', s)           # noqa: E731
    return [json.loads(line, parse_int=number, parse_float=number) for line in data.decode().split('\n') if line]


def tagged(v, t):
    """A value as reading its JSON gives it."""
    if v is None or t in (STR, BOOL):
        return v
    return ts_text(v) if t == TS else ('n', value_text(v, t))


def series_of(prog, decl):
    """A function from a row to what its order is promised within."""
    rules = {r.name: r for r in prog.of(Rule)}

    def emitted(row):
        r = rules.get(row['tag'])
        if r is None:
            return ('no such rule', row['tag'])
        waits_for_others = len(prog.of(Source)) > 1          # rules on one stream may wait for different sources
        together = not waits_for_others and (not r.window or r.window.per_event)
        return (r.on, tuple(r.by), row['k']) if together else (r.name, row['k'])
    if isinstance(decl, Emitted):
        return emitted
    if isinstance(decl, Group):
        return lambda row: tuple(row[k] for k in decl.by)
    return lambda row: int(row['id'][1]) // 1000   # a source's partition


def split(rows, series):
    out = {}
    for row in rows:
        out.setdefault(series(row), []).append(row)
    return out


def show(row):
    return 'nothing' if row is None else json.dumps({k: v[1] if isinstance(v, tuple) else v for k, v in row.items()}, ensure_ascii=False)


def compare_sink(prog, decl, expected, data):
    want = [{n: tagged(row[n], t) for n, t, _ in decl.columns} for row in expected]
    got = read_json(data)
    series = series_of(prog, decl)
    a, b = split(want, series), split(got, series)
    for key in sorted(set(a) | set(b), key=str):
        x, y = a.get(key, []), b.get(key, [])
        for i in range(max(len(x), len(y))):
            p, q = (z[i] if i < len(z) else None for z in (x, y))
            if p != q:
                yield '%s, series %s, row %d of %d (got %d):\n  expected %s\n  got      %s' % (decl.name, key, i + 1, len(x), len(y), show(p), show(q))
                break


def compare_late(source, expected, data):
    got = {(int(r['id'][1]), r['meta']['watermark']): set(r['meta']['refused_by']) for r in read_json(data)}
    if len(got) != len(read_json(data)):
        yield 'late_%s: a row is there twice' % source.name
    for late in expected:
        at = (late.row['id'], ts_text(late.watermark))
        by = got.pop(at, set())
        if not late.must <= by <= late.must | late.may:
            yield 'late_%s: row %d is refused by %s, expected %s%s' % (source.name, at[0], sorted(by), sorted(late.must),
                                                                    ' or also %s' % sorted(late.may) if late.may else '')
    for at, by in got.items():
        yield 'late_%s: row %d, watermark %s, is said to be refused by %s' % (source.name, at[0], at[1], sorted(by))


def where_from(prog, m, consumer, record):
    """Rows of a source are known by their number; results of windows and rows of rules by their time."""
    d = prog.by_name[consumer]
    on = d.ons[0].stream if isinstance(d, State) else d.on if isinstance(d, Rule) else d.of
    if m.first_hand(on) and int(record['offset'][1]) >= 0:
        return (record['source'], int(record['partition'][1]), int(record['offset'][1]))
    return ('row', record['time'])


def compare_bad(prog, m, data):
    got, expected = {}, m.bad
    for r in read_json(data):
        line = int(r['at'].split(':')[1]) if r['kind'] == 'evaluate' else 0
        consumer = prog.lines.get(line)
        if consumer is None:
            yield 'errs: a record of %s at %s' % (r['kind'], r['at'])
            continue
        got.setdefault((consumer, where_from(prog, m, consumer, r)), []).append(CODES[int(r['code'][1])])
    want = {(c, o if o[0] != 'row' else ('row', ts_text(o[1]))): b for (c, o), b in expected.items()}
    for at in sorted(set(want) | set(got), key=str):
        b, codes = want.get(at), got.get(at, [])
        if b is None:
            yield 'errs: %s fails for %s with %s, and should not' % (at[0], at[1], codes)
        elif not b.must <= len(codes) <= b.most or not set(codes) <= b.codes:
            yield 'errs: %s fails for %s with %s, expected %d to %d of %s' % (at[0], at[1], codes, b.must, b.most, sorted(b.codes))


def compare(prog, files, m=None):
    """Messages about what differs, the first of each sink."""
    m = m or Model(prog)
    out = []
    for name in prog.sinks():
        data = files.get(name + '.out', b'')
        decl = prog.by_name.get(name)
        if isinstance(decl, (Derived, Union, Group, Emitted)):
            out += list(compare_sink(prog, decl, m.sinks[name], data))[:1]
    for s in prog.of(Source):
        if s.late:
            out += list(compare_late(s, m.late[s.name], files.get('late_%s.out' % s.name, b'')))[:1]
    return out + list(compare_bad(prog, m, files.get('errs.out', b'')))[:2]


# ---- making it small ----

def clone(prog, decls=None, data=None):
    return Program(list(prog.decls) if decls is None else decls, prog.data if data is None else data)


def changed(d, **fields):
    e = copy.copy(d)
    for k, v in fields.items():
        setattr(e, k, v)
    return e


def parts_less(d):
    """Copies of a declaration with a part left out."""
    for name in ('lets', 'whens', 'emits', 'ons', 'fields'):
        items = getattr(d, name, None) or []
        least = 2 if name in ('whens', 'emits', 'ons') else 1
        if len(items) >= least and not (name == 'fields' and hasattr(d, 'columns')):
            for i in range(len(items)):
                rest = items[:i] + items[i + 1:]
                if name == 'fields':
                    gone = items[i][0]
                    ons = [changed(on, assigns=[a for a in on.assigns if a[0] != gone]) for on in d.ons]
                    if rest and all(on.assigns for on in ons):
                        yield changed(d, fields=rest, ons=ons)
                else:
                    yield changed(d, **{name: rest})
    for i in range(len(d.by), len(d.fields)) if isinstance(d, Group) else ():
        yield changed(d, fields=d.fields[:i] + d.fields[i + 1:], columns=d.columns[:i] + d.columns[i + 1:])
    for name in ('limit', 'having', 'where', 'late'):
        if getattr(d, name, None):
            yield changed(d, **{name: None})
    if getattr(d, 'shadow', False):
        yield changed(d, shadow=False)
    for i, on in enumerate(getattr(d, 'ons', [])):
        if on.where:
            yield changed(d, ons=d.ons[:i] + [changed(on, where=None)] + d.ons[i + 1:])
        for k in range(len(on.assigns) if len(on.assigns) > 1 else 0):
            yield changed(d, ons=d.ons[:i] + [changed(on, assigns=on.assigns[:k] + on.assigns[k + 1:])] + d.ons[i + 1:])


def simpler(e):
    """Copies of an expression with one node replaced by an operand of its type that is not null more often."""
    for i, k in enumerate(e.kids):
        if k.t == e.t and k.nullable <= e.nullable:
            yield k
        for x in simpler(k):
            n = copy.copy(e)
            n.kids = e.kids[:i] + [x] + e.kids[i + 1:]
            yield n


def simpler_parts(d):
    """Copies of a declaration with one expression made simpler."""
    for name in ('where', 'having'):
        if getattr(d, name, None):
            for x in simpler(getattr(d, name)):
                yield changed(d, **{name: x})
    for i, e in enumerate(getattr(d, 'whens', [])):
        for x in simpler(e):
            yield changed(d, whens=d.whens[:i] + [x] + d.whens[i + 1:])
    for name in ('lets', 'assigns') + (('fields',) if not isinstance(d, State) else ()):
        items = getattr(d, name, None) or []
        for i, (n, e) in enumerate(items):
            for x in simpler(e):
                yield changed(d, **{name: items[:i] + [(n, x)] + items[i + 1:]})
    for name in ('emits', 'ons'):
        items = getattr(d, name, [])
        for i, part in enumerate(items):
            for x in simpler_parts(part):
                yield changed(d, **{name: items[:i] + [x] + items[i + 1:]})


def smaller_rows(prog):
    """Copies with a run of rows left out, long runs first."""
    for name, parts in prog.data.items():
        for p, rows in enumerate(parts):
            size = len(rows)
            while size:
                for at in range(0, len(rows), size):
                    less = parts[:p] + [rows[:at] + rows[at + size:]] + parts[p + 1:]
                    yield clone(prog, data=dict(prog.data, **{name: less}))
                size //= 2


def smaller_decls(prog):
    for i, d in enumerate(prog.decls):
        rest = prog.decls[:i] + prog.decls[i + 1:]
        data = {k: v for k, v in prog.data.items() if any(x.name == k for x in rest)}
        yield clone(prog, rest, data)
    for i, d in enumerate(prog.decls):
        for e in list(parts_less(d)) + list(simpler_parts(d)):
            yield clone(prog, prog.decls[:i] + [e] + prog.decls[i + 1:])


def shrink(prog, differs, budget=3000):
    """The smallest program and input found for which `differs` still says so."""
    again = True
    while again and budget > 0:
        again = False
        for candidates in (smaller_decls, smaller_rows):
            found = True
            while found and budget > 0:
                found = False
                for p in candidates(prog):
                    budget -= 1
                    if budget <= 0:
                        break
                    if differs(p):
                        prog, found, again = p, True, True
                        break
    return prog


def input_files(prog):
    """{path: text} of the sources."""
    out = {}
    for s in prog.of(Source):
        parts = prog.data[s.name]
        for i, rows in enumerate(parts):
            out['%s.jsonl' % s.name if s.partitions == 1 else '%s/%d.jsonl' % (s.name, i)] = generate.input_lines(rows)
    return out
