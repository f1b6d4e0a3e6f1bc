"""One user of the chat on python-socketio, led by lines of JSON: requests on standard input, what happens on standard output.

Arguments: address, cookie, portal, transports (comma list). Requests: {"event": …, "payload": …}, answered by
{"ack": …}; every event that arrives is told as {"event": …, "payload": …}, a change of the link as {"link": …}.
"""

import asyncio
import json
import sys

import socketio


def tell(**what):
    print(json.dumps(what), flush=True)


async def lines_of(stream):
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    while line := await reader.readline():
        yield json.loads(line)


async def main(address, cookie, portal, transports):
    namespace = "/manage" if portal == "manage" else "/tenant"
    client = socketio.AsyncClient(reconnection=False)

    @client.on("*", namespace=namespace)
    async def on_event(event, payload):
        tell(event=event, payload=payload)

    @client.event(namespace=namespace)
    async def connect():
        tell(link="connected", transport=client.transport())

    @client.event(namespace=namespace)
    async def connect_error(data):
        tell(link="refused", error=data)

    @client.event(namespace=namespace)
    async def disconnect(reason):
        tell(link="disconnected", reason=reason)

    try:
        await client.connect(
            address,
            headers={"Cookie": cookie},
            auth={"portal": portal},
            transports=transports.split(","),
            namespaces=[namespace],
            socketio_path="/realtime",
        )
    except socketio.exceptions.ConnectionError as error:
        return tell(link="failed", error=str(error))
    async for request in lines_of(sys.stdin):
        ack = await client.call(request["event"], request["payload"], namespace=namespace, timeout=10)
        tell(ack=ack, transport=client.transport())
    await client.disconnect()


asyncio.run(main(*sys.argv[1:]))
