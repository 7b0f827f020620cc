"""prom.py [FILE] -- checks a page of metrics against Prometheus' text format 0.0.4, strictly.

Every sample belongs to the family before it, families come once and in one piece, names and labels are
well-formed and their values escaped, no two samples have the same labels, counters end in _total and only
they do. Prints what is wrong and ends with 1; else prints nothing. As a module: parse(text) gives
{family: (type, {labels: value})} and a list of mistakes.
"""
import re
import sys

NAME = re.compile(r'[a-z_][a-z0-9_]*\Z')
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)\Z')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\Z)')
VALUE = re.compile(r'-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z')


def labels_of(text, wrong):
    found, at = [], 0
    while at < len(text):
        m = LABEL.match(text, at)
        if not m:
            wrong.append(f'labels: {text}')
            break
        found.append((m[1], m[2]))
        at = m.end()
    if len({name for name, _ in found}) != len(found):
        wrong.append(f'a label twice: {text}')
    return tuple(sorted(found))


def parse(text):
    families, wrong, helped, current = {}, [], None, None
    if text and not text.endswith('\n'):
        wrong.append('the last line has no end')
    for line in text.split('\n')[:-1]:
        if line.startswith('# HELP '):
            helped, current = line.split(' ', 3)[2], None
            if len(line.split(' ', 3)) < 4:
                wrong.append(f'no help: {line}')
        elif line.startswith('# TYPE '):
            _, _, name, kind = line.split(' ')
            if name in families or name != helped or not NAME.match(name) or not name.startswith('weir_'):
                wrong.append(f'family: {line}')
            if (kind == 'counter') != name.endswith('_total') or kind not in ('counter', 'gauge'):
                wrong.append(f'type: {line}')
            families[name] = (kind, {})
            current = name
        else:
            m = SAMPLE.match(line)
            if not m or m[1] != current or not VALUE.match(m[3]):
                wrong.append(f'sample: {line}')
                continue
            labels = labels_of(m[2] or '', wrong)
            if labels in families[current][1]:
                wrong.append(f'twice: {line}')
            if families[current][0] == 'counter' and m[3].startswith('-'):
                wrong.append(f'a counter below 0: {line}')
            families[current][1][labels] = float(m[3])
    return families, wrong


if __name__ == '__main__':
    page = open(sys.argv[1], encoding='utf-8').read() if len(sys.argv) > 1 else sys.stdin.read()
    found, mistakes = parse(page)
    if not found:
        mistakes.append('no family at all')
    print('\n'.join(mistakes), end='\n' if mistakes else '')
    sys.exit(1 if mistakes else 0)
