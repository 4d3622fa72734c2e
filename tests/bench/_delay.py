"""A network of our own between browser and server: every byte arrives later, none is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65_536


@contextmanager
def delayed(port: int, each_way: float) -> Iterator[int]:
    """A port that leads to `port`, so many seconds away in each direction."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def open_port() -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
            # Cancelled only when the bench is over.
            with suppress(asyncio.CancelledError):
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pass_on(reader, there_writer, each_way))
                    both.create_task(_pass_on(there_reader, writer, each_way))

        return await asyncio.start_server(serve, "127.0.0.1", 0)

    server = asyncio.run_coroutine_threadsafe(open_port(), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
) -> None:
    """In order, each piece `seconds` after it came; the end of the stream too."""
    loop = asyncio.get_running_loop()
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            when, piece = await on_the_way.get()
            await asyncio.sleep(max(0.0, when - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()

    delivery = asyncio.create_task(deliver())
    try:
        while piece := await reader.read(_CHUNK):
            on_the_way.put_nowait((loop.time() + seconds, piece))
        on_the_way.put_nowait((loop.time() + seconds, b""))
        await delivery
    except ConnectionError:
        delivery.cancel()
    finally:
        writer.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
