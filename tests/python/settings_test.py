# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects that settings are named, and default to, what the properties of the elements do."""
import ast
import inspect
import pathlib
import typing
import unittest
import unittest.mock

import gi

import patchcore
from patchcore import _engine, _error, _settings

gi.require_version("Gst", "1.0")
from gi.repository import GObject, Gst  # noqa: E402

STUB = pathlib.Path(_engine.__file__).with_name("_engine.pyi")
# Properties that Python has no setting for: append_to, build() and from_preset() stand for some, others are
# for streams. And settings that are no properties.
TRAINING_ONLY_PROPERTIES = {"append", "bank", "interval", "preset", "region-from-meta"}
TRAINING_ONLY_SETTINGS = {"append_to"}
DETECTION_ONLY_PROPERTIES = {
    "bank", "watch-bank", "region-from-meta", "overlay", "overlay-opacity", "mode", "interval", "post-messages",
    "stats-interval", "qos", "engine-threads", "batch-size", "batch-timeout"}
LEFT_OPEN = {("patch-size", 0), ("pretrain-embed-dimension", -1), ("target-embed-dimension", -1),
             ("threshold", -1.0)}
TYPES = {"preset": _settings.Preset, "sampler": _settings.Sampler, "score-mode": _settings.ScoreMode,
         "image-score": _settings.ImageScore, "precision": _settings.Precision, "index": _settings.Index}


def properties(element):
    writable = GObject.ParamFlags.WRITABLE
    return {spec.name: spec for spec in GObject.list_properties(element)
            if spec.owner_type == element.__gtype__ and spec.flags & writable}


def default(element, name):
    value = element.get_property(name)
    if (name, value) in LEFT_OPEN or value == "":
        return None
    return getattr(value, "value_nick", value)


def chosen(element, name, preset):
    """0 stands for a dimension of the backbone's only before it is set."""
    value = element.get_property(name)
    return default(element, name) if preset == "none" else getattr(value, "value_nick", value) or default(element, name)


def parameters(function):
    return {name: parameter for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY}


class SettingsTest(unittest.TestCase):
    def compare(self, element, settings, only_settings=frozenset(), only_properties=frozenset()):
        names = {name.replace("_", "-") for name in settings if name not in only_settings}
        self.assertEqual(names, set(properties(element)) - only_properties)
        for name in names:
            with self.subTest(name):
                self.assertEqual(settings[name.replace("-", "_")].default, default(element, name))

    def test_settings_of_training_are_those_of_the_element(self):
        self.compare(Gst.ElementFactory.make("patchcoretrain"), parameters(patchcore.Trainer.__init__),
                     TRAINING_ONLY_SETTINGS, TRAINING_ONLY_PROPERTIES)

    def test_settings_of_detection_are_those_of_the_element(self):
        element = Gst.ElementFactory.make("patchcoredetect")
        self.compare(element, {**parameters(patchcore.Detector.__init__), **parameters(patchcore.Detector.score)},
                     only_properties=DETECTION_ONLY_PROPERTIES)
        opacity = inspect.signature(patchcore.Result.heatmap).parameters["opacity"]
        self.assertEqual(opacity.default, default(element, "overlay-opacity"))

    def test_types_name_the_values_of_the_element(self):
        specs = properties(Gst.ElementFactory.make("patchcoretrain"))
        for name, values in TYPES.items():
            nicks = [value.value_nick for value in specs[name].enum_class.__enum_values__.values()]
            self.assertEqual(list(typing.get_args(values)), nicks)

    def test_every_value_is_taken(self):
        options = _engine.TrainerOptions()
        for name, values in TYPES.items():
            if name == "preset":
                continue
            for value in typing.get_args(values):
                setattr(options, name.replace("-", "_"), value)
                self.assertEqual(getattr(options, name.replace("-", "_")), value)

    def test_presets_are_those_of_the_element(self):
        for preset in typing.get_args(_settings.Preset):
            element = Gst.ElementFactory.make("patchcoretrain")
            element.set_property("preset", preset)
            with unittest.mock.patch.object(patchcore.Trainer, "__init__", return_value=None) as init:
                patchcore.Trainer.from_preset(preset, neighbours=4, weights="w.pth")
            settings = init.call_args.kwargs
            self.assertEqual((settings.pop("neighbours"), settings.pop("weights")), (4, "w.pth"))
            self.assertEqual(set(settings) | {"neighbours", "weights"}, set(parameters(patchcore.Trainer)))
            for name in set(settings) - TRAINING_ONLY_SETTINGS:
                with self.subTest(preset=preset, name=name):
                    self.assertEqual(settings[name], chosen(element, name.replace("_", "-"), preset))
        for wrong, error in (("best", patchcore.Error), (None, TypeError)):
            with self.assertRaises(error):
                patchcore.Trainer.from_preset(wrong)

    def test_every_setting_is_explained(self):
        for described in (patchcore.Trainer, patchcore.Detector):
            for name in inspect.signature(described).parameters:
                self.assertRegex(described.__doc__, rf"\n        {name}: .")
        self.assertRegex(patchcore.Detector.score.__doc__, "threshold: (.|\n)*min_region_area: ")

    def test_every_code_of_an_error_has_a_type_and_an_explanation(self):
        self.assertEqual(typing.get_args(_error.ErrorCode), _engine.error_codes)
        for code in _engine.error_codes:
            self.assertRegex(patchcore.Error.__doc__, rf"\b{code}\b")

    def test_everything_public_is_documented(self):
        for name in patchcore.__all__:
            thing = getattr(patchcore, name)
            if inspect.isclass(thing):
                self.assertTrue(thing.__doc__, name)
                for method, function in vars(thing).items():
                    if not method.startswith("_") and callable(function):
                        self.assertTrue(function.__doc__, f"{name}.{method}")

    def test_the_stub_has_what_the_module_has(self):
        def names_in(body):
            for node in body:
                if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                    yield node.name
                elif isinstance(node, ast.AnnAssign):
                    yield node.target.id

        stub = ast.parse(STUB.read_text())
        self.assertEqual(set(names_in(stub.body)), {name for name in vars(_engine) if not name.startswith("__")})
        for node in stub.body:
            if isinstance(node, ast.ClassDef):
                members = {name for name in vars(getattr(_engine, node.name)) if not name.startswith("_")}
                self.assertEqual(set(names_in(node.body)) - {"__init__"}, members, node.name)


if __name__ == "__main__":
    Gst.init(None)
    unittest.main()
