#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Makes a TorchScript file, for backbone=FILE.pt, of a network of torchvision or timm.

  examples/export-backbone.py timm:vit_base_patch16_224 vit_base.pt
  examples/export-backbone.py torchvision:mobilenet_v3_large mobilenet.pt --layers features.6,features.12

Needs Python with torch and the library that has the network (`pip install torch torchvision timm`).
The pretrained weights are downloaded by that library. The file works with LibTorch 1.13 and newer,
whatever torch made it.

Layers are modules of the network by their names, as the published implementation takes them; --list
prints those that can be chosen. By default they are the last modules of strides 8 and 16 or, of a
transformer whose tokens keep their grid, the blocks at a half and at three quarters of the way.
"""
import argparse
import importlib
import json
import math
import sys
import warnings

import torch

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
TOLERANCE = 1e-3
# Networks with fewer repeated blocks of tokens are no plain transformers.
FEWEST_BLOCKS = 4


class Reached(Exception):
    """The last layer that is needed has been computed."""


def plain_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    """torch's scaled_dot_product_attention by operators that LibTorch 1.13 has, too."""
    if is_causal or enable_gqa or dropout_p:
        raise ValueError("export-backbone: this network's kind of attention is not known here")
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    weights = (query * scale) @ key.transpose(-2, -1)
    if attn_mask is not None:
        if attn_mask.dtype == torch.bool:
            weights = weights.masked_fill(~attn_mask, float("-inf"))
        else:
            weights = weights + attn_mask
    return weights.softmax(-1) @ value


def use_old_operators():
    """What newer torches compute in one operator is traced as those that it consists of."""
    torch.nn.functional.scaled_dot_product_attention = plain_attention
    mha = getattr(torch.backends, "mha", None)
    if mha is not None:
        mha.set_fastpath_enabled(False)


def make_network(library, name, pretrained, input_size):
    if library == "torchvision":
        models = importlib.import_module("torchvision.models")
        has_auxiliary = pretrained and name in ("inception_v3", "googlenet")
        kwargs = {"aux_logits": True} if has_auxiliary else {}
        if not hasattr(models, "get_model"):  # before 0.14
            return getattr(models, name)(pretrained=pretrained, **kwargs), {}
        weights = "DEFAULT" if pretrained else None
        return models.get_model(name, weights=weights, **kwargs), {}
    if library == "timm":
        timm = importlib.import_module("timm")
        layers = importlib.import_module("timm.layers")
        layers.set_fused_attn(False)
        kwargs = {}
        if input_size is not None:
            kwargs["img_size"] = input_size
        try:
            network = timm.create_model(name, pretrained=pretrained, **kwargs)
        except TypeError:  # one that takes any size
            network = timm.create_model(name, pretrained=pretrained)
        return network, getattr(network, "pretrained_cfg", None) or network.default_cfg
    if library == "pretrainedmodels":
        models = importlib.import_module("pretrainedmodels")
        network = getattr(models, name)(
            num_classes=1000, pretrained="imagenet" if pretrained else None
        )
        return network, {}
    sys.exit(f"export-backbone: no library {library}: torchvision, timm or pretrainedmodels")


def only_tensor(output):
    """A module's output where that is one tensor, else None."""
    if isinstance(output, (tuple, list)) and len(output) == 1:
        output = output[0]
    return output if isinstance(output, torch.Tensor) else None


def trace_modules(network, picture):
    """The names of the modules with the shapes of their outputs, in the order in which they end."""
    shapes, handles = {}, []
    for name, module in network.named_modules():
        if not name:
            continue

        def hook(_module, _input, output, name=name):
            tensor = only_tensor(output)
            if tensor is not None:
                shapes.pop(name, None)
                shapes[name] = tuple(tensor.shape)

        handles.append(module.register_forward_hook(hook))
    with torch.no_grad():
        network(picture)
    for handle in handles:
        handle.remove()
    return shapes


def is_channels_last(shape, side):
    """Whether [batch, height, width, channels], as Swin has it. Grids here are square."""
    return len(shape) == 4 and shape[1] == shape[2] != shape[3] and side % shape[1] == 0


def grid_side(shape, side):
    """Positions along a side of the output's grid, 0 if it has none."""
    if len(shape) == 4:
        if is_channels_last(shape, side):
            return shape[1]
        return shape[2] if shape[2] == shape[3] and shape[2] > 1 else 0
    return 0


def nearest_stride(shape, side):
    """The power of two; 0 if the output has no grid. Networks without padding lose a little."""
    positions = grid_side(shape, side)
    return 2 ** round(math.log2(side / positions)) if positions else 0


def token_blocks(network, shapes):
    """The longest row of alike modules that give the same tokens."""
    longest = []
    for name, module in network.named_modules():
        blocks = {}
        for child, block in module.named_children():
            full = f"{name}.{child}" if name else child
            if full in shapes and len(shapes[full]) == 3:
                blocks.setdefault((type(block), shapes[full]), []).append(full)
        for row in blocks.values():
            longest = max(longest, row, key=len)
    return longest


