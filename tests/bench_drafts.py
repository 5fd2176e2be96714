"""How long what a desk asks of drafts takes, with a thousand of them: `python tests/bench_drafts.py`.

Each is CPU time of one core, the median of some turns; what is changed waits for the disk beside that.
The study is the sample brooker-3, the record of each draft has 3,000 characters more.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.remove(str(Path(__file__).resolve().parent))  # whose sample_data are tests

from hosr.drafts import Changed, Draft, Drafts, NewDraft, judge
from hosr.intake.images import read_images

STUDY = Path(__file__).resolve().parents[1] / "sample_data" / "brooker-3"
DRAFTS, TURNS = 1000, 40


def main() -> None:
    """Make the drafts, and print what each step takes."""
    record = json.loads((STUDY / "record.json").read_text(encoding="utf-8"))
    images = read_images(STUDY / "images")
    judged = judge(record, images)
    print(f"judge, images read      {_median_ms(lambda: judge(record, images)):8.2f} ms")
    print(
        f"  and its document UID  {_median_ms(lambda: judge(record, images).document_uid()):8.2f} ms"
    )
    with tempfile.TemporaryDirectory() as folder, Drafts(Path(folder), clock=time.time) as drafts:
        for number in range(DRAFTS):
            own = {**record, "conclusion": f"{number} {'x' * 3000}"}
            new = NewDraft(record=own, images=(str(STUDY / "images"),))
            draft = drafts.add(new, judged)
        print(f"list {DRAFTS} drafts        {_median_ms(drafts.listed):8.2f} ms")
        name = draft.draft_id
        print(f"get one                 {_median_ms(lambda: drafts.get(name)):8.2f} ms")

        def change() -> Draft:
            seen = drafts.get(name)
            own = {**record, "conclusion": str(seen.revision)}
            return drafts.change(name, seen.etag, Changed(record=own, judged=judged), by="A^B")

        print(f"change one              {_median_ms(change):8.2f} ms")
        print(
            f"history of {len(drafts.history(name)):3}          {_median_ms(lambda: drafts.history(name)):8.2f} ms"
        )


def _median_ms(do: Callable[[], object]) -> float:
    times = []
    for _ in range(TURNS):
        begun = time.process_time()
        do()
        times.append(1000 * (time.process_time() - begun))
    return statistics.median(times)


if __name__ == "__main__":
    main()
