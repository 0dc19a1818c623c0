#!/usr/bin/env python3
"""Scrapes a farm that is beset: http_load.py PORT [--seconds 10] [--rounds 6]

In turn so many seconds of peace and so many with 200 connections: most say nothing, some drip a byte at a time, some send rubbish;
whoever is cut off comes again. Beside them 40 scrapes of /metrics a second. Prints the scrapes' times, what the supervisor took of the
CPUs, and the workers' rate beset over that in the peace before. Rates say something where one kind of worker runs that tells its figures all
the time (shares: only libfuzzer_sim). Exit 1 if a scrape failed.
"""
import argparse
import asyncio
import os
import re
import statistics
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


def spent(begin, end):
    """The supervisor's share of the CPUs, and executions a second."""
    seconds = end[0] - begin[0]
    return (end[1] - begin[1]) / seconds / os.cpu_count(), (end[2] - begin[2]) / seconds


async def storm(port, seconds, times, failures):
    end = time.monotonic() + seconds
    crowd = [asyncio.create_task(beset(port, number, end)) for number in range(CONNECTIONS)]
    scrapes = []
    while time.monotonic() < end:
        scrapes.append(asyncio.create_task(scrape(port, times, failures)))
        await asyncio.sleep(1 / SCRAPES_PER_SECOND)
    await asyncio.gather(*scrapes, *crowd)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    times, failures, peace, war = [], [], [], []
    for _ in range(options.rounds):
        before = figures(options.port)
        await asyncio.sleep(options.seconds)
        between = figures(options.port)
        await storm(options.port, options.seconds, times, failures)
        peace.append(spent(before, between))
        war.append(spent(between, figures(options.port)))
    times.sort()
    print(f"{len(times)} scrapes beside {CONNECTIONS} connections, {len(failures)} failed; "
          f"median {times[len(times) // 2] * 1e3:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.1f} ms, "
          f"longest {times[-1] * 1e3:.1f} ms")
    shares = [statistics.median(share * 100 for share, _ in spans) for spans in (peace, war)]
    print(f"supervisor: {shares[0]:.2f} % of {os.cpu_count()} CPUs in peace, {shares[1]:.2f} % beset")
    ratios = sorted(w / p for (_, w), (_, p) in zip(war, peace) if p)
    if ratios:
        print(f"workers' rate beset over that in peace, {len(ratios)} rounds: median {statistics.median(ratios):.3f} "
              f"({ratios[0]:.3f} to {ratios[-1]:.3f}); load {os.getloadavg()[0]:.1f}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
