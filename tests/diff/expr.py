"""expr.py -- Weir expressions with their text and, independently of Weir, their value.

An expression is an N: a type, operands, how it is written and what it gives. Values are plain Python:
int for int, timestamp and duration (microseconds) and for decimal (value * 10^scale), float, str, bool,
list, dict; None is null and an Err is an error. Rules: docs/language.md, "errors are values", null in,
null out, half-even, exact decimals, no NaN, infinity or -0.0. UNKNOWN is what the library gives: it is
not computed here, and an expression that holds one is compared between the compilers only.
"""
import datetime
import fractions
import math
import re

I64_MAX = 2**63 - 1
I64_MIN = -2**63
TS_LOW = -62135596800 * 10**6
TS_HIGH = 253402300800 * 10**6 - 1
INT, FLOAT, BOOL, STR, TS, DUR, ENUM, LIST, MAP = (
    (k, 0) for k in ('int', 'float', 'bool', 'string', 'timestamp', 'duration', 'Color', 'list<int>', 'map<string, float>'))
MEMBERS = ['red', 'green', 'blue', 'dark "x" \\ green', 'ünï ??/']

OR, AND, NOT, CMP, ADD, MUL, UNARY, POSTFIX = range(1, 9)     # how tightly a text binds


def dec(scale):
    return ('decimal', scale)


def type_text(t):
    return 'decimal(%d)' % t[1] if t[0] == 'decimal' else t[0]


class Err:
    def __init__(self, code):
        self.code = code

    def __repr__(self):
        return 'error ' + self.code


