# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects training in Python: what is written, and what happens when it is interrupted."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import numpy as np

import patchcore
from good_parts import SMALL, part, train

# Takes minutes if nobody ends it.
LONG_BUILD = """
import sys
import patchcore
from good_parts import part
trainer = patchcore.Trainer(input_size=256, coreset_ratio=0.9, max_patches=0, sampler="greedy")
for number in range(24):
    trainer.add(part(number, (256, 256)))
print("adding done", flush=True)
trainer.build(sys.argv[1], progress=lambda *step: print(*step, flush=True))
"""


class TrainerTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.bank = self.folder / "bank Ü.safetensors"

    def refused(self, code, action, *arguments, **settings):
        with self.assertRaises(patchcore.Error) as caught:
            action(*arguments, **settings)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return str(caught.exception)

    def test_writes_a_bank_and_says_what_came_of_it(self):
        trainer = patchcore.Trainer(**SMALL)
        for number in range(12):
            trainer.add(part(number))
        steps = []
        summary = trainer.build(
            self.bank, progress=lambda *step: steps.append((threading.get_ident(), *step)))
        self.assertEqual(summary.path, str(self.bank))
        self.assertTrue(self.bank.stat().st_size > 0)
        self.assertEqual((summary.frames, summary.earlier_frames, summary.members), (12, 0, 1))
        self.assertEqual(summary.bank_patches, summary.patches // 2)
        self.assertEqual(summary.dimension, 152)
        self.assertGreater(summary.threshold, summary.usual_score)
        self.assertTrue(summary.threshold_is_guess)
        self.assertEqual(summary.index, "auto")
        self.assertIsNone(summary.recall)
        self.assertEqual(summary.device, trainer.device)
        self.assertEqual(trainer.added, 12)
        self.assertEqual(trainer.collected[:3], (12, summary.patches, 0))

        self.assertEqual({step[0] for step in steps}, {threading.get_ident()})
        percents = [step[2] for step in steps]
        self.assertEqual(percents, sorted(percents))
        self.assertEqual(percents[-1], 100)
        self.assertEqual(list(dict.fromkeys(step[1] for step in steps)),
                         ["coreset", "calibration", "writing"])

    def test_settings_reach_the_engine(self):
        train(self.bank, region=(0.25, 0.25, 0.5, 0.5), input_size=(64, 32), layers="blocks.4",
              score_mode="paper", neighbours=2, max_patches=100)
        bank = patchcore.Detector(self.bank).bank
        self.assertEqual((bank.dimension, bank.patches), (40, 100))
        self.assertEqual(bank.region, "0.25,0.25,0.5,0.5")

    def test_semicolons_make_an_ensemble(self):
        summary = train(self.bank, layers="blocks.2; blocks.4,blocks.10", coreset_ratio=0.25)
        self.assertEqual((summary.members, summary.dimension), (2, 24 + 152))
        detector = patchcore.Detector(self.bank)
        self.assertEqual((detector.bank.members, detector.bank.backbone, detector.bank.dimension,
                          detector.bank.patches),
                         (2, "efficientnet_lite0;efficientnet_lite0", 24 + 152, summary.bank_patches))
        self.assertTrue(detector.score(part(100, defective=True)).is_anomalous)
        self.assertFalse(detector.score(part(3)).is_anomalous)

    def test_a_list_of_layers_is_that_of_one_network(self):
        summary = train(self.bank, layers=["blocks.2", "blocks.4"])
        self.assertEqual((summary.members, summary.dimension), (1, 24 + 40))

    def test_an_ensemble_takes_weights_of_each_member(self):
        train(self.bank, layers="blocks.2;blocks.4", store_weights=False)
        self.assertIn("none.pth", self.refused("not_found", patchcore.Trainer, layers="blocks.2;blocks.4",
                                               weights=f";{self.folder}/none.pth"))
        self.assertIn("none.pth", self.refused("not_found", patchcore.Detector, self.bank,
                                               weights=f";{self.folder}/none.pth"))
        self.assertEqual(patchcore.Detector(self.bank, weights=";").bank.members, 2)

    def test_an_approximate_index_tells_its_recall(self):
        recall = train(self.bank, index="faiss-hnsw").recall
        self.assertTrue(0.5 < recall.neighbours <= 1, recall)
        self.assertLessEqual(recall.mean_score_error, recall.largest_score_error)
        self.assertEqual(patchcore.Detector(self.bank).bank.recall, recall)

    def test_a_bank_is_continued(self):
        train(self.bank, count=6)
        more = train(self.folder / "more", count=8, append_to=self.bank)
        self.assertEqual((more.frames, more.earlier_frames), (14, 6))
        self.assertIn("input", self.refused("invalid_argument", patchcore.Trainer,
                                            append_to=self.bank, input_size=96))

    def test_takes_no_more_than_it_is_told(self):
        trainer = patchcore.Trainer(**SMALL, max_frames=2)
        self.assertFalse(trainer.complete)
        for number in range(4):
            trainer.add(part(number))
        self.assertTrue(trainer.complete)
        self.assertEqual(trainer.build(self.bank).frames, 2)

    def test_pictures_are_taken_from_several_threads(self):
        trainer = patchcore.Trainer(**SMALL)
        threads = [threading.Thread(target=lambda first: [trainer.add(part(first + i)) for i in range(3)],
                                    args=[3 * number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(trainer.build(self.bank).frames, 12)

    def test_wrong_settings_are_refused_n(self):
        for settings, word in (
            ({"coreset_ratio": 2}, "coreset ratio"),
            ({"sampler": "best"}, "approximate-greedy"),
            ({"precision": "fp64"}, "bf16"),
            ({"input_size": "large"}, "large"),
            ({"region": "here"}, "here"),
            ({"region": (0.5, 0.5, 0.6, 0.5)}, "0.6"),
            ({"device": "abacus"}, "abacus"),
            ({"threads": -1}, "threads"),
            ({"threads": 100_000}, "threads"),
            ({"max_frames": -1}, "max_frames"),
            ({"min_novelty": -1.0}, "novelty"),
            ({"backbone": "efficientnet_lite0;"}, "backbones"),
            ({"backbone": "resnet18;resnet34;resnet50", "layers": "layer2;layer3"}, "layers"),
            ({"layers": "blocks.4,,blocks.10"}, "layers"),
            ({"layers": "blocks.2;blocks.4", "weights": "a;b;c"}, "weights"),
            ({"min_novelty": float("nan")}, "novelty"),
        ):
            with self.subTest(settings):
                self.assertIn(word, self.refused("invalid_argument", patchcore.Trainer, **settings))
        self.refused("not_found", patchcore.Trainer, layers=["blocks.99"])
        self.refused("not_found", patchcore.Trainer, backbone="resnet9")
        self.refused("not_found", patchcore.Trainer, weights=self.folder / "none.pth")
        self.refused("not_found", patchcore.Trainer, mask=b"\xff.png")

    def test_settings_of_wrong_types_are_refused_n(self):
        for settings in ({"coreset_ratio": "0.1"}, {"patch_size": 2.5}, {"seed": -1}, {"seed": 2**64},
                         {"input_size": (1, 2, 3)}, {"region": (1, 2, 3)}, {"region": 5}, {"layers": 4},
                         {"backbone": None}, {"weights": 7}, {"threads": "two"}, {"sampler": 1},
                         {"max_frames": None}):
            with self.subTest(settings), self.assertRaisesRegex(TypeError, next(iter(settings))):
                patchcore.Trainer(**settings)
        with self.assertRaises(TypeError):
            patchcore.Trainer(coreset_size=3)
        with self.assertRaises(TypeError):
            patchcore.Trainer("resnet18")

    def test_what_is_no_picture_is_refused_and_does_no_harm_n(self):
        trainer = patchcore.Trainer(**SMALL)
        for wrong in (None, "picture", [[1, 2], [3, 4]], np.zeros((64, 64)), part(0).astype(np.int8)):
            with self.assertRaises(TypeError):
                trainer.add(wrong)
        for wrong in (np.zeros((0, 64, 3), np.uint8), np.zeros((64, 64, 2), np.uint8), np.uint8([1, 2])):
            with self.assertRaises(ValueError):
                trainer.add(wrong)
        self.refused("unsupported_frame", trainer.add, part(0, (16, 16)))
        self.refused("invalid_argument", trainer.build, self.bank)
        trainer.add(part(0))
        self.assertEqual(trainer.build(self.bank).frames, 1)

    def test_a_wrong_path_can_be_corrected_n(self):
        trainer = patchcore.Trainer(**SMALL)
        trainer.add(part(0))
        self.refused("not_found", trainer.build, self.folder / "none" / "bank")
        self.refused("write_failed", trainer.build, self.folder)
        with self.assertRaises(TypeError):
            trainer.build(3)
        trainer.build(self.bank)

    def test_nothing_is_added_or_built_after_the_build_n(self):
        trainer = patchcore.Trainer(**SMALL)
        trainer.add(part(0))
        trainer.build(self.bank)
        self.refused("invalid_argument", trainer.add, part(1))
        self.refused("invalid_argument", trainer.build, self.bank)

    def test_an_exception_of_the_callback_ends_the_build_n(self):
        self.bank.write_text("the old one")
        trainer = patchcore.Trainer(**SMALL)
        for number in range(6):
            trainer.add(part(number))

        def fail(stage, *_step):
            if stage == "writing":
                raise LookupError("no such window")

        with self.assertRaisesRegex(LookupError, "no such window"):
            trainer.build(self.bank, progress=fail)
        self.assertEqual(self.bank.read_text(), "the old one")
        self.assertEqual([path.name for path in self.folder.iterdir()], [self.bank.name])
        self.refused("invalid_argument", trainer.add, part(1))

    def test_what_cannot_be_called_ends_the_build_n(self):
        trainer = patchcore.Trainer(**SMALL)
        trainer.add(part(0))
        with self.assertRaises(TypeError):
            trainer.build(self.bank, progress="loudly")

    def test_another_thread_cancels_n(self):
        trainer = patchcore.Trainer(input_size=256, coreset_ratio=0.9, max_patches=0, sampler="greedy")
        for number in range(24):
            trainer.add(part(number, (256, 256)))
        timer = threading.Timer(0.2, trainer.cancel)
        timer.start()
        self.refused("cancelled", trainer.build, self.bank)
        timer.join()
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_control_c_ends_the_build_and_leaves_no_file_n(self):
        with subprocess.Popen([sys.executable, "-c", LONG_BUILD, self.bank], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": ":".join(sys.path)}) as process:
            self.assertEqual(process.stdout.readline(), "adding done\n")
            self.assertTrue(process.stdout.readline().startswith("coreset 0"))
            process.send_signal(signal.SIGINT)
            _output, errors = process.communicate(timeout=60)
        self.assertIn("KeyboardInterrupt", errors)
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_trainer_may_be_given_up(self):
        trainer = patchcore.Trainer(**SMALL)
        trainer.add(part(0))
        del trainer
        patchcore.Trainer(**SMALL)


if __name__ == "__main__":
    unittest.main()
