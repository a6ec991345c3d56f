"""A provider of embeddings in a process of its own, as OpenAI's protocol has it: ``python -m ... PORT``."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from retrieval.embedders.hashing import HashingEmbedder

DIMENSIONS = 64
EMBEDDER = HashingEmbedder(DIMENSIONS)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vectors = EMBEDDER.embed_passages(asked["input"])
        data = [{"object": "embedding", "index": at, "embedding": row.tolist()} for at, row in enumerate(vectors)]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        body = json.dumps({"object": "list", "model": "hashing", "data": data, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()
