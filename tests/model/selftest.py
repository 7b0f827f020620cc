#!/usr/bin/env python3
"""selftest.py [BUILD] -- the model against answers worked out by hand, one rule of the language each.

With BUILD, Weir must give the same answers for the same small programs. Times are seconds after the start
of 2026; a row is (time, key, x, card); expected are the emitted rows as (key, v) in the order of positions.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import BASE, INT, SECOND, STR, BOOL, Agg, Emit, Emitted, Group, On, Program, Rule, Source, State, Window, \
    aggregate, column, state_field     # noqa: E402
from generate import arith, compare as cmp, div, literal     # noqa: E402
from model import Model                   # noqa: E402
import compare                            # noqa: E402
import run                                # noqa: E402

K, X = column('k', STR), column('x', INT)
COUNT = aggregate(Agg('count'))
TRUE = literal(True, BOOL)
OUT = [('tag', STR, False), ('k', STR, False), ('v', INT, True)]


def num(n):
    return literal(n, INT)


def field(state, name='n'):
    return state_field(state, name, INT, False)


def source(name='s0', delay=0, partitions=1):
    return Source(name, delay * SECOND, partitions, True)


def rows(*items, at=0):
    out = []
    for i, (t, k, *rest) in enumerate(items):
        x, c = (rest + [0, '1'])[0] if rest else 0, rest[1] if len(rest) > 1 else '1'
        out.append({'id': at + i, 'k': k, 'c': c, 'j': 0, 'x': x, 'y': None, 'big': 0, 'd': 0, 'dn': None, 'b': True, 'f': 0.5,
                    's': None, 'ts': BASE + int(t * SECOND)})
    return out


def rule(name, value, on='s0', by=('k',), window=None, when=TRUE, to='a0', **more):
    emits = [Emit(to, [('tag', literal(name, STR)), ('k', K if 'k' in by else literal('', STR)), ('v', value)])]
    return Rule(name, on, list(by), window, [], [when], emits, **more)


def counter(name='p0', on='s0', keep=1000, by=('k',), value=None):
    init = ('n', INT, False, num(0))
    return State(name, list(by), keep * SECOND, [init], [On(on, None, [('n', value or arith('+', field(name), num(1)))])])


def sliding(d):
    return Window('sliding', d * SECOND)


CASES = []


def case(f):
    CASES.append((f.__name__.replace('_', ' '), f))
    return f


def out(name='a0'):
    return Emitted(name, OUT)


@case
def a_rule_reads_a_state_as_of_before_its_row():
    return [source(), out(), counter(), rule('r0', field('p0'))], {'s0': [rows((0, 'a'), (0, 'a'), (1, 'b'), (2, 'a'))]}, \
        {'a0': [('a', 0), ('a', 1), ('b', 0), ('a', 2)]}


@case
def assignments_are_simultaneous():
    fields = [('a', INT, False, num(1)), ('b', INT, False, num(2))]
    swap = On('s0', None, [('a', field('p0', 'b')), ('b', arith('+', field('p0', 'a'), X))])
    both = arith('+', arith('*', field('p0', 'a'), num(100)), field('p0', 'b'))
    return [source(), out(), State('p0', ['k'], 100 * SECOND, fields, [swap]), rule('r0', both)], \
        {'s0': [rows((0, 'a', 5), (1, 'a', 0), (2, 'a', 0))]}, {'a0': [('a', 102), ('a', 206), ('a', 602)]}


@case
def a_record_is_kept_up_to_and_with_its_time():
    return [source(), out(), counter(keep=10), rule('r0', field('p0'))], \
        {'s0': [rows((0, 'a'), (10, 'a'), (20.5, 'a'), (20.5, 'a'))]}, {'a0': [('a', 0), ('a', 1), ('a', 0), ('a', 1)]}


@case
def a_where_that_is_not_true_writes_nothing():
    state = State('p0', ['k'], 10 * SECOND, [('n', INT, False, num(0))],
                  [On('s0', cmp('>', X, num(0)), [('n', arith('+', field('p0'), num(1)))])])
    return [source(), out(), state, rule('r0', field('p0'))], \
        {'s0': [rows((0, 'a', 1), (9, 'a', 0), (10, 'a', 0), (11, 'a', 1), (12, 'a'))]}, {'a0': [('a', 0), ('a', 1), ('a', 1), ('a', 0), ('a', 1)]}


@case
def a_state_reads_another_as_of_before_the_row():
    return [source(), out(), counter('p0'), counter('p1', value=field('p0')), rule('r0', arith('+', arith('*', field('p0'), num(10)), field('p1')))], \
        {'s0': [rows((0, 'a'), (1, 'a'), (2, 'a'), (3, 'a'))]}, {'a0': [('a', 0), ('a', 10), ('a', 21), ('a', 32)]}


@case
def a_sliding_window_is_open_at_its_start():
    return [source(), out(), rule('r0', COUNT, window=sliding(10))], \
        {'s0': [rows((0, 'a'), (9.5, 'a'), (10, 'a'), (10, 'b'), (19.5, 'a'), (40, 'a'))]}, \
        {'a0': [('a', 1), ('a', 2), ('a', 2), ('b', 1), ('a', 2), ('a', 1)]}


@case
def of_equal_times_only_smaller_positions_are_seen():
    # Position: time, source, partition, offset. The rows of partition 1 at time 5 come after those of partition 0.
    data = [rows((5, 'a', 1), (5, 'a', 2)), rows((5, 'a', 4), (4, 'a', 8), at=1000)]
    return [source(delay=3, partitions=2), out(), rule('r0', aggregate(Agg('sum', X)), window=sliding(10))], {'s0': data}, \
        {'a0': [('a', 8), ('a', 9), ('a', 11), ('a', 15)]}


@case
def sources_take_turns_by_time_then_name():
    state = counter()
    state.ons.append(On('s1', None, [('n', arith('+', field('p0'), num(10)))]))
    return [source('s1'), source('s0'), out(), state, rule('r0', field('p0')), rule('r1', field('p0'), on='s1')], \
        {'s0': [rows((1, 'a'), (2, 'a'))], 's1': [rows((0, 'a'), (1, 'a'), (2, 'a'))]}, \
        {'a0': [('a', 0), ('a', 10), ('a', 11), ('a', 21), ('a', 22)]}


@case
def a_row_is_late_by_its_own_partition():
    # Partition 0 is at 20 with a delay of 5: 15 is taken, 14.5 is not. Partition 1 has its own time.
    data = [rows((20, 'a', 1), (15, 'a', 2), (14.5, 'a', 3)), rows((3, 'a', 4), at=1000)]
    return [source(delay=5, partitions=2), out(), rule('r0', X)], {'s0': data}, \
        {'a0': [('a', 4), ('a', 2), ('a', 1)], 'late': [(2, 15, {'r0'})]}


@case
def a_limit_looks_back_over_what_passed():
    limit = (1, ['k'], 10 * SECOND)
    return [source(), out(), rule('r0', X, limit=limit)], \
        {'s0': [rows((0, 'a', 1), (9, 'a', 2), (10, 'a', 3), (15, 'a', 4), (20, 'a', 5), (15, 'b', 6))]}, \
        {'a0': [('a', 1), ('a', 3), ('a', 5)], 'late': [(5, 20, {'r0'})], 'suppressed': 2}


@case
def a_limit_by_another_key_counts_over_the_rules_keys():
    limit = (2, ['c'], 10 * SECOND)
    return [source(), out(), rule('r0', X, limit=limit)], \
        {'s0': [rows((0, 'a', 1, 'x'), (1, 'b', 2, 'x'), (2, 'c', 3, 'x'), (3, 'a', 4, 'y'), (10, 'c', 5, 'x'), (10, 'c', 6, 'x'))]}, \
        {'a0': [('a', 1), ('b', 2), ('a', 4), ('c', 5)], 'suppressed': 2}


@case
def several_emits_are_one_firing_for_a_limit():
    r = rule('r0', X, limit=(1, ['k'], 10 * SECOND))
    r.emits.append(Emit('a0', [('tag', literal('r0', STR)), ('k', K), ('v', num(-1))]))
    return [source(), out(), r], {'s0': [rows((0, 'a', 1), (1, 'a', 2), (10, 'a', 3))]}, {'a0': [('a', 1), ('a', -1), ('a', 3), ('a', -1)]}


@case
def a_failing_consumer_has_no_effect_and_others_proceed():
    # The second row fails in the rule's emit: it does not count for the limit; the state takes it all the same.
    r = rule('r0', div(num(12), X), limit=(1, ['k'], 10 * SECOND))
    return [source(), out(), counter(), r, rule('r1', field('p0'))], {'s0': [rows((0, 'a', 0), (1, 'a', 4), (2, 'a', 3))]}, \
        {'a0': [('a', 0), ('a', 3), ('a', 1), ('a', 2)], 'bad': [('r0', 0, 'DIV_ZERO')]}


@case
def a_failing_assignment_leaves_the_whole_record():
    fields = [('n', INT, False, num(0)), ('q', INT, False, num(0))]
    on = On('s0', None, [('n', arith('+', field('p0'), num(1))), ('q', div(num(6), X))])
    return [source(), out(), State('p0', ['k'], 100 * SECOND, fields, [on]), rule('r0', field('p0'))], \
        {'s0': [rows((0, 'a', 1), (1, 'a', 0), (2, 'a', 1))]}, {'a0': [('a', 0), ('a', 1), ('a', 1)], 'bad': [('p0', 1, 'DIV_ZERO')]}


@case
def an_aligned_window_is_judged_when_it_closes():
    w = Window('tumbling', 10 * SECOND)
    return [source(delay=5), out(), rule('r0', COUNT, window=w, when=cmp('>', COUNT, num(1)))], \
        {'s0': [rows((1, 'b'), (1, 'a'), (9, 'a'), (8, 'b'), (14.9, 'a'), (9.9, 'b'), (15, 'a'), (9.9, 'b'))]}, \
        {'a0': [('a', 2), ('b', 3), ('a', 2)], 'late': [(7, 10, {'r0'})]}


@case
def a_row_counts_in_the_hopping_windows_still_open():
    # At watermark 10 the windows up to [0, 10) are closed: the row of time 8 counts in [5, 15) only.
    w = Window('hopping', 10 * SECOND, 5 * SECOND)
    return [source(), out(), rule('r0', COUNT, window=w)], {'s0': [rows((1, 'a'), (10, 'a'), (8, 'a'))]}, \
        {'a0': [('a', 1), ('a', 1), ('a', 2), ('a', 1)], 'late': [(2, 10, {'r0'})]}


@case
def a_session_ends_where_the_gap_is_reached():
    w = Window('session', 5 * SECOND)
    return [source(delay=10), out(), rule('r0', COUNT, window=w)], \
        {'s0': [rows((0, 'a'), (8, 'a'), (4, 'a'), (13, 'a'), (17.5, 'a'))]}, {'a0': [('a', 3), ('a', 2)]}


@case
def a_limit_of_a_closing_rule_goes_by_the_windows_ends():
    w = Window('tumbling', 10 * SECOND)
    return [source(), out(), rule('r0', COUNT, window=w, limit=(1, ['k'], 20 * SECOND))], \
        {'s0': [rows((0, 'a'), (10, 'a'), (20, 'a'), (21, 'a'), (30, 'a'))]}, {'a0': [('a', 1), ('a', 2)], 'suppressed': 2}


@case
def emitted_rows_are_rows_after_their_trigger():
    # The rule on a0 sees p0 with the trigger in it; p1, on a0, as of before the emitted row; r2 on s0 sees p1 without its own row.
    return [source(), out(), out('a1'), counter('p0'), counter('p1', on='a0'), rule('r0', X, when=cmp('>', X, num(0))),
            rule('r1', arith('+', arith('*', field('p0'), num(10)), field('p1')), on='a0', to='a1'),
            rule('r2', arith('+', field('p1'), num(100)), to='a1')], \
        {'s0': [rows((0, 'a', 1), (1, 'a', 0), (2, 'a', 2))]}, \
        {'a0': [('a', 1), ('a', 2)], 'a1': [('a', 100), ('a', 10), ('a', 101), ('a', 101), ('a', 31)]}


@case
def what_a_close_emits_is_a_row_of_the_windows_last_microsecond():
    # r0 closes [0, 10) for a, then b; p0 counts the rows of a0; r1 reads it at 10 and at 21, with two closes of a before.
    w = Window('tumbling', 10 * SECOND)
    return [source(), out(), out('a1'), rule('r0', COUNT, window=w), counter('p0', on='a0'), rule('r1', field('p0'), to='a1')], \
        {'s0': [rows((9, 'b'), (9.5, 'a'), (10, 'a'), (21, 'a'))]}, \
        {'a0': [('a', 1), ('b', 1), ('a', 1), ('a', 1)], 'a1': [('b', 0), ('a', 0), ('a', 1), ('a', 2)]}


@case
def a_window_over_emitted_rows_refuses_none():
    g = Group('g0', 'a0', ['k'], Window('tumbling', 5 * SECOND), [('k', K), ('v', aggregate(Agg('sum', column('v', INT, True))))], None,
              [('k', STR, False), ('v', INT, True)])
    return [source(delay=4), out(), rule('r0', X), g], {'s0': [rows((3, 'a', 1), (9, 'a', 2), (5, 'a', 4), (4.5, 'a', 8))]}, \
        {'a0': [('a', 1), ('a', 4), ('a', 2)], 'g0': [('a', 1), ('a', 6)], 'late': [(3, 5, {'r0'})]}


@case
def a_shadow_rule_sends_nothing():
    return [source(), out(), rule('r0', X, shadow=True), rule('r1', num(7), when=cmp('=', X, num(2)))], \
        {'s0': [rows((0, 'a', 1), (1, 'a', 2))]}, {'a0': [('a', 7)], 'fired': 3}


@case
def a_sliding_group_gives_a_row_for_each():
    g = Group('g0', 's0', ['k'], sliding(5), [('k', K), ('v', aggregate(Agg('sum', X)))], None, [('k', STR, False), ('v', INT, False)])
    return [source(), g], {'s0': [rows((0, 'a', 1), (4, 'a', 2), (5, 'a', 4))]}, {'g0': [('a', 1), ('a', 3), ('a', 6)]}


@case
def first_and_last_go_by_position_and_leave_null_out():
    y = column('y', INT, True)
    data = [rows((3, 'a'), (1, 'a'), (2, 'a'), (4, 'a'))]
    for row, v in zip(data[0], (3, None, 2, None)):
        row['y'] = v
    return [source(delay=9), out(), rule('r0', aggregate(Agg('last', y)), window=sliding(2))], {'s0': data}, \
        {'a0': [('a', None), ('a', 2), ('a', 3), ('a', 3)]}


def check(name, made):
    decls, data, want = made
    prog = Program(decls, data)
    m = Model(prog)
    bad = []
    for sink in ('a0', 'a1', 'g0'):
        got = [(r['k'], r['v']) for r in m.sinks.get(sink, [])]
        if got != want.get(sink, []):
            bad.append('%s is %s, expected %s' % (sink, got, want.get(sink, [])))
    late = [(x.row['id'], (x.watermark - BASE) / SECOND, x.must) for x in m.late['s0']]
    if late != want.get('late', []):
        bad.append('late is %s, expected %s' % (late, want.get('late', [])))
    failed = [(c, at[2], code) for (c, at), b in m.bad.items() for code in b.codes]
    if failed != want.get('bad', []):
        bad.append('failed is %s, expected %s' % (failed, want.get('bad', [])))
    for what in ('fired', 'suppressed'):
        if what in want and sum(getattr(m, what).values()) != want[what]:
            bad.append('%s is %s, expected %d' % (what, getattr(m, what), want[what]))
    return prog, bad


def main():
    runner = run.Runner(sys.argv[1]) if len(sys.argv) > 1 else None
    failed = 0
    for name, f in CASES:
        prog, bad = check(name, f())
        if runner and not bad:
            bad = ['Weir, ' + x for x in run.differences(runner, prog, run.JIT)]
        failed += bool(bad)
        print('%s model: %s' % ('FAIL' if bad else 'ok', name))
        for x in bad:
            print('  ' + x)
    if runner:
        runner.close()
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
