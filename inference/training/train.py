"""Trains the detector on what render.ts has drawn, and exports it as ONNX. See README.md for the commands."""

import argparse
import copy
import glob
import json
import math
import os
import queue
import random
import threading
import time

import numpy as np
import torch
import torch.distributed
import torch.multiprocessing
from PIL import Image

from detector import Detector, Exported, grid, loss_of

WIDTH, HEIGHT = 320, 192
GREY = 114
LABELS = [
    "truck",
    "muck-truck-loaded-open",
    "muck-truck-covered",
    "car",
    "bus",
    "two-wheeler",
    "person",
    "cover-closed",
    "cover-open",
    "spillage",
    "garbage",
    "stall",
]


def rows_of(folders, more=()):
    """What stands in the lists of the folders; pictures with one of the labels `more` once more for each."""
    rows = []
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "labels-*.ndjson"))):
            with open(path, encoding="utf8") as lines:
                for row in map(json.loads, lines):
                    rows.append((os.path.join(folder, row["file"]), row["boxes"]))
    wanted = [LABELS.index(label) for label in more]
    return rows + [row for cls in wanted for row in rows if any(box[0] == cls and not box[5] for box in row[1])]


def placed(row, dice, still=False):
    """A picture in the size of the input, red first, and its things as class, corners in pixels, faint."""
    path, boxes = row
    picture = Image.open(path).convert("RGB")
    wide, high = picture.size
    scale = min(WIDTH / wide, HEIGHT / high)
    if not still and dice.random() < 0.35:
        scale *= dice.uniform(0.55, 1.0) if dice.random() < 0.4 else dice.uniform(1.0, 1.8)
    sx, sy = scale, scale * (1 if still else dice.uniform(0.85, 1.18))
    room_x, room_y = WIDTH - wide * sx, HEIGHT - high * sy
    left, top = (room_x / 2, room_y / 2) if still else (room_x * dice.random(), room_y * dice.random())
    moved = picture.transform((WIDTH, HEIGHT), Image.AFFINE, (1 / sx, 0, -left / sx, 0, 1 / sy, -top / sy), Image.BILINEAR, fillcolor=(GREY,) * 3)
    pixels = np.array(moved)
    truth = np.array(boxes, np.float32).reshape(-1, 6)
    corners = np.stack((truth[:, 1] * wide * sx, truth[:, 2] * high * sy, (truth[:, 1] + truth[:, 3]) * wide * sx, (truth[:, 2] + truth[:, 4]) * high * sy), 1)
    corners += np.array([left, top, left, top], np.float32)
    cut = np.clip(corners, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    area = lambda c: (c[:, 2] - c[:, 0]) * (c[:, 3] - c[:, 1])
    kept = area(cut) / np.maximum(area(corners), 1e-3)
    small = np.minimum(cut[:, 2] - cut[:, 0], cut[:, 3] - cut[:, 1]) < 3.5
    faint = (truth[:, 5] == 1) | (kept < 0.35) | small
    out = np.concatenate((truth[:, :1], cut, faint[:, None]), 1)[area(cut) > 1]
    if not still and dice.random() < 0.5:
        pixels = pixels[:, ::-1]
        out[:, [1, 3]] = WIDTH - out[:, [3, 1]]
    return np.ascontiguousarray(pixels), torch.from_numpy(out.astype(np.float32))


def batches(rows, size, seed):
    """Endless, prepared ahead by a thread of its own."""
    ready = queue.Queue(6)

    def work():
        dice = random.Random(seed)
        order = []
        while True:
            chosen = []
            while len(chosen) < size:
                if not order:
                    order = list(range(len(rows)))
                    dice.shuffle(order)
                chosen.append(placed(rows[order.pop()], dice))
            ready.put((np.stack([pixels for pixels, _ in chosen]), [truth for _, truth in chosen]))

    threading.Thread(target=work, daemon=True).start()
    while True:
        yield ready.get()


def tensor_of(pixels):
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)


