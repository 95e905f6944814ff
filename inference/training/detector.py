"""One small anchor-free detector: strides 8, 16 and 32, a score per class that also says how well the box fits."""

import torch
import torch.nn.functional as F
from torch import nn

STRIDES = (8, 16, 32)


class Conv(nn.Sequential):
    def __init__(self, inputs, outputs, size=3, stride=1):
        super().__init__(
            nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class Block(nn.Module):
    """Narrow, look around, widen, add to what came in."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(Conv(channels, channels // 2, 1), Conv(channels // 2, channels))

    def forward(self, x):
        return x + self.body(x)


class Pool(nn.Module):
    """Sees the whole picture from each place of the coarsest grid."""

    def __init__(self, channels):
        super().__init__()
        self.narrow = Conv(channels, channels // 2, 1)
        self.join = Conv(channels * 2, channels, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x):
        a = self.narrow(x)
        b = self.pool(a)
        c = self.pool(b)
        return self.join(torch.cat((a, b, c, self.pool(c)), 1))


class Detector(nn.Module):
    def __init__(self, classes, width=48):
        super().__init__()
        self.classes = classes
        self.fine = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 32, 3, 2), Conv(32, 64, 3, 2), Block(64), Block(64))
        self.middle = nn.Sequential(Conv(64, 128, 3, 2), Block(128), Block(128))
        self.coarse = nn.Sequential(Conv(128, 192, 3, 2), Block(192), Block(192), Pool(192))
        self.lateral = nn.ModuleList(Conv(channels, width, 1) for channels in (64, 128, 192))
        self.down = nn.ModuleList((Conv(width, width), Conv(width, width)))
        self.up = nn.ModuleList((Conv(width, width, 3, 2), Conv(width, width, 3, 2)))
        self.score = nn.ModuleList(nn.Sequential(Conv(width, width), nn.Conv2d(width, classes, 1)) for _ in STRIDES)
        self.sides = nn.ModuleList(nn.Sequential(Conv(width, width), nn.Conv2d(width, 4, 1)) for _ in STRIDES)
        for head in self.score:
            # At first nearly nothing is anything: else the empty places drown the rest.
            nn.init.constant_(head[-1].bias, -4.6)
        for head in self.sides:
            nn.init.constant_(head[-1].bias, 0.5)

    def forward(self, x):
        """Logits [batch, places, classes] and corners [batch, places, 4] in pixels of the input."""
        c3 = self.fine(x)
        c4 = self.middle(c3)
        p3, p4, p5 = (lateral(c) for lateral, c in zip(self.lateral, (c3, c4, self.coarse(c4))))
        p4 = self.down[1](p4 + F.interpolate(p5, scale_factor=2.0, mode="nearest"))
        p3 = self.down[0](p3 + F.interpolate(p4, scale_factor=2.0, mode="nearest"))
        p4 = p4 + self.up[0](p3)
        p5 = p5 + self.up[1](p4)
        logits, corners = [], []
        for level, stride, score, sides in zip((p3, p4, p5), STRIDES, self.score, self.sides):
            logits.append(score(level).flatten(2).transpose(1, 2))
            reach = sides(level).clamp(max=5.0).exp().flatten(2).transpose(1, 2) * stride
            places = places_of(level.shape[3], level.shape[2], stride).to(level.device)
            corners.append(torch.cat((places - reach[..., :2], places + reach[..., 2:]), 2))
        return torch.cat(logits, 1), torch.cat(corners, 1)


def places_of(across, down, stride):
    y, x = torch.meshgrid(torch.arange(down), torch.arange(across), indexing="ij")
    return (torch.stack((x, y), 2).reshape(1, -1, 2).float() + 0.5) * stride


class Exported(nn.Module):
    """The layout of a YOLOv8: [1, 4 + classes, places], centre and size in pixels, finished scores. `lines`: slope and shift of each class's logits."""

    def __init__(self, detector, lines):
        super().__init__()
        self.detector = detector
        self.register_buffer("slope", lines[:, 0])
        self.register_buffer("shift", lines[:, 1])

    def forward(self, x):
        logits, corners = self.detector(x)
        low, high = corners[..., :2], corners[..., 2:]
        scores = (logits * self.slope + self.shift).sigmoid()
        return torch.cat(((low + high) / 2, high - low, scores), 2).transpose(1, 2)


def grid(width, height):
    """Places and strides of all levels."""
    places = [places_of(width // stride, height // stride, stride)[0] for stride in STRIDES]
    return torch.cat(places), torch.cat([torch.full((len(p),), float(s)) for p, s in zip(places, STRIDES)])


def overlaps(a, b):
    """IoU of every a with every b."""
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (high - low).clamp(min=0).prod(2)
    area = lambda boxes: (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(1)
    return common / (area(a)[:, None] + area(b)[None] - common + 1e-6)


def assign(logits, corners, boxes, classes, places, strides):
    """SimOTA: each thing takes the places that already tell it best. Returns places, their things, their overlaps."""
    inside = torch.cat((places[None] - boxes[:, None, :2], boxes[:, None, 2:] - places[None]), 2).amin(2) > 0
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = (places[None] - middle[:, None]).abs().amax(2) < 2.5 * strides[None]
    some = (inside | near).any(0).nonzero()[:, 0]
    iou = overlaps(boxes, corners[some])
    score = logits[some].sigmoid()[:, classes].t()
    miss = F.binary_cross_entropy(score, iou.clamp(0, 1), reduction="none") * (iou - score).abs()
    cost = miss + 3 * -(iou + 1e-6).log() + 1e5 * ~(inside & near)[:, some]
    count = iou.topk(min(10, iou.shape[1]), 1).values.sum(1).int().clamp(min=1)
    chosen = torch.zeros_like(cost, dtype=torch.bool)
    for thing in range(len(boxes)):
        chosen[thing, cost[thing].topk(min(int(count[thing]), cost.shape[1]), largest=False).indices] = True
    # A place that two things want goes to the one that it tells better.
    shared = chosen.sum(0) > 1
    chosen[:, shared] = False
    chosen[cost[:, shared].argmin(0), shared.nonzero()[:, 0]] = True
    thing, place = chosen.nonzero(as_tuple=True)
    return some[place], thing, iou[thing, place]


def loss_of(logits, corners, truths, places, strides):
    """Quality focal loss for scores, generalised IoU for boxes. `truths`: per picture class, corners, faint."""
    target = torch.zeros_like(logits)
    weight = torch.ones(logits.shape[:2], device=logits.device)
    found, wanted, fits = [], [], []
    for i, truth in enumerate(truths):
        faint = truth[truth[:, 5] == 1, 1:5]
        if len(faint) > 0:
            hidden = torch.cat((places[None] - faint[:, None, :2], faint[:, None, 2:] - places[None]), 2).amin(2) > 0
            weight[i, hidden.any(0)] = 0
        clear = truth[truth[:, 5] == 0]
        if len(clear) == 0:
            continue
        with torch.no_grad():
            place, thing, fit = assign(logits[i], corners[i], clear[:, 1:5], clear[:, 0].long(), places, strides)
        target[i, place, clear[thing, 0].long()] = fit
        weight[i, place] = 1
        found.append(corners[i, place])
        wanted.append(clear[thing, 1:5])
        fits.append(fit)
    score = logits.sigmoid().detach()
    miss = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * (score - target).abs().square()
    miss = (miss.sum(2) * weight).sum()
    if not found:
        return miss, miss * 0
    fit = torch.cat(fits)
    total = fit.sum().clamp(min=1)
    return miss / total, (away(torch.cat(found), torch.cat(wanted)) * fit).sum() / total


def away(a, b):
    """1 − generalised IoU, pair by pair."""
    common = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - common + 1e-6
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1) + 1e-6
    return 1 - common / union + (hull - union) / hull
