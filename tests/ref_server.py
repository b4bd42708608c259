#!/usr/bin/python3
"""ref_server.py FOLDER: a file server with bad manners, for the tests of ref-fetch.

Listens on two free ports of 127.0.0.1 and writes them to FOLDER/ports; every request is a line of
FOLDER/requests: port number (1 or 2), method, path, Range, "token" if there was an Authorization.
Serves FOLDER/files. /MODE/NAME is the file NAME, with the manners of MODE (see 'serve').
"""
import hashlib
import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[1]
PORTS = []
COUNTS = {}
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self):
        token = "token" if self.headers.get("Authorization") else "-"
        with LOCK, open(os.path.join(FOLDER, "requests"), "a") as log:
            number = PORTS.index(self.server.server_port) + 1
            log.write(f"{number} {self.command} {self.path} {self.headers.get('Range', '-')} {token}\n")
            COUNTS[self.path] = COUNTS.get(self.path, 0) + 1
            return COUNTS[self.path]

    def head(self, status, length, **headers):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def say(self, status, value, **headers):
        body = json.dumps(value).encode()
        self.head(status, len(body), **headers)
        self.wfile.write(body)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_CONNECT(self):
        self.note()
        self.head(502, 0)

    def do_POST(self):
        self.note()
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("Authorization") != "Bearer good-token":
            return self.say(401, {"reason": "no"})
        handle = asked["requestedFiles"][0]["fileHandleId"]
        if handle == "77":
            return self.say(200, {"requestedFiles": [{"failureCode": "UNAUTHORIZED"}]})
        if handle == "78":
            return self.say(200, {"requestedFiles": [{"failureCode": "NOT_FOUND"}]})
        data = self.read("small.h5ad")
        self.say(200, {"requestedFiles": [{
            "fileHandleId": handle,
            "preSignedURL": f"http://127.0.0.1:{PORTS[1]}/ok/small.h5ad?X-Amz-Signature=hush",
            "fileHandle": {"fileName": "atlas.h5ad", "contentSize": len(data),
                           "contentMd5": hashlib.md5(data).hexdigest()}}]})

    def entity(self, name):
        if self.headers.get("Authorization") != "Bearer good-token":
            return self.say(401, {"reason": "no"})
        if name == "syn403":
            return self.say(403, {"reason": "no"})
        if name == "syn307":
            return self.head(307, 0, Location=f"http://127.0.0.1:{PORTS[1]}/repo/v1/entity/syn1")
        if name == "syn79":
            return self.say(200, {"id": name, "concreteType": "Folder"})
        self.say(200, {"id": name, "dataFileHandleId": {"syn77": "77", "syn78": "78"}.get(name, "1")})

    def read(self, name):
        with open(os.path.join(FOLDER, "files", os.path.basename(name)), "rb") as file:
            return file.read()

    def do_GET(self):
        times = self.note()
        path = self.path.split("?")[0]
        parts = path.strip("/").split("/")
        if path.startswith("/repo/v1/entity/"):
            return self.entity(parts[-1])
        try:
            data = self.read(parts[-1])
        except OSError:
            return self.head(404, 0)
        try:
            self.serve(parts[0], data, times)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def serve(self, mode, data, times):
        etag = '"' + hashlib.sha1(data).hexdigest() + '"'
        start = 0
        if mode == "changed":  # another version each time
            data = bytes([times % 256]) + data[1:]
            etag = f'"{times}"'
        if mode == "weak":
            etag = 'W/"1"'
        if mode == "wrong" or (mode == "wrongonce" and times == 1):
            data = data[:-1] + bytes([data[-1] ^ 1])
        if mode in ("busy", "broken", "down") and (times < 3 or mode == "down"):
            return self.head(429 if mode == "busy" else 500, 0,
                             **({"Retry_After": "1"} if mode == "busy" else {}))
        if mode in ("401", "403", "404", "410", "400"):
            return self.head(int(mode), 0)
        if mode == "away":
            return self.head(302, 0, Location=f"http://127.0.0.1:{PORTS[1]}/ok/{self.path.split('/')[-1]}")
        if mode == "loop":
            return self.head(302, 0, Location=self.path)
        if mode == "outside":
            return self.head(302, 0, Location="http://example.invalid/file")
        if mode == "outoflist":
            return self.head(302, 0, Location="file:///etc/passwd")
        if mode == "page":  # what a portal sends for everything
            data = b"\n<!DOCTYPE HTML><html><body>Please sign in</body></html>"
        if mode == "s3":
            etag = '"' + "0" * 32 + '"'
        wanted = self.headers.get("Range")
        same = self.headers.get("If-Range") in (None, etag)
        if wanted and same and mode != "norange":
            start = int(wanted.split("=")[1].split("-")[0])
            if start >= len(data):
                return self.head(416, 0, Content_Range=f"bytes */{len(data)}")
        if mode == "lyingrange" and wanted:
            start = start + 1
        headers = {"ETag": etag}
        if mode == "s3":
            headers["Server"] = "AmazonS3"
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        body = data[start:]
        length = len(body)
        if mode == "long":
            length += 1000
        if mode == "short":
            length -= 10
        if mode == "nolength":
            length = None
            headers["Connection"] = "close"
        self.head(206 if start else 200, length, **headers)
        half = len(body) // 2
        if mode in ("cut", "norange", "weak", "changed", "lyingrange") and times < 4 or mode == "cutalways":
            self.wfile.write(body[:half])
            return self.hang_up()
        if mode == "drip" and times == 1:  # half of it, then silence
            self.wfile.write(body[:half])
            self.wfile.flush()
            time.sleep(60)
            return self.hang_up()
        if mode == "halt" and times == 1:  # half of it, and no end
            self.wfile.write(body[:half])
            self.wfile.flush()
            time.sleep(600)
            return self.hang_up()
        if mode == "slow":
            for at in range(0, len(body), 1 << 16):
                self.wfile.write(body[at:at + (1 << 16)])
                time.sleep(0.02)
            return None
        self.wfile.write(body)
        if mode in ("long", "short", "nolength"):
            self.hang_up()
        return None


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):  # clients hang up here on purpose
        pass


servers = [Server(("127.0.0.1", 0), Handler) for _ in range(2)]
PORTS.extend(s.server_port for s in servers)
threading.Thread(target=servers[1].serve_forever, daemon=True).start()
with open(os.path.join(FOLDER, "ports.new"), "w") as out:
    out.write(f"{PORTS[0]} {PORTS[1]}\n")
os.rename(os.path.join(FOLDER, "ports.new"), os.path.join(FOLDER, "ports"))
servers[0].serve_forever()