def tinted(x, generator):
    """Other light, contrast and colours; some pictures grey."""
    dice = lambda *shape: torch.rand(*shape, generator=generator).to(x.device)
    count = len(x)
    x = (x - 0.5) * (0.6 + 0.8 * dice(count, 1, 1, 1)) + 0.5 + 0.3 * (dice(count, 1, 1, 1) - 0.5)
    x = x * (0.88 + 0.24 * dice(count, 3, 1, 1))
    grey = (dice(count, 1, 1, 1) < 0.08).float()
    return (x * (1 - grey) + x.mean(1, keepdim=True) * grey).clamp(0, 1)


class Average:
    """The mean of the last thousand states or so tells more than the last."""

    def __init__(self, model):
        self.model = copy.deepcopy(model).eval()

    def take(self, model, step):
        keep = min(0.999, (1 + step) / (20 + step))
        with torch.no_grad():
            for mean, value in zip(self.model.state_dict().values(), model.state_dict().values()):
                if mean.dtype.is_floating_point:
                    mean.mul_(keep).add_(value, alpha=1 - keep)
                else:
                    mean.copy_(value)


class Crew:
    """Workers of one thread each that see different pictures and take the same step: in a crowd of other programs they wait for each other once a step, threads once a layer."""

    def __init__(self, options, rank):
        self.size, self.rank = options.workers, rank
        if self.size > 1:
            meeting = os.path.join(os.path.abspath(options.out), "meeting")
            torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=self.size)

    def agree(self, model, share):
        """Makes the mean of all slopes everybody's; what the first says of `share` holds for all."""
        if self.size == 1:
            return share
        slopes = [torch.zeros_like(p) if p.grad is None else p.grad for p in model.parameters()]
        told = torch.full((1,), share * self.size if self.rank == 0 else 0.0)
        flat = torch.cat([slope.reshape(-1) for slope in slopes] + [told])
        torch.distributed.all_reduce(flat)
        flat /= self.size
        for p, slope in zip(model.parameters(), flat[:-1].split([p.numel() for p in model.parameters()])):
            p.grad = slope.view_as(p).clone()
        return flat[-1].item()


