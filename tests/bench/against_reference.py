#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Times the published code against ours, in turns, and prints medians and ratios.

REFERENCE_SRC is the `src` folder of a checkout of amazon-science/patchcore-inspection. One frame
goes from the normalized picture to score and full map through WideResNet-50-2, 224 pixels, against
banks of the same values; then the search alone, FAISS's flat one; then the coreset. Pictures are
those of $PATCHCORE_SHARED/data/screw, or made ones. Needs the Python packages torch, faiss-cpu,
numpy, scipy, tqdm, pillow and safetensors, and the program reference_bench of a build with tests.
"""
import argparse
import collections
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import types

import faiss
import numpy
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIDE = 224
LAYERS = ["layer2", "layer3"]
DIMENSION = 1024
STAGES = ["backbone", "embedding", "search", "score and map"]  # of ours
BANKS = [16384, 1600]
TRAINING_PICTURES = 209  # of 784 patches each: 163,856
FRAMES = ["good", "scratch_head", "manipulated_front"]  # two pictures of each
CORESET = (163840, 128)
CORESET_RATIO = 0.1
SMALL_CORESET = 16384
STARTING_POINTS = 10
MASK = (1 << 64) - 1


def uniform(name, count):
    """Values in [-1, 1) that follow from a parameter's name: see tests/support/formula_weights.h."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK
    z = numpy.uint64(state) + numpy.arange(count, dtype=numpy.uint64)
    with numpy.errstate(over="ignore"):
        z = z + numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    return ((z >> numpy.uint64(40)).astype(numpy.float64) / 2**23 - 1).astype(numpy.float32)


def formula_weight(name, shape):
    values = torch.from_numpy(uniform(name, shape.numel()).reshape(tuple(shape)))
    if name.endswith("running_var"):
        return 1 + 0.1 * values
    if name.endswith(("running_mean", "bias")):
        return 0.1 * values
    if len(shape) == 1:
        return 0.5 + 0.1 * values
    return (6 / shape[1:].numel()) ** 0.5 * values


class Bottleneck(nn.Module):
    """torchvision's block, with its parameter names."""

    def __init__(self, inputs, width, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                                            nn.BatchNorm2d(outputs))

    def forward(self, features):
        inner = self.relu(self.bn1(self.conv1(features)))
        inner = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(inner)))))
        shortcut = features if self.downsample is None else self.downsample(features)
        inner += shortcut
        return self.relu(inner)


def wide_resnet50_2():
    """torchvision's network to layer3, where the published code stops it, with formula weights."""
    steps = collections.OrderedDict(
        conv1=nn.Conv2d(3, 64, 7, 2, 3, bias=False), bn1=nn.BatchNorm2d(64),
        relu=nn.ReLU(inplace=True), maxpool=nn.MaxPool2d(3, 2, 1))
    inputs = 64
    for number, blocks in enumerate([3, 4, 6]):
        width, outputs = 128 << number, 256 << number
        layer = []
        for block in range(blocks):
            layer.append(Bottleneck(inputs, width, outputs, 2 if block == 0 and number else 1))
            inputs = outputs
        steps[f"layer{number + 1}"] = nn.Sequential(*layer)
    network = nn.Sequential(steps)
    network.load_state_dict({name: formula_weight(name, value.shape) if value.ndim else value
                             for name, value in network.state_dict().items()})
    return network.eval()


