#!/usr/bin/env python3
"""Scrapes a farm that is beset: http_load.py PORT [--seconds 60]

200 connections are open all the time: most say nothing, some drip a byte at a time, some send rubbish; whoever is cut off comes
again. Beside them 40 scrapes of /metrics a second. Prints the scrapes' times, what the supervisor took of the CPUs, and the workers'
rate before, during and after. Exit 1 if a scrape failed.
"""
import argparse
import asyncio
import os
import re
import sys
import time
import urllib.request

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


def figures(port):
    """Time, CPU seconds of the supervisor, and executions of all workers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return (time.monotonic(), float(re.search(r"^process_cpu_seconds_total (\S+)", text, re.M).group(1)),
            sum(map(float, re.findall(r"^rcufarm_executions_total\{.*\} (\S+)", text, re.M))))


def rate(begin, end):
    return (end[2] - begin[2]) / (end[0] - begin[0])


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    points = [figures(options.port)]
    await asyncio.sleep(options.seconds)
    points.append(figures(options.port))
    end = time.monotonic() + options.seconds
    crowd = [asyncio.create_task(beset(options.port, number, end)) for number in range(CONNECTIONS)]
    await asyncio.sleep(1)
    times, failures, scrapes = [], [], []
    while time.monotonic() < end:
        scrapes.append(asyncio.create_task(scrape(options.port, times, failures)))
        await asyncio.sleep(1 / SCRAPES_PER_SECOND)
    await asyncio.gather(*scrapes, *crowd)
    points.append(figures(options.port))
    await asyncio.sleep(options.seconds)
    points.append(figures(options.port))
    times.sort()
    print(f"{len(times)} scrapes beside {CONNECTIONS} connections, {len(failures)} failed; "
          f"median {times[len(times) // 2] * 1e3:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.1f} ms, "
          f"longest {times[-1] * 1e3:.1f} ms")
    (_, cpu_idle, _), (begin, cpu_begin, _), (end, cpu_end, _), _ = points
    share = (cpu_end - cpu_begin) / (end - begin) / os.cpu_count()
    idle = (cpu_begin - cpu_idle) / (begin - points[0][0]) / os.cpu_count()
    print(f"supervisor: {share * 100:.2f} % of {os.cpu_count()} CPUs while beset, {idle * 100:.2f} % before; executions per second "
          f"before {rate(*points[0:2]):.1f}, beset {rate(*points[1:3]):.1f}, after {rate(*points[2:4]):.1f}; load {os.getloadavg()[0]:.1f}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
