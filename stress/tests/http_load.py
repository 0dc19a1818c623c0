#!/usr/bin/env python3
"""Scrapes a farm that is beset: http_load.py PORT [--seconds 60]

200 connections are open all the time: most say nothing, some drip a byte at a time, some send rubbish; whoever is cut off comes
again. Beside them 40 scrapes of /metrics a second. Prints the scrapes' times. Exit 1 if one failed.
"""
import argparse
import asyncio
import sys
import time

CONNECTIONS = 200
SCRAPES_PER_SECOND = 40


async def beset(port, number, end):
    while time.monotonic() < end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(1000):
                if time.monotonic() > end or reader.at_eof():
                    break
                if number % 4 == 1:
                    writer.write(b"G")
                if number % 4 == 2:
                    writer.write(b"\0\xff" * 500)
                await writer.drain()
                try:
                    if not await asyncio.wait_for(reader.read(4096), 0.5):
                        break
                except asyncio.TimeoutError:
                    continue
            writer.close()
        except OSError:
            await asyncio.sleep(0.05)


async def scrape(port, times, failures):
    begin = time.monotonic()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: farm\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(-1), 30)
        writer.close()
        if b" 200 " not in answer[:20] or b"rcufarm_build_info" not in answer:
            failures.append(answer[:60])
    except (OSError, asyncio.TimeoutError) as error:
        failures.append(error)
    times.append(time.monotonic() - begin)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    crowd = [asyncio.create_task(beset(options.port, number, end)) for number in range(CONNECTIONS)]
    await asyncio.sleep(1)
    times, failures, scrapes = [], [], []
    while time.monotonic() < end:
        scrapes.append(asyncio.create_task(scrape(options.port, times, failures)))
        await asyncio.sleep(1 / SCRAPES_PER_SECOND)
    await asyncio.gather(*scrapes, *crowd)
    times.sort()
    print(f"{len(times)} scrapes beside {CONNECTIONS} connections, {len(failures)} failed; "
          f"median {times[len(times) // 2] * 1e3:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.1f} ms, "
          f"longest {times[-1] * 1e3:.1f} ms")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
