#!/usr/bin/python3
"""llm_server.py FOLDER: a chat-completions server that plays whatever part a test wants.

Listens on a free port of 127.0.0.1, writes it to FOLDER/port; each request is a line of FOLDER/requests: path, whether a
key came, and the body. The model's name is the part, or several parts joined by "+", one for each request in turn, the
last for all that follow (see 'answer').
"""
import json
import os
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[1]
LOCK = threading.Lock()
TURNS = {}


def of_schema(schema):
    p = schema["properties"]
    return p["label"]["enum"], p["genes"]["items"]["enum"]


def batch(request):
    """The schemas of the answers when several clusters are asked about at once, by number; else nothing."""
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {"properties": {}})
    return {k: v for k, v in schema["properties"].items() if k.isdigit()}


def choices(request):
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema")
    if batch(request):
        schema = batch(request)["1"]
    if schema:
        return of_schema(schema)
    lines = request["messages"][1]["content"].split("\n")
    labels = [x for x in lines if x.startswith("Admissible")][0].split(": ")[1].split("; ")
    genes = [x for x in lines if x.startswith("Marker")][0].split(": ")[1].split("; ")
    return [x.split(" (")[0] for x in labels], genes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def say(self, status, body, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reply(self, content, finish="stop", model=None, **message):
        self.say(200, {"model": model or self.asked["model"], "usage": {"prompt_tokens": 100, "completion_tokens": 20},
                       "choices": [{"finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}]})

    def trouble(self, status, message, code="x", **headers):
        self.say(status, {"error": {"message": message, "code": code}}, **headers)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked = json.loads(body)
        key = self.headers.get("Authorization", "-")
        parts = self.asked["model"].split("+")
        with LOCK, open(os.path.join(FOLDER, "requests"), "a") as log:
            log.write(f"{self.path}\t{'key' if key != '-' else '-'}\t{body}\n")
            turn = TURNS[self.asked["model"]] = TURNS.get(self.asked["model"], -1) + 1
        try:
            self.answer(parts[min(turn, len(parts) - 1)], key)
        except OSError:  # clients hang up here on purpose
            pass

    def answer(self, part, key):
        labels, genes = choices(self.asked)
        good = {"genes": genes[:2], "reason": "It is so.", "label": labels[0], "alternatives": labels[1:2]}
        all_good = {}
        for number, schema in batch(self.asked).items():
            its_labels, its_genes = of_schema(schema)
            all_good[number] = {"genes": its_genes[:2], "reason": "It is so.", "label": its_labels[0], "alternatives": []}
        if part == "good" and all_good:
            self.reply(json.dumps(all_good))
        elif part == "half" and all_good:  # the second answer is none, the last is missing
            all_good["2"]["label"] = "Batman"
            all_good.popitem()
            self.reply(json.dumps(all_good))
        elif part in ("good", "half"):
            self.reply(json.dumps(good))
        elif part == "fenced":
            self.reply("Here it is:\n```json\n" + json.dumps(good) + "\n```")
        elif part == "text":
            self.reply("I think these are T cells.")
        elif part == "cut":
            self.reply('{"genes": ["', finish="length")
        elif part == "refusal":
            self.reply(None, refusal="I cannot.")
        elif part == "filter":
            self.reply("", finish="content_filter")
        elif part == "outside":
            self.reply(json.dumps({**good, "label": "Batman"}))
        elif part == "nearly":
            self.reply(json.dumps({**good, "label": labels[0].upper()}))
        elif part == "invents":
            self.reply(json.dumps({**good, "genes": [genes[0], "GATA99"], "alternatives": ["Batman"]}))
        elif part == "declines":
            self.reply(json.dumps({**good, "label": "Unresolved"}))
        elif part == "seeded":
            self.reply(json.dumps({**good, "label": labels[self.asked["seed"] % 3 == 0]}))
        elif part == "busy":
            self.trouble(429, "slow down", Retry_After="1")
        elif part == "busydate":
            self.trouble(429, "slow down", Retry_After=formatdate(time.time() + 1, usegmt=True))
        elif part == "quota":
            self.trouble(429, "You exceeded your current quota", "insufficient_quota")
        elif part in ("500", "502", "503", "504", "529", "409", "408"):
            self.trouble(int(part), "later")
        elif part in ("401", "403", "404", "413"):
            self.trouble(int(part), f"no, not with {key}")
        elif part == "slow":
            time.sleep(5)
            self.reply(json.dumps(good))
        elif part == "drip":
            self.send_response_only(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(60):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.5)
        elif part == "hangup":
            self.send_response_only(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"choices": [')
            self.close_connection = True
        elif part == "long":
            self.reply("x" * (10 << 20))
        elif part == "deep":
            self.say(200, b'{"choices":' + b"[" * 100000 + b"]" * 100000 + b"}")
        elif part == "deepinside":
            self.reply('{"label":' + "[" * 100000 + "]" * 100000 + "}")
        elif part == "twice":
            self.reply('{"label": "a", "label": "b"}')
        elif part == "latin":
            self.say(200, b'{"choices": [{"message": {"content": "\xff\xfe"}}]}')
        elif part == "page":
            self.say(200, b"<html>Please sign in</html>")
        elif part == "empty":
            self.say(200, {"choices": []})
        elif part == "away":
            self.say(307, b"", Location="http://127.0.0.1:1/v1/chat/completions")
        elif part == "othermodel":
            self.reply(json.dumps(good), model="something\telse\u001b[31m")
        elif part == "echo":
            self.reply(json.dumps({**good, "reason": "key\u0000 \u001b[31mred\ttab\n" + "long " * 200}))
        elif part == "oldserver":
            if "response_format" in self.asked:
                return self.trouble(400, "response_format is not supported here")
            self.reply(json.dumps(good))
        elif part == "reasoner":
            if "max_tokens" in self.asked:
                return self.trouble(400, "Unsupported parameter: 'max_tokens', use 'max_completion_tokens'", "unsupported_parameter")
            if "temperature" in self.asked:
                return self.trouble(400, "'temperature' does not support 0 with this model", "unsupported_value")
            self.reply(json.dumps(good))
        elif part == "never":
            self.trouble(400, "I do not like your max_tokens, temperature, seed, schema")
        else:
            self.trouble(404, "no such part")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
with open(os.path.join(FOLDER, "port.new"), "w") as out:
    out.write(f"{server.server_port}\n")
os.rename(os.path.join(FOLDER, "port.new"), os.path.join(FOLDER, "port"))
server.serve_forever()
