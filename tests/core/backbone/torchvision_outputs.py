#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Writes what torchvision's networks give, with weights that follow from a formula.

Usage: torchvision_outputs.py FILE [NETWORK=LAYER,LAYER ...]

FILE becomes a safetensors file with the tensor `input` and a tensor NETWORK/LAYER for each layer.
tf_efficientnet_bN is torchvision's network with TensorFlow's padding and epsilon. Exits with 77
where there is no torchvision.
"""
import json
import math
import re
import sys

try:
    import numpy
    import torch
    import torchvision
except ImportError as error:
    print(f"torchvision_outputs: {error}", file=sys.stderr)
    sys.exit(77)

INPUT_SHAPE = (2, 3, 64, 96)


def fnv1a64(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def formula(name, shape):
    """The values of tests/support/formula_weights.h."""
    count = math.prod(shape)
    with numpy.errstate(over="ignore"):
        state = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(fnv1a64(name))
        state += numpy.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        state ^= state >> numpy.uint64(31)
    u = ((state >> numpy.uint64(40)).astype(numpy.float64) / 2**23 - 1).astype(numpy.float32)
    centre, spread = 0.0, 0.1
    if name.endswith("running_var"):
        centre = 1.0
    elif not name.endswith(("running_mean", "bias")):
        if len(shape) == 1:
            centre = 0.5
        else:
            spread = math.sqrt(6 / math.prod(shape[1:]))
    values = numpy.float32(centre) + numpy.float32(spread) * u
    return torch.from_numpy(values.reshape(shape))


class SamePadded(torch.nn.Module):
    """A convolution with TensorFlow's padding in place of its own."""

    def __init__(self, convolution):
        super().__init__()
        self.convolution = convolution
        convolution.padding = (0, 0)

    def forward(self, picture):
        kernel, stride = self.convolution.kernel_size[0], self.convolution.stride[0]
        padding = []
        for length in reversed(picture.shape[2:]):
            zeros = max((math.ceil(length / stride) - 1) * stride + kernel - length, 0)
            padding += [zeros // 2, zeros - zeros // 2]
        return self.convolution(torch.nn.functional.pad(picture, padding))


def pad_as_tensorflow(module):
    for name, child in module.named_children():
        pad_as_tensorflow(child)
        if isinstance(child, torch.nn.BatchNorm2d):
            child.eps = 1e-3
        if isinstance(child, torch.nn.Conv2d):
            setattr(module, name, SamePadded(child))


def make_network(name):
    network = getattr(torchvision.models, name[len("tf_") :] if name.startswith("tf_") else name)()
    # The classifier is left out: its weights would take most of the time.
    weights = {
        key: formula(key, value.shape)
        for key, value in network.state_dict().items()
        if value.dtype == torch.float32 and not key.startswith(("classifier", "fc"))
    }
    network.load_state_dict(weights, strict=False)
    if name.startswith("tf_"):
        pad_as_tensorflow(network)
    return network.eval()


def outputs(name, layers, picture):
    network = make_network(name)
    modules = dict(network.named_modules())
    results = {}
    for layer in layers:
        # timm counts stages from 0, and has a name for each block as torchvision does.
        module = re.sub(r"^blocks\.(\d+)", lambda stage: f"features.{int(stage[1]) + 1}", layer)
        modules[module].register_forward_hook(
            lambda _module, _input, output, layer=layer: results.update({layer: output.clone()})
        )
    with torch.inference_mode():
        network(picture)
    return {f"{name}/{layer}": results[layer] for layer in layers}


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(tensor.contiguous().numpy().astype("<f4").tobytes())


def main(path, networks):
    index = torch.arange(math.prod(INPUT_SHAPE), dtype=torch.float64)
    picture = (torch.sin(0.37 * index) + torch.cos(0.011 * index)).float().reshape(INPUT_SHAPE)
    tensors = {"input": picture}
    for network in networks:
        name, layers = network.split("=")
        tensors.update(outputs(name, layers.split(","), picture))
    write_safetensors(path, tensors)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