class Fail(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Unknown(Exception):
    """The value comes out of the library."""


class N:
    """t: type; kids: operands; write(texts) gives text; prec: how it binds, needs: how operands must;
    eval(kids, row) gives the value."""

    def __init__(self, t, kids, write, prec, needs, run, literal=False, column=None):
        self.t, self.kids, self.write, self.prec, self.run = t, list(kids), write, prec, run
        self.needs = needs if isinstance(needs, list) else [needs] * len(self.kids)
        self.literal = literal
        self.column = column
        self.parens = False

    def eval(self, row):
        return self.run(self.kids, row)

    def text(self):
        parts = []
        for kid, need in zip(self.kids, self.needs):
            s = kid.text()
            parts.append('(' + s + ')' if kid.prec < need or kid.parens else s)
        return self.write(*parts)

    def copy(self, kids=None):
        n = N(self.t, kids if kids is not None else [k.copy() for k in self.kids], self.write, self.prec, self.needs, self.run,
              self.literal, self.column)
        n.parens = self.parens
        return n


# ---- kinds of evaluation ----

def strict(f):
    """All operands first; an error of the first wins, then null, then f."""
    def run(kids, row):
        vals = [k.eval(row) for k in kids]
        for v in vals:
            if isinstance(v, Err):
                return v
        if any(v is None for v in vals):
            return None
        try:
            return f(*vals)
        except Fail as e:
            return Err(e.code)
    return run


def and_or(decides):
    def two(a, b):
        for v in (a, b):
            if v is decides:
                return decides
        for v in (a, b):
            if isinstance(v, Err):
                return v
        return None if a is None or b is None else not decides
    return two


three_and, three_or = and_or(False), and_or(True)


def three_not(v):
    return v if v is None or isinstance(v, Err) else not v


def equal(a, b, same):
    if isinstance(a, Err):
        return a
    if isinstance(b, Err):
        return b
    return None if a is None or b is None else same(a, b)


# ---- numbers ----

def fit(v):
    if not I64_MIN <= v <= I64_MAX:
        raise Fail('OVERFLOW')
    return v


def fit_ts(v):
    if not TS_LOW <= fit(v) <= TS_HIGH:
        raise Fail('TIME_RANGE')
    return v


def fix(x):
    if x != x:
        raise Fail('NAN')
    if math.isinf(x):
        raise Fail('OVERFLOW')
    return 0.0 if x == 0 else x


def half_even(q):
    return round(q)                       # of a Fraction: half to even, exact


def rescale(v, a, b):
    return fit(v * 10**(b - a) if b >= a else half_even(fractions.Fraction(v, 10**(a - b))))


def trunc_div(a, b):
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def trunc_mod(a, b):
    return a - b * trunc_div(a, b)


def to_float(v, t):
    if t[0] == 'decimal':
        return float(fractions.Fraction(v, 10**t[1]))
    return float(v)


def float_op(op):
    def f(a, b):
        if op in '/%' and b == 0:
            raise Fail('DIV_ZERO')
        try:
            x = a + b if op == '+' else a - b if op == '-' else a * b if op == '*' else a / b if op == '/' else math.fmod(a, b)
        except OverflowError:
            raise Fail('OVERFLOW')
        return fix(x)
    return f


def exact_op(op, ta, tb, t):
    """int, decimal and times: everything that is an integer inside."""
    check = fit_ts if t == TS else fit

    def f(a, b):
        if op == '*':
            sa, sb = (x[1] if x[0] == 'decimal' else 0 for x in (ta, tb))
            return rescale_product(a * b, sa + sb, t[1])
        if op in '/%' and b == 0:
            raise Fail('DIV_ZERO')
        return check(a + b if op == '+' else a - b if op == '-' else trunc_mod(a, b))
    return f


def arith_run(op, ta, tb, t):
    """Decimals take the result's scale first, but for a product: that can fail like an operand."""
    f = exact_op(op, ta, tb, t)

    def conv(v, have):
        if v is None or isinstance(v, Err) or t[0] != 'decimal' or op == '*':
            return v
        try:
            return rescale(v, have[1] if have[0] == 'decimal' else 0, t[1])
        except Fail as e:
            return Err(e.code)

    def run(kids, row):
        vals = [conv(k.eval(row), have) for k, have in zip(kids, (ta, tb))]
        return strict(f)([Value(v) for v in vals], row)
    return run


class Value:
    def __init__(self, v):
        self.v = v

    def eval(self, row):
        return self.v


def rescale_product(v, have, want):
    return rescale(v, have, want) if have != want else fit(v)


# ---- text of values ----

def float_text(x):
    if x == 0:
        return '0.0'
    sign, digits = ('-', repr(-x)) if x < 0 else ('', repr(x))
    mantissa, _, e = digits.partition('e')
    whole, _, frac = mantissa.partition('.')
    exp = int(e or 0) + len(whole) - 1
    all_digits = whole + frac
    stripped = all_digits.lstrip('0')
    exp -= len(all_digits) - len(stripped)
    d = stripped.rstrip('0')
    if exp < -5 or exp > 15:
        return sign + d[0] + ('.' + d[1:] if len(d) > 1 else '') + 'e%d' % exp
    if exp < 0:
        return sign + '0.' + '0' * (-exp - 1) + d
    return sign + d[:exp + 1].ljust(exp + 1, '0') + '.' + (d[exp + 1:] or '0')


def dec_text(v, scale):
    if scale == 0:
        return str(v)
    s = str(abs(v)).rjust(scale + 1, '0')
    return ('-' if v < 0 else '') + s[:-scale] + '.' + s[-scale:]


def ts_text(v):
    days, rest = divmod(v, 86400 * 10**6)
    seconds, micro = divmod(rest, 10**6)
    day = datetime.date.fromordinal(days + 719163)
    text = '%04d-%02d-%02dT%02d:%02d:%02d' % (day.year, day.month, day.day, seconds // 3600, seconds // 60 % 60, seconds % 60)
    return text + (('.%06d' % micro).rstrip('0') if micro else '') + 'Z'


def dur_text(v):
    if v == 0:
        return '0s'
    text, rest = '-' if v < 0 else '', abs(v)
    for unit, us in (('d', 86400 * 10**6), ('h', 3600 * 10**6), ('m', 60 * 10**6), ('s', 10**6), ('ms', 1000), ('us', 1)):
        count, rest = divmod(rest, us)
        if count:
            text += '%d%s' % (count, unit)
    return text


def json_text(s):
    out = '"'
    for c in s:
        known = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r', '\b': '\\b', '\f': '\\f'}.get(c)
        out += known or ('\\u%04x' % ord(c) if ord(c) < 32 else c)
    return out + '"'


def value_text(v, t):
    """As string(x) gives it."""
    kind = t[0]
    if kind == 'bool':
        return 'true' if v else 'false'
    if kind == 'float':
        return float_text(v)
    if kind == 'decimal':
        return dec_text(v, t[1])
    if kind == 'timestamp':
        return ts_text(v)
    if kind == 'duration':
        return dur_text(v)
    if t == LIST:
        return '[' + ','.join(str(x) for x in v) + ']'
    if t == MAP:
        return '{' + ','.join(json_text(k) + ':' + float_text(x) for k, x in v.items()) + '}'
    return str(v)


NUMBER = re.compile(r'([+-]?)(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?\Z', re.ASCII)


def parse_number(s):
    m = NUMBER.match(s)
    if not m or not (m.group(2) or m.group(3)):
        raise Fail('CAST')
    sign, whole, frac, e = m.groups()
    frac = frac or ''
    v = fractions.Fraction(int((whole + frac) or 0)) * fractions.Fraction(10)**max(-2000, min(2000, int(e or 0) - len(frac)))
    return -v if sign == '-' else v


def parse_scaled(s, scale):
    v = parse_number(s) * 10**scale
    if v.denominator != 1:
        raise Fail('CAST')
    return fit(v.numerator)


def parse_float(s):
    if not NUMBER.match(s):
        raise Fail('CAST')
    parse_number(s)
    v = float(s)
    if math.isinf(v):
        raise Fail('OVERFLOW')
    return 0.0 if v == 0 else v


TIME = re.compile(r'(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?([Zz]|[+-]\d\d:\d\d)?)?\Z', re.ASCII)


def parse_ts(s):
    m = TIME.match(s)
    if not m:
        raise Fail('CAST')
    y, mo, d, h, mi, sec, frac, zone = m.groups()
    try:
        days = datetime.date(int(y), int(mo), int(d)).toordinal() - 719163
    except ValueError:
        raise Fail('TIME_RANGE' if int(y) == 0 else 'CAST')
    if int(h or 0) > 23 or int(mi or 0) > 59 or int(sec or 0) > 59:
        raise Fail('CAST')
    v = ((days * 24 + int(h or 0)) * 60 + int(mi or 0)) * 60 + int(sec or 0)
    if zone and zone not in 'Zz':
        if int(zone[1:3]) > 23 or int(zone[4:6]) > 59:
            raise Fail('CAST')
        v -= (-1 if zone[0] == '-' else 1) * (int(zone[1:3]) * 60 + int(zone[4:6])) * 60
    v = v * 10**6 + int(((frac or '') + '000000')[:6])
    if not TS_LOW <= v <= TS_HIGH:
        raise Fail('TIME_RANGE')
    return v


DURATION = re.compile(r'-?(\d+(us|ms|s|m|h|d|w))+\Z', re.ASCII)
UNIT = {'us': 1, 'ms': 1000, 's': 10**6, 'm': 60 * 10**6, 'h': 3600 * 10**6, 'd': 86400 * 10**6, 'w': 7 * 86400 * 10**6}


def parse_dur(s):
    if not DURATION.match(s):
        raise Fail('CAST')
    v = sum(int(n) * UNIT[u] for n, u in re.findall(r'(\d+)(us|ms|s|m|h|d|w)', s))
    return fit(-v if s[0] == '-' else v)


def parse_word(s, words):
    if s not in words:
        raise Fail('CAST')
    return words[s] if isinstance(words, dict) else s


def cast_value(v, a, b):
    """Value v of type a as type b."""
    scale = a[1] if a[0] == 'decimal' else 0
    if a == b:
        return v
    if b == STR:
        return value_text(v, a)
    if a == STR:
        return {'int': lambda: parse_scaled(v, 0), 'decimal': lambda: parse_scaled(v, b[1]), 'float': lambda: parse_float(v),
                'bool': lambda: parse_word(v, {'true': True, 'false': False}), 'timestamp': lambda: parse_ts(v),
                'duration': lambda: parse_dur(v), 'Color': lambda: parse_word(v, MEMBERS)}[b[0]]()
    if b == BOOL:
        return v != 0
    if b == FLOAT:
        return to_float(int(v) if a == BOOL else v, a)
    if a == FLOAT:
        return fit(half_even(fractions.Fraction(v) * 10**b[1])) if b[0] == 'decimal' else fit(int(v))
    if b == INT:
        return trunc_div(int(v), 10**scale)
    return rescale(int(v), scale, b[1])


# ---- like ----

def like(s, pattern):
    out, i = '', 0
    while i < len(pattern):
        c = pattern[i]
        if c == '\\' and i + 1 < len(pattern):
            i += 1
            out += re.escape(pattern[i])
        else:
            out += '.*' if c == '%' else '.' if c == '_' else re.escape(c)
        i += 1
    return re.compile(out + r'\Z', re.S).match(s) is not None