def import_reference(source):
    # They are imported for their catalogues of networks alone, and fit only one release of torch.
    for name in ("timm", "torchvision", "torchvision.models"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["torchvision"].models = sys.modules["torchvision.models"]
    sys.path.insert(0, str(source))
    import patchcore.common
    import patchcore.patchcore
    import patchcore.sampler
    return patchcore


def read_picture(path):
    """The published preprocessing: shorter side to 256, the centre, ImageNet's mean."""
    picture = Image.open(path).convert("RGB")
    scale = 256 / min(picture.size)
    picture = picture.resize([round(scale * side) for side in picture.size],
                             Image.Resampling.BILINEAR)
    left, top = (picture.width - SIDE) // 2, (picture.height - SIDE) // 2
    return numpy.asarray(picture.crop((left, top, left + SIDE, top + SIDE)), numpy.float32) / 255


def make_picture(number):
    """A disc with rings on a shaded ground, a little elsewhere in every picture, and noise."""
    random = numpy.random.default_rng(number)
    y, x = numpy.mgrid[:SIDE, :SIDE] / SIDE
    centre = 0.5 + random.uniform(-0.05, 0.05, 2)
    radius = numpy.hypot(y - centre[0], x - centre[1])
    rings = 0.5 + 0.3 * numpy.sin(40 * radius + random.uniform(0, 0.5))
    ground = 0.3 + 0.2 * x + 0.1 * numpy.sin(9 * y)
    grey = numpy.where(radius < 0.35, rings, ground)
    picture = grey[..., None] * [1, 0.9, 0.8] + random.normal(0, 0.02, (SIDE, SIDE, 3))
    return picture.clip(0, 1).astype(numpy.float32)


def read_inputs():
    """Normalized pictures as {"train", "frames"}: [n, 3, SIDE, SIDE]."""
    data = pathlib.Path(os.environ.get("PATCHCORE_SHARED", ROOT.parent / "shared")) / "data/screw"
    if data.is_dir():
        train = sorted((data / "train/good").iterdir())[:TRAINING_PICTURES]
        frames = [path for kind in FRAMES for path in sorted((data / "test" / kind).iterdir())[:2]]
        train, frames = list(map(read_picture, train)), list(map(read_picture, frames))
    else:
        print(f"no {data}: made pictures")
        train = list(map(make_picture, range(TRAINING_PICTURES)))
        frames = list(map(make_picture, range(TRAINING_PICTURES, TRAINING_PICTURES + 6)))
    mean = numpy.float32([0.485, 0.456, 0.406])
    deviation = numpy.float32([0.229, 0.224, 0.225])
    return {name: numpy.ascontiguousarray(
        ((numpy.stack(pictures) - mean) / deviation).transpose(0, 3, 1, 2))
        for name, pictures in (("train", train), ("frames", frames))}


class Ours:
    """The program, asked one line at a time."""

    def __init__(self, program, folder, threads):
        self.process = subprocess.Popen([program, folder, str(threads)], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *words):
        time.sleep(0.05)  # until the threads of this process have stopped waiting for work
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        answer = self.process.stdout.readline().split()
        if not answer:
            raise SystemExit(f"{self.process.args[0]} gave no answer to {words}")
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def seconds(run):
    begin = time.perf_counter()
    result = run()
    return time.perf_counter() - begin, result


def report(what, our_seconds, their_seconds):
    our, their = statistics.median(our_seconds), statistics.median(their_seconds)
    print(f"{what}: ours {1000 * our:.2f} ms, published {1000 * their:.2f} ms, "
          f"{their / our:.1f} times", flush=True)


def compare_frames(reference, ours, inputs, folder, arguments):
    network = wide_resnet50_2()
    frames = [torch.from_numpy(frame[None]) for frame in inputs["frames"]]
    for rows in BANKS:
        ours.ask("bank", rows)
        model = reference.patchcore.PatchCore(torch.device("cpu"))
        model.load(backbone=network, layers_to_extract_from=LAYERS, device=torch.device("cpu"),
                   input_shape=(3, SIDE, SIDE), pretrain_embed_dimension=DIMENSION,
                   target_embed_dimension=DIMENSION,
                   nn_method=reference.common.FaissNN(False, arguments.threads))
        bank = load_file(f"{folder}/bank_{rows}.safetensors")["bank"]
        model.anomaly_scorer.fit(detection_features=[bank])
        their_seconds, our_seconds = [], {"bf16": [], "fp32": []}
        for turn in range(arguments.turns + 1):
            results = [seconds(lambda: model._predict(frame)) for frame in frames]
            their_scores = [float(scores[0]) for _, (scores, _) in results]
            for precision, measured in our_seconds.items():
                answer = numpy.array(ours.ask("frames", precision, rows), float)
                answer = answer.reshape(len(frames), 1 + len(STAGES))
                tolerance = 0.1 if precision == "bf16" else 1e-3
                numpy.testing.assert_allclose(answer[:, 0], their_scores, rtol=tolerance)
                measured.extend(answer[:, 1:] if turn else [])
            their_seconds.extend([time for time, _ in results] if turn else [])
        for precision, measured in our_seconds.items():
            report(f"one frame, bank {rows}x{DIMENSION}, {precision}",
                   [sum(stages) for stages in measured], their_seconds)
            print("  " + ", ".join(f"{name} {1000 * median:.2f} ms" for name, median in
                                   zip(STAGES, numpy.median(measured, axis=0))))
        compare_search(ours, bank, len(frames), folder, arguments)


def compare_search(ours, bank, frames, folder, arguments):
    rows = len(bank)
    ours.ask("queries", rows)
    content = load_file(f"{folder}/queries.safetensors")
    queries, our_rows = content["queries"], content["rows"].astype(int)
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank)
    their_rows = index.search(queries, 1)[1][:, 0]
    their_seconds, our_seconds = [], []
    for _ in range(arguments.turns):
        for part in numpy.split(queries, frames):
            their_seconds.append(seconds(lambda: index.search(part, 1))[0])
        our_seconds.extend(map(float, ours.ask("search", rows)))
    report(f"search alone, {len(queries) // frames} queries, bank {rows}x{DIMENSION}",
           our_seconds, their_seconds)

    def distances(nearest):
        return ((queries.astype(numpy.float64) - bank[nearest]) ** 2).sum(1)

    farther = (distances(our_rows) > distances(their_rows) * (1 + 1e-6)).sum()
    print(f"  the same neighbour for {(our_rows == their_rows).sum()} of {len(queries)}; "
          f"ours is farther for {farther}")