def default_layers(network, shapes, side):
    blocks = token_blocks(network, shapes)
    if len(blocks) >= FEWEST_BLOCKS:
        return [blocks[len(blocks) // 2 - 1], blocks[len(blocks) * 3 // 4 - 1]]
    layers = []
    for stride in (8, 16):
        fitting = [
            name
            for name, shape in shapes.items()
            if nearest_stride(shape, side) == stride
        ]
        if fitting:
            depth = min(name.count(".") for name in fitting)
            layers.append([name for name in fitting if name.count(".") == depth][-1])
    if not layers:
        sys.exit("export-backbone: no layer of stride 8 or 16: choose --layers from --list")
    return layers


class Outputs(torch.nn.Module):
    """The network up to the last layer asked for, as a dictionary of their outputs."""

    def __init__(self, network, layers, channels_last):
        super().__init__()
        self.network = network
        self.layers = layers
        self.channels_last = channels_last
        self.found = {}
        modules = dict(network.named_modules())
        for layer in layers:
            modules[layer].register_forward_hook(
                lambda _module, _input, output, layer=layer: self.keep(layer, output)
            )

    def keep(self, layer, output):
        tensor = only_tensor(output)
        if layer in self.channels_last:
            tensor = tensor.permute(0, 3, 1, 2)
        # A copy, for what follows may write to it.
        self.found[layer] = tensor.clone()
        if len(self.found) == len(self.layers):
            raise Reached

    def forward(self, picture):
        self.found = {}
        try:
            self.network(picture)
        except Reached:
            pass
        return {layer: self.found[layer] for layer in self.layers}


def drop_unused(outputs, picture):
    """What comes after the last layer is left out of the file: in the modules that are not run to
    their end, those that are not begun."""
    begun, ended, handles = set(), set(), []
    for name, module in outputs.network.named_modules():
        handles.append(module.register_forward_pre_hook(lambda *_, name=name: begun.add(name)))
        handles.append(module.register_forward_hook(lambda *_, name=name: ended.add(name)))
    with torch.no_grad():
        outputs(picture)
    for handle in handles:
        handle.remove()
    # A container that the network goes through itself is begun with what is in it.
    for name in list(begun):
        parts = name.split(".")
        begun.update(".".join(parts[:end]) for end in range(1, len(parts)))

    def drop(module, prefix):
        for child_name, child in module.named_children():
            name = prefix + child_name
            if name not in begun:
                setattr(module, child_name, torch.nn.Identity())
            elif name not in ended and name not in outputs.layers:
                drop(child, name + ".")

    drop(outputs.network, "")


def largest_difference(first, second):
    """Of each layer's largest value."""
    return max(
        float((first[layer] - second[layer]).abs().max() / first[layer].abs().max())
        for layer in first
    )


def takes_other_sizes(traced, outputs, side):
    """Whether the traced network gives what the network gives for other sizes, too."""
    for height, width in ((side + 32, side + 96), (side - 64, side - 32)):
        picture = torch.randn(1, 3, height, width)
        try:
            with torch.no_grad():
                expected = outputs(picture)
                found = traced(picture)
                if largest_difference(expected, found) >= TOLERANCE:
                    return False
        except Exception:  # whatever a network throws at a size that it does not take
            return False
    return True


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network", help="LIBRARY:NAME, e.g. timm:vit_base_patch16_224")
    parser.add_argument("file", nargs="?", help="what to write, ending in .pt (NAME.pt)")
    parser.add_argument("--layers", help="comma-separated names of modules")
    parser.add_argument("--input-size", type=int, help="side of the picture it is traced with")
    parser.add_argument("--list", action="store_true", help="print the modules and exit")
    parser.add_argument("--random", action="store_true", help="no pretrained weights: for tests")
    arguments = parser.parse_intermixed_args()
    if ":" not in arguments.network:
        parser.error("the network is LIBRARY:NAME, e.g. torchvision:mnasnet1_0")
    return arguments


def main():
    arguments = parse_arguments()
    library, name = arguments.network.split(":", 1)
    path = arguments.file or name + ".pt"
    if not path.endswith(".pt"):
        sys.exit("export-backbone: the file's name has to end in .pt")
    use_old_operators()
    # What tracing leaves out is found by comparing below.
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    torch.manual_seed(0)
    network, config = make_network(library, name, not arguments.random, arguments.input_size)
    network.eval()
    side = arguments.input_size or config.get("input_size", (3, 224, 224))[1]
    picture = torch.randn(1, 3, side, side)
    shapes = trace_modules(network, picture)
    if arguments.list:
        for layer, shape in shapes.items():
            print(layer, "x".join(str(length) for length in shape[1:]))
        return
    if arguments.layers:
        layers = arguments.layers.split(",")
    else:
        layers = default_layers(network, shapes, side)
    unknown = [layer for layer in layers if layer not in shapes]
    if unknown:
        sys.exit(f"export-backbone: {name} has no layer {', '.join(unknown)} (see --list)")

    channels_last = [layer for layer in layers if is_channels_last(shapes[layer], side)]
    outputs = Outputs(network, layers, channels_last).eval()
    drop_unused(outputs, picture)
    with torch.no_grad():
        traced = torch.jit.trace(outputs, picture, strict=False, check_trace=False)
        other = torch.randn(1, 3, side, side)
        difference = largest_difference(outputs(other), traced(other))
    if not difference < TOLERANCE:
        sys.exit(f"export-backbone: {name} cannot be traced: its features differ by {difference}")
    settings = {
        "network": arguments.network,
        "layers": layers,
        "mean": list(config.get("mean", IMAGENET_MEAN)),
        "deviation": list(config.get("std", IMAGENET_DEVIATION)),
    }
    any_size = takes_other_sizes(traced, outputs, side)
    if not any_size:
        settings["input_size"] = [side, side]
    torch.jit.save(traced, path, _extra_files={"patchcore.json": json.dumps(settings)})
    size = "any size" if any_size else f"{side}x{side}"
    print(f"{path}: layers {', '.join(layers)}; pictures of {size}")


if __name__ == "__main__":
    main()