class Run:
    """The network with all that makes it go on where it was."""

    def __init__(self, options, rank):
        torch.manual_seed(options.seed)
        self.model = Detector(len(LABELS)).to(options.device, memory_format=torch.channels_last)
        self.average = Average(self.model)
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        plain = [p for p in self.model.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0}], lr=options.rate)
        self.step, seconds = 0, 0.0
        self.path = os.path.join(options.out, "checkpoint.pt")
        if os.path.exists(self.path):
            saved = torch.load(self.path, map_location=options.device)
            self.model.load_state_dict(saved["model"])
            self.average.model.load_state_dict(saved["average"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, seconds = saved["state"]["step"], saved["state"]["seconds"]
        self.began = time.monotonic() - seconds
        self.options, self.rank = options, rank

    @property
    def minutes(self):
        return (time.monotonic() - self.began) / 60

    def share(self):
        """How much of the training is over. A file named `stop` in the folder ends it, with its weights exported."""
        stopped = os.path.exists(os.path.join(self.options.out, "stop"))
        return 1.0 if stopped else max(self.step / self.options.steps, self.minutes / max(self.options.minutes, 1e-9))

    def take_step(self, share):
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate * min(1, (self.step + 1) / 200) * (0.02 + 0.98 * (1 + math.cos(math.pi * min(1, share))) / 2)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10)
        self.optimizer.step()
        self.step += 1
        if self.rank == 0:
            self.average.take(self.model, self.step)

    def save(self):
        state = {"step": self.step, "seconds": 60 * self.minutes}
        parts = {"model": self.model.state_dict(), "average": self.average.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save({**parts, "state": state}, f"{self.path}.part")
        os.replace(f"{self.path}.part", self.path)


def train(rank, options):
    torch.set_num_threads(options.threads)
    crew = Crew(options, rank)
    rows = rows_of(options.data, options.more)
    run = Run(options, rank)
    say = print if rank == 0 else lambda *_, **__: None
    say(f"{len(rows)} pictures, {sum(p.numel() for p in run.model.parameters())} parameters, from step {run.step}", flush=True)
    seed = options.seed + run.step + 1_000_003 * rank
    generator = torch.Generator().manual_seed(seed)
    places, strides = (each.to(options.device) for each in grid(WIDTH, HEIGHT))
    told, sums, share = time.monotonic(), [0.0, 0.0, 0], run.share()
    for pixels, truths in batches(rows, options.batch // options.workers, seed):
        if share >= 1:
            break
        logits, corners = run.model(tinted(tensor_of(pixels).to(options.device), generator))
        miss, off = loss_of(logits, corners, [truth.to(options.device) for truth in truths], places, strides)
        run.optimizer.zero_grad(set_to_none=True)
        (miss + 2 * off).backward()
        share = crew.agree(run.model, run.share())
        run.take_step(share)
        sums = [sums[0] + miss.item(), sums[1] + off.item(), sums[2] + 1]
        if rank == 0 and time.monotonic() - told > options.every:
            speed = sums[2] * options.batch / (time.monotonic() - told)
            say(f"step {run.step} {share:.1%} {run.minutes:.1f} min: score {sums[0] / sums[2]:.3f} box {sums[1] / sums[2]:.3f}, {speed:.0f} pictures/s", flush=True)
            run.save()
            told, sums = time.monotonic(), [0.0, 0.0, 0]
    if rank > 0:
        return
    run.save()
    say(f"trained {run.step} steps of {options.batch} in {run.minutes:.1f} min", flush=True)
    export(run.average.model, options, rows)


def export(model, options, rows):
    """The averaged weights as ONNX, with one picture and what torch says of it, for compare.ts. Scores are set right by calibrate.ts's word, if it has spoken."""
    import onnx

    path = os.path.join(options.out, "detector.onnx")
    words = os.path.join(options.out, "calibration.json")
    calibration = json.load(open(words, encoding="utf8")) if os.path.exists(words) else {}
    lines = torch.tensor([calibration.get(label, [1.0, 0.0]) for label in LABELS])
    exported = Exported(copy.deepcopy(model).cpu().to(memory_format=torch.contiguous_format), lines).eval()
    torch.onnx.export(exported, torch.zeros(1, 3, HEIGHT, WIDTH), path, input_names=["images"], output_names=["output"], opset_version=12)
    graph = onnx.load(path)
    for key, value in (("names", str(dict(enumerate(LABELS)))), ("licence", "Apache-2.0")):
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(graph)
    onnx.save(graph, path)
    pixels, _ = placed(rows[0], random.Random(0), still=True)
    with torch.no_grad():
        output = exported(tensor_of(pixels[None]))
    pixels.tofile(os.path.join(options.out, "sample.rgb"))
    output.numpy().tofile(os.path.join(options.out, "sample.output"))
    print(f"{path}: {os.path.getsize(path)} bytes", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", nargs="+", required=True, help="folders that render.ts has written")
    parser.add_argument("--out", required=True, help="folder for checkpoint.pt and detector.onnx; what lies there is gone on with")
    parser.add_argument("--more", nargs="*", default=[], choices=LABELS, metavar="LABEL", help="pictures with it are seen once more for each time that it is named")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, default=10**9, help="ends at whichever comes first")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cuda on a machine with such a card")
    parser.add_argument("--workers", type=int, default=1, help="processes that share each batch")
    parser.add_argument("--threads", type=int, default=1, help="of each worker")
    parser.add_argument("--every", type=float, default=30, help="seconds between two lines and checkpoints")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    if os.path.exists(os.path.join(options.out, "meeting")):
        os.remove(os.path.join(options.out, "meeting"))
    if options.workers == 1:
        train(0, options)
    else:
        torch.multiprocessing.spawn(train, (options,), nprocs=options.workers)


if __name__ == "__main__":
    main()