def published_picks(reference, features, count):
    """The rows that the published code picks after numpy.random.seed(0)."""
    sampler = reference.sampler.ApproximateGreedyCoresetSampler(
        (count + 0.5) / len(features), torch.device("cpu"), STARTING_POINTS, features.shape[1])
    numpy.random.seed(0)
    return sampler._compute_greedy_coreset_indices(torch.from_numpy(features))


def starting_points(rows):
    """What the published code draws after numpy.random.seed(0)."""
    numpy.random.seed(0)
    return ",".join(map(str, numpy.random.choice(rows, STARTING_POINTS, replace=False)))


def covering_radius(features, picks):
    index = faiss.IndexFlatL2(features.shape[1])
    index.add(features[picks])
    nearest = index.search(features, 1)[1][:, 0]
    return numpy.linalg.norm(features.astype(numpy.float64) - features[picks][nearest],
                             axis=1).max()


def compare_coreset(reference, ours, folder, arguments):
    reference.sampler.tqdm.tqdm = lambda steps, **_: steps  # no progress bars
    ours.ask("features", *CORESET)
    features = load_file(f"{folder}/features.safetensors")["features"]
    rows = len(features)
    picks = int(CORESET_RATIO * rows)
    their_seconds, our_seconds = [], []
    for _ in range(arguments.coreset_turns):
        short = seconds(lambda: published_picks(reference, features, 20))[0]
        long = seconds(lambda: published_picks(reference, features, 20 + arguments.picks))[0]
        their_seconds.append((long - short) / arguments.picks * picks)
        our_seconds.append(float(ours.ask("coreset", rows, picks, starting_points(rows))[0]))
    report(f"coreset, {picks} picks of {rows}x{features.shape[1]}", our_seconds, their_seconds)

    small = features[:SMALL_CORESET]
    picks = int(CORESET_RATIO * len(small))
    our_picks = numpy.array(
        ours.ask("coreset", len(small), picks, starting_points(len(small)))[1:], int)
    for kind in (numpy.float32, numpy.float64):
        their_picks = published_picks(reference, small.astype(kind), picks)
        different = numpy.flatnonzero(our_picks != their_picks)
        print(f"  {picks} picks of {len(small)} in {kind.__name__}: "
              f"{picks - len(different)} the same at the same place, "
              f"{len(numpy.intersect1d(our_picks, their_picks))} in all, first difference at "
              f"{different[0] if len(different) else 'none'}; covering radius "
              f"{covering_radius(small, our_picks):.6g}, published "
              f"{covering_radius(small, their_picks):.6g}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reference_src", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "build/tests/bench/reference_bench",
                        help="reference_bench (default: of the folder build)")
    parser.add_argument("--only", choices=["frames", "coreset"], help="leave the other part out")
    parser.add_argument("--turns", type=int, default=5, help="of six frames")
    parser.add_argument("--coreset-turns", type=int, default=3)
    parser.add_argument("--picks", type=int, default=200, help="timed of the published coreset")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    reference = import_reference(arguments.reference_src)
    torch.set_num_threads(arguments.threads)
    faiss.omp_set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        inputs = read_inputs()
        save_file(inputs, f"{folder}/inputs.safetensors")
        ours = Ours(arguments.program, folder, arguments.threads)
        if arguments.only != "coreset":
            compare_frames(reference, ours, inputs, folder, arguments)
        if arguments.only != "frames":
            compare_coreset(reference, ours, folder, arguments)
        ours.close()


if __name__ == "__main__":
    main()
