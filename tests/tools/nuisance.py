"""nuisance.py SOCKET SECONDS -- bad clients of a control socket, for so long: garbage, requests without an
end, far too long ones, hundreds of connections that say nothing, replies that nobody reads, good requests
in single bytes. Ends with 1 when the run's server stops taking connections."""
import os
import random
import socket
import sys
import time


def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(2)
    s.connect(path)
    return s


def garbage(s):
    s.sendall(os.urandom(random.randrange(1, 5000)) + b'\n')


def wrong_json(s):
    s.sendall(b'set ' + random.choice([b'', b'[', b'{}', b'[1]', b'[null]', b'["a"', b'[""]', b'["="]', b'"least=1"',
                                       b'[' * 100000, b'["least=' + b'9' * 60000 + b'"]', b'["\\u0000=\\u0000"]']) + b'\n')


def too_long(s):
    try:
        for _ in range(100):
            s.sendall(b'x' * 4096)
    except OSError:                       # hung up on, as it should be
        pass


def unread(s):
    s.sendall(b'get json\n')


def single_bytes(s):
    for b in b'get\n':
        s.sendall(bytes([b]))
        time.sleep(0.001)
    s.recv(100)


def main():
    path, seconds = sys.argv[1], float(sys.argv[2])
    random.seed(7)
    end, silent = time.time() + seconds, []
    while time.time() < end:
        kind = random.choice([garbage, wrong_json, too_long, unread, single_bytes, None, None])
        try:
            s = connect(path)
            if kind is None:
                silent.append(s)
                silent[:-40] = []
                continue
            kind(s)
            s.close()
        except (BrokenPipeError, ConnectionResetError, socket.timeout, BlockingIOError):
            silent.clear()                # its patience with them is ours to wait for
    return 0


sys.exit(main())
