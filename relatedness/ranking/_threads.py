"""Distribution of rows to threads: the compiled loops release the interpreter's lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait


def share_out(
    start: Callable[[], Callable[[int, int], None]],
    total: int,
    step: int,
    threads: int,
    report: Callable[[int], object] | None,
) -> None:
    """Distribute the numbers up to `total` to threads in ascending chunks; `start` makes a worker for each thread."""
    firsts = iter(range(0, total, step))
    threads = max(1, min(threads, -(-total // step)))
    done = [0] * threads
    stop = threading.Event()
    dealing = threading.Lock()

    def run(number: int, tell: Callable[[int], object] | None) -> None:
        work = start()
        while not stop.is_set():
            with dealing:
                first = next(firsts, total)
            if first >= total:
                return
            last = min(first + step, total)
            work(first, last)
            done[number] += last - first
            if tell:
                tell(sum(done))

    if threads == 1:
        run(0, report)
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(run, number, None) for number in range(threads)]
        try:
            while wait(futures, timeout=0.1 if report else None).not_done:
                if report:
                    report(sum(done))
        finally:  # stop the threads even after an interrupt or an error in `report`
            stop.set()
    for future in futures:
        future.result()
    if report:
        report(total)
