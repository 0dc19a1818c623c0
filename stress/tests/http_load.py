#!/usr/bin/env python3
"""Scrapes a farm that is beset: http_load.py PORT [--seconds 10] [--rounds 6] [--explorer PROGRAM]

In turn so many seconds of peace, of storm and of peace. In the storm there are 200 connections: most say nothing, some drip a byte at a
time, some send rubbish; whoever is cut off comes again; and beside them 40 scrapes of /metrics a second. Prints the scrapes' times, what the
supervisor took of the CPUs, and how fast an explorer is (one of ours, on CPU 0, nice as the farm's workers are) in the storm, over the peace
around it: a farm's own workers change what they do all the time. For the worst case let the farm have CPU 0 alone (taskset) and no workers
(shares of 0), and this script another one. Exit 1 if a scrape failed.
"""
import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
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


def supervisor(port):
    """Time, and CPU seconds of the supervisor."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return time.monotonic(), float(re.search(r"^process_cpu_seconds_total (\S+)", text, re.M).group(1))


async def storm(port, seconds, times, failures):
    end = time.monotonic() + seconds
    crowd = [asyncio.create_task(beset(port, number, end)) for number in range(CONNECTIONS)]
    scrapes = []
    while time.monotonic() < end:
        scrapes.append(asyncio.create_task(scrape(port, times, failures)))
        await asyncio.sleep(1 / SCRAPES_PER_SECOND)
    await asyncio.gather(*scrapes, *crowd)


async def window(options, storming, times, failures):
    """Schedules a second of an explorer, and the supervisor's share of the CPUs."""
    before = supervisor(options.port)
    explorer = await asyncio.create_subprocess_exec(
        "taskset", "-c", "0", "nice", "-n", "5", options.explorer, "explore", "--strategy", "pct", "--seed", "7", "--seconds",
        str(options.seconds), "--keep-going", "--no-save", "--json", stdout=subprocess.PIPE)
    told = asyncio.create_task(explorer.stdout.read())
    if storming:
        await storm(options.port, options.seconds * 0.95, times, failures)
    searched = json.loads(await told)["searched"]
    await explorer.wait()
    after = supervisor(options.port)
    return searched["schedules"] / searched["seconds"], (after[1] - before[1]) / (after[0] - before[0]) / os.cpu_count()


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--explorer", default="../../build/release/bin/rcufarm")
    options = parser.parse_args()
    times, failures, ratios, peace, war = [], [], [], [], []
    for _ in range(options.rounds):
        (rate_before, share), (rate, beset_share), (rate_after, _) = [
            await window(options, storming, times, failures) for storming in (False, True, False)]
        ratios.append(2 * rate / (rate_before + rate_after))
        peace.append(share * 100)
        war.append(beset_share * 100)
    times.sort()
    print(f"{len(times)} scrapes beside {CONNECTIONS} connections, {len(failures)} failed; "
          f"median {times[len(times) // 2] * 1e3:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.1f} ms, "
          f"longest {times[-1] * 1e3:.1f} ms")
    print(f"supervisor: {statistics.median(peace):.2f} % of {os.cpu_count()} CPUs in peace, {statistics.median(war):.2f} % beset")
    print(f"explorer beset over in peace, {len(ratios)} rounds: median {statistics.median(ratios):.3f} "
          f"({min(ratios):.3f} to {max(ratios):.3f}); load {os.getloadavg()[0]:.1f}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
