"""A steady stream of sign-ins, whatever becomes of them: each starts when its time has come, not when another has ended.

Run as a program (logins.py PORT RATE SECONDS, e-mail addresses on stdin) it is a process of its own, so that what it measures is not what the rest of
the bench does. One event loop, a connection each.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

RATE = 40


class Logins:
    def __init__(self, target, shop, folder: Path):
        self.target, self.shop, self.folder = target, shop, folder

    def during(self, seconds: float, measure) -> dict:
        from shop import CUSTOMERS

        command = [sys.executable, __file__, str(self.target.port), str(RATE), str(seconds + 0.5)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write("\n".join(self.shop.email(number) for number in range(CUSTOMERS)))
        process.stdin.close()
        time.sleep(0.5)
        figures = measure(seconds)
        said = process.stdout.read()
        process.wait(60)
        return figures | json.loads(said)


async def sign_in(port: int, email: str, password: str) -> tuple[int, float]:
    body = json.dumps({"email": email, "password": password})
    head = f"POST /api/users/login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head}Connection: close\r\n\r\n{body}".encode())
    status = int((await reader.readline()).split()[1])
    took = (time.monotonic() - began) * 1000
    writer.close()
    return status, took


async def stream(port: int, rate: float, seconds: float, emails: list[str], password: str) -> list:
    tasks, began = [], time.monotonic()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(sign_in(port, emails[number % len(emails)], password)))
    return await asyncio.gather(*tasks, return_exceptions=True)


def figures_of(answers: list) -> dict:
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    whole = [answer for answer in answers if not isinstance(answer, BaseException)]
    away = sorted(took for status, took in whole if status in (429, 503))
    inside = sorted(took for status, took in whole if status == 200)
    return {
        "signed_in": len(inside),
        "turned_away": len(away),
        "other_answers": len(answers) - len(inside) - len(away),
        "failures": len(failed),
        "turned_away_ms_max": away[-1] if away else 0.0,
        "turned_away_ms": away[len(away) // 2] if away else 0.0,
        "sign_in_ms": inside[len(inside) // 2] if inside else 0.0,
    }


if __name__ == "__main__":
    from shop import PASSWORD

    given = sys.argv[1:]
    print(json.dumps(figures_of(asyncio.run(stream(int(given[0]), float(given[1]), float(given[2]), sys.stdin.read().split(), PASSWORD)))))
