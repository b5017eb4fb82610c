#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Times the backbones alone against OpenVINO's, in turns, and prints the ratios.

The networks are built here with weights by chance: only their time is compared. Needs the Python
packages torch and openvino, and the program backbone_bench of a build with tests.
"""
import argparse
import re
import statistics
import subprocess
import time

import numpy
import openvino
import torch
from torch import nn

LITE0_STAGES = [  # blocks, kernel, stride, expansion, channels
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112)]
WIDE_RESNET_LAYERS = [  # blocks, stride, width, channels
    (3, 1, 128, 256), (4, 2, 256, 512), (6, 2, 512, 1024)]


class SamePadded(nn.Module):
    """A convolution of stride 2 with TensorFlow's padding of even sizes."""

    def __init__(self, inputs, outputs, kernel, groups=1):
        super().__init__()
        zeros = kernel - 2
        self.zeros = (zeros // 2, zeros - zeros // 2) * 2
        self.convolution = nn.Conv2d(inputs, outputs, kernel, 2, groups=groups)

    def forward(self, picture):
        return self.convolution(nn.functional.pad(picture, self.zeros))


class Residual(nn.Module):
    """What a block computes, plus a shortcut, then an activation."""

    def __init__(self, inner, shortcut, activation):
        super().__init__()
        self.inner, self.shortcut, self.activation = inner, shortcut, activation

    def forward(self, features):
        return self.activation(self.inner(features) + self.shortcut(features))


class TwoLayers(nn.Module):
    """A network in two parts, the features of both of which are asked for."""

    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = nn.Sequential(*first), nn.Sequential(*second)

    def forward(self, picture):
        first = self.first(picture)
        return first, self.second(first)


def wide_resnet50_2():
    """To layer3; batch normalization is folded, as OpenVINO would do it."""
    steps = [nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1))]
    inputs = 64
    for blocks, layer_stride, width, channels in WIDE_RESNET_LAYERS:
        layer = []
        for block in range(blocks):
            stride = layer_stride if block == 0 else 1
            inner = nn.Sequential(
                nn.Conv2d(inputs, width, 1), nn.ReLU(),
                nn.Conv2d(width, width, 3, stride, 1), nn.ReLU(), nn.Conv2d(width, channels, 1))
            shortcut = nn.Conv2d(inputs, channels, 1, stride) if block == 0 else nn.Identity()
            layer.append(Residual(inner, shortcut, nn.ReLU()))
            inputs = channels
        steps.append(nn.Sequential(*layer))
    return TwoLayers(steps[:3], steps[3:])


def efficientnet_lite0():
    """To blocks.10."""
    steps = [nn.Sequential(SamePadded(3, 32, 3), nn.ReLU6())]
    inputs = 32
    for blocks, kernel, stage_stride, expansion, channels in LITE0_STAGES:
        for block in range(blocks):
            stride = stage_stride if block == 0 else 1
            width = inputs * expansion
            depthwise = (SamePadded(width, width, kernel, width) if stride == 2 else
                         nn.Conv2d(width, width, kernel, 1, kernel // 2, groups=width))
            expand = [nn.Conv2d(inputs, width, 1), nn.ReLU6()] if expansion > 1 else []
            inner = nn.Sequential(*expand, depthwise, nn.ReLU6(), nn.Conv2d(width, channels, 1))
            same = stride == 1 and inputs == channels
            steps.append(Residual(inner, nn.Identity(), nn.Identity()) if same else inner)
            inputs = channels
    return TwoLayers(steps[:6], steps[6:])


def compile_network(network, side, threads, precision):
    """Returns a function that runs the network once."""
    network.eval()
    picture = torch.zeros(1, 3, side, side)
    with torch.no_grad():
        model = openvino.convert_model(network, example_input=picture)
    model.reshape([1, 3, side, side])
    compiled = openvino.Core().compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision]})
    request = compiled.create_infer_request()
    values = numpy.random.default_rng(1).random((1, 3, side, side), dtype=numpy.float32)
    return lambda: request.infer([values])


def milliseconds(run, rounds):
    """The times of some runs after two that do not count."""
    times = []
    for index in range(rounds + 2):
        begin = time.perf_counter()
        run()
        if index >= 2:
            times.append(1000 * (time.perf_counter() - begin))
    return times


def ours(program, rounds, threads):
    """The medians of the fastest method, which runs alone as theirs: {(network, precision): ms}."""
    output = subprocess.run([program, str(rounds), str(threads), "fastest"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    lines = re.findall(r"^(\S+)\s+\d+ px\s+(fp32|bf16) \S+\s+([\d.]+) ms$", output, re.MULTILINE)
    return {(network, precision): float(ms) for network, precision, ms in lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="backbone_bench, in tests/bench of the build folder")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=10, help="frames in each turn")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    networks = {"wide_resnet50_2": (wide_resnet50_2(), 224),
                "efficientnet_lite0": (efficientnet_lite0(), 256)}
    times = {}
    theirs = {}
    for _ in range(arguments.turns):
        for key, ms in ours(arguments.program, arguments.rounds, arguments.threads).items():
            times.setdefault(key, ([], []))[0].append(ms)
            if key not in theirs:
                network, side = networks[key[0]]
                theirs[key] = compile_network(network, side, arguments.threads, key[1])
        for key, run in theirs.items():
            times[key][1].extend(milliseconds(run, arguments.rounds))
    for (network, precision), (our_times, their_times) in times.items():
        our, their = statistics.median(our_times), statistics.median(their_times)
        print(f"{network} {precision}: ours {our:.2f} ms, OpenVINO {their:.2f} ms, "
              f"ratio {our / their:.2f}")


if __name__ == "__main__":
    main()
