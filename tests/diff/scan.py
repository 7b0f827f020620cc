#!/usr/bin/env python3
"""scan.py FILE.c... -- is the generated C only what the emitter means to write?

Reads C on its own terms: comments, strings and character constants are taken out by the standard's
phases, without a compiler. What is left must hold no directive but the known ones, no inline assembly,
no pragma; every byte is printable ASCII or a newline, and strings know no escape but three octal digits.
"""
import re
import sys

LINE = re.compile(r'#line [0-9]{1,9} "[ !#-\[\]-~]*"\Z')
PROLOGUE = [re.compile(p) for p in (r'#ifndef WEIR_RT_H\Z', r'#include "weir/rt\.h"\Z', r'#endif\Z', r'#if WEIR_ABI != [0-9]+\Z',
                                    r'#error "generated for runtime ABI [0-9]+: generate it again"\Z')]
WORDS = re.compile(r'\b(asm|__asm|__asm__|_Pragma|__attribute__|__attribute|__builtin_\w+|goto|include|define|pragma|system|extern)\b')
EXTERN = re.compile(r'extern const wr_(connector|format|agg) wr_[a-z0-9_]+;\Z')


def directive(line, number, state):
    """None when a line that starts with # may stand there."""
    if LINE.match(line):
        return None
    for k, p in enumerate(PROLOGUE):
        if p.match(line) and state['directives'] < 6:
            state['directives'] += 1
            return None
    return 'line %d: unexpected directive %.60r' % (number, line)


def strip(text, complain):
    """The text without comments and with empty strings; lines stay where they are."""
    out, i, n, line = [], 0, len(text), 1
    while i < n:
        c = text[i]
        if c == '\n':
            line += 1
        if c == '#' and not text[text.rfind('\n', 0, i) + 1:i].strip():
            end = text.find('\n', i)     # a directive: as it is
            end = n if end < 0 else end
            out.append(text[i:end])
            i = end
        elif text.startswith('/*', i):
            end = text.find('*/', i + 2)
            if end < 0:
                complain('line %d: comment without an end' % line)
                break
            body = text[i + 2:end]
            if '/*' in body:
                complain('line %d: a comment starts inside a comment' % line)
            out.append(' ' + '\n' * body.count('\n'))
            line += body.count('\n')
            i = end + 2
        elif text.startswith('//', i):
            complain('line %d: a comment to the end of the line' % line)
            i += 2
        elif c == '"':
            m = re.compile(r'"((?:[ !#-\[\]-~]|\\[0-7]{3})*)"').match(text, i)
            if not m:
                complain('line %d: a string that is not plain: %.60r' % (line, text[i:i + 60]))
                i += 1
                continue
            out.append('""')
            i = m.end()
        elif c == "'":
            complain('line %d: a character constant' % line)
            i += 1
        else:
            out.append(c)
            i += 1
    return ''.join(out)


def scan(data):
    """What is wrong with the bytes of a generated file, as texts."""
    found = []
    for m in re.finditer(rb'[^\x20-\x7e\n]', data):
        found.append('byte %d: 0x%02x is no printable ASCII' % (m.start(), data[m.start()]))
        if len(found) > 5:
            break
    text = data.decode('latin-1')
    if '??' in text:
        found.append('a trigraph: %.60r' % text[text.index('??'):][:60])
    if re.search(r'\\\n', text):
        found.append('a backslash joins two lines')
    state = {'directives': 0}
    for k, line in enumerate(strip(text, found.append).split('\n')):
        if re.match(r'\s*(#|%:)', line):
            wrong = directive(line, k + 1, state)
            if wrong:
                found.append(wrong)
        elif not EXTERN.match(line):
            found += ['line %d: %s' % (k + 1, w) for w in WORDS.findall(line)]
            if '#' in line or '%:' in line or '\\' in line:
                found.append('line %d: %.60r' % (k + 1, line))
    return found


if __name__ == '__main__':
    bad = 0
    for path in sys.argv[1:]:
        for f in scan(open(path, 'rb').read()):
            bad = 1
            print('%s: %s' % (path, f))
    sys.exit(bad)
