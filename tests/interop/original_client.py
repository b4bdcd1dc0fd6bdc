"""The original's client on the wire, driven by a test: `python original_client.py --port 4433 --name ada`.

It says CHAT_HELLO by itself and does not wait for the answer (`--no-hello` leaves that to the commands).
Commands on standard input, one JSON object a line; end of input closes the connection:

    {"do": "send", "text": "hi"}                 a CHAT_MESSAGE with the next seq; "seq": 3 for that one
    {"do": "burst", "count": 200, "text": "b"}   as many messages, each flushed at once: "b 1", "b 2" …
    {"do": "typing", "status": true}
    {"do": "hello"}                              a CHAT_HELLO, again or late
    {"do": "pdu", "pdu": {...}}                  this object as it is
    {"do": "raw", "utf8": "..."}                 these bytes as they are; or "hex": "ff00"
    {"do": "bye", "reason": ""}                  a CHAT_BYE, and nothing else
    {"do": "close"}                              closes the connection and ends
    {"do": "counts"}                             asks for the event of that name

Events on standard output: connected; pdu {pdu}; bad-chunk {says, chunk}; stream-ended; counts {chunks,
errors}; closed {code, reason}, always last; failed {says} when there was no connection.
"""

import argparse
import asyncio
import json
import ssl
import sys
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamDataReceived

from original_wire import ALPN, ChunkReader, encode, pdu, tell


class OriginalClient(QuicConnectionProtocol):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reader = ChunkReader(
            lambda says, chunk: tell("bad-chunk", says=says, chunk=chunk.decode("utf-8", "replace")[:400])
        )
        self._stream = 0
        self._seq = 0
        self.name = ""

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived):
            if event.data:
                value = self._reader.take(event.data)
                if value is not None:
                    tell("pdu", pdu=value)
            if event.end_stream:
                tell("stream-ended")
        elif isinstance(event, ConnectionTerminated):
            self.tell_counts()
            tell("closed", code=event.error_code, reason=event.reason_phrase)

    def open_stream(self) -> None:
        self._stream = self._quic.get_next_available_stream_id()

    def write(self, data: bytes) -> None:
        """One write and a flush at once, which makes it a packet of its own."""
        self._quic.send_stream_data(self._stream, data)
        self.transmit()

    def tell_counts(self) -> None:
        tell("counts", chunks=self._reader.chunks, errors=self._reader.errors)

    def hello(self) -> None:
        self.write(encode(pdu("CHAT_HELLO", 0, name=self.name)))

    def message(self, text: str, seq: int | None) -> None:
        if seq is None:
            self._seq += 1
            seq = self._seq
        self.write(encode(pdu("CHAT_MESSAGE", seq, sender=self.name, text=text)))

    def obey(self, command: dict[str, Any]) -> None:
        match command["do"]:
            case "send":
                self.message(command["text"], command.get("seq"))
            case "burst":
                for n in range(1, command["count"] + 1):
                    self.message(f"{command['text']} {n}", None)
            case "typing":
                self.write(encode(pdu("CHAT_TYPING", 0, who=self.name, status=command["status"])))
            case "hello":
                self.hello()
            case "pdu":
                self.write(encode(command["pdu"]))
            case "raw":
                data = bytes.fromhex(command["hex"]) if "hex" in command else command["utf8"].encode("utf-8")
                self.write(data)
            case "bye":
                self.write(encode(pdu("CHAT_BYE", 0, reason=command.get("reason", ""))))
            case "counts":
                self.tell_counts()
            case other:
                raise ValueError(f"no such command: {other}")


async def commands(client: OriginalClient) -> None:
    """Obeys until the end of the input or a `close`."""
    lines = asyncio.StreamReader(limit=4 * 1024 * 1024)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        command = json.loads(line)
        if command["do"] == "close":
            return
        client.obey(command)


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4433)
    parser.add_argument("--name", required=True)
    parser.add_argument("--no-hello", action="store_true")
    args = parser.parse_args()
    configuration = QuicConfiguration(is_client=True, alpn_protocols=[ALPN], verify_mode=ssl.CERT_NONE)
    connected = False
    try:
        async with asyncio.timeout(10) as patience:
            async with connect(
                args.host, args.port, configuration=configuration, create_protocol=OriginalClient
            ) as client:
                patience.reschedule(None)
                assert isinstance(client, OriginalClient)
                connected = True
                client.name = args.name
                client.open_stream()
                tell("connected")
                if not args.no_hello:
                    client.hello()
                obeying = asyncio.create_task(commands(client))
                ended = asyncio.create_task(client.wait_closed())
                await asyncio.wait({obeying, ended}, return_when=asyncio.FIRST_COMPLETED)
                if obeying.done():
                    obeying.result()
                obeying.cancel()
    except (ConnectionError, TimeoutError) as error:
        if connected:
            raise
        tell("failed", says=str(error) or "no connection within 10 s")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
