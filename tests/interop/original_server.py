"""The original's server on the wire: `python original_server.py --cert cert.pem --key key.pem [--port 0]`.

Broadcasts each CHAT_MESSAGE, byte for byte as it came, to everyone but its sender, acknowledges it, and
answers bad order with CHAT_ERROR and a close. Like the original's code, and unlike its documentation, it
does not recognise a duplicate. `--deaf N` leaves the first N messages of each connection unanswered and
unrelayed, so that a test sees a client resend.

Events on standard output: listening {port}; pdu {from, pdu}; bad-chunk {from, says, chunk}; left {from}.
It ends at the end of its standard input.
"""

import argparse
import asyncio
import sys
from typing import Any

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamDataReceived

from original_wire import ALPN, ChunkReader, encode, pdu, tell


class OriginalSession(QuicConnectionProtocol):
    """INIT --HELLO--> CONNECTED --BYE--> CLOSED; anything before HELLO, or a second one, is ERROR."""

    everyone: set["OriginalSession"] = set()
    deaf_messages = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name: str | None = None
        self._stream = 0
        self._unheard = OriginalSession.deaf_messages
        self._reader = ChunkReader(
            lambda says, chunk: tell(
                "bad-chunk", **{"from": self._name}, says=says, chunk=chunk.decode("utf-8", "replace")[:400]
            )
        )

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived):
            self._stream = event.stream_id
            if event.data:
                value = self._reader.take(event.data)
                if value is not None:
                    tell("pdu", **{"from": self._name}, pdu=value)
                    self._handle(value, event.data)
        elif isinstance(event, ConnectionTerminated):
            self.everyone.discard(self)
            tell("left", **{"from": self._name})

    def write(self, data: bytes) -> None:
        self._quic.send_stream_data(self._stream, data)
        self.transmit()

    def _broadcast(self, data: bytes) -> None:
        for other in self.everyone:
            if other is not self:
                other.write(data)

    def _fail(self, says: str) -> None:
        self.write(encode(pdu("CHAT_ERROR", 0, code=400, msg=says)))
        self._leave()

    def _leave(self) -> None:
        self.everyone.discard(self)
        # The stream's data must be on its way before the close overtakes it.
        asyncio.get_running_loop().call_later(0.05, self.close)

    def _handle(self, value: dict[str, Any], data: bytes) -> None:
        kind = value.get("type")
        if (kind == "CHAT_HELLO") != (self._name is None):
            self._fail("HELLO comes first, and once")
        elif kind == "CHAT_HELLO":
            self._name = str(value.get("name"))
            self.everyone.add(self)
            self.write(encode(pdu("CHAT_WELCOME", 1, server="QUICCHAT-server")))
        elif kind == "CHAT_MESSAGE":
            if self._unheard > 0:
                self._unheard -= 1
                return
            self.write(encode(pdu("CHAT_RECEIPT", value["seq"], ack=value["seq"])))
            self._broadcast(data)
        elif kind == "CHAT_TYPING":
            self._broadcast(data)
        elif kind == "CHAT_BYE":
            self._leave()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--deaf", type=int, default=0)
    args = parser.parse_args()
    configuration = QuicConfiguration(is_client=False, alpn_protocols=[ALPN])
    configuration.load_cert_chain(args.cert, args.key)
    OriginalSession.deaf_messages = args.deaf
    server = await serve(args.host, args.port, configuration=configuration, create_protocol=OriginalSession)
    # aioquic has no public way to ask for the port that the system chose.
    tell("listening", port=server._transport.get_extra_info("sockname")[1])
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    await commands.read()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
