"""Clients that join and never read again, with receive buffers of a page: Node cannot set those.

Arguments: host and ports. Each line of stdin is a cookie; an empty one ends the list. Says "deaf" when all have joined, and leaves when stdin
is closed.
"""

import socket
import sys

RECEIVE_BYTES = 4096
# Of an Ethernet link: on loopback a segment of 64 KiB would make the sender's buffer forty times as large.
SEGMENT_BYTES = 1400


def text_frame(text):
    payload = text.encode()
    return bytes([0x81, 0x80 | len(payload)]) + bytes(4) + payload


def join(host, port, cookie):
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
    link.settimeout(30)
    link.connect((host, port))
    head = [
        "GET /realtime/?EIO=4&transport=websocket HTTP/1.1",
        f"host: {host}",
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
        f"cookie: {cookie}",
    ]
    link.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
    read_until(link, b'"sid":"')
    link.sendall(text_frame('40/tenant,{"portal":"dm"}'))
    read_until(link, b"presence:snapshot")
    return link


def read_until(link, word):
    read = b""
    while word not in read:
        chunk = link.recv(4096)
        if not chunk:
            sys.exit(f"closed after {read[:300]}")
        read += chunk


def main():
    host, *ports = sys.argv[1:]
    cookies = []
    for line in sys.stdin:
        if not line.strip():
            break
        cookies.append(line.strip())
    links = [join(host, int(ports[at % len(ports)]), cookie) for at, cookie in enumerate(cookies)]
    print("deaf", len(links), flush=True)
    sys.stdin.read()


main()
