#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects `patchcore evaluate`: its figures are scikit-learn's and scikit-image's over the scores
and maps that it writes, its report is whole, bad folders do not stop it, and a run goes on where it
stopped.

Usage: evaluate_command_test.py PROGRAM
"""
import csv
import html.parser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy
from PIL import Image
from skimage import measure
from sklearn import metrics

import data_sets
from pipelines import PATIENCE

PROGRAM = sys.argv[1]
SMALL = ["--input-size", "96", "--coreset-ratio", "0.25"]
TOLERANCE = 1e-6
PUBLISHED = ["Row Names", "instance_auroc", "full_pixel_auroc", "anomaly_pixel_auroc"]


def evaluate(*arguments):
    return subprocess.run([PROGRAM, "evaluate", *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=100 * PATIENCE, check=False)


def evaluate_well(*arguments):
    done = evaluate(*arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def best_f1(labels, scores):
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    return numpy.max(2 * precision * recall / numpy.maximum(precision + recall, 1e-300))


def pro(masks, maps, limit=0.3):
    """The regions' mean overlap over the false positive rate, threshold by threshold."""
    normal = numpy.sort(numpy.concatenate([values[mask == 0] for mask, values in zip(masks, maps)]))
    regions = []
    for mask, values in zip(masks, maps):
        labels = measure.label(mask, connectivity=2)
        regions += [numpy.sort(values[labels == region.label])
                    for region in measure.regionprops(labels)]
    thresholds = numpy.unique(numpy.concatenate([values.ravel() for values in maps]))[::-1]
    rates = numpy.append(0, 1 - numpy.searchsorted(normal, thresholds) / len(normal))
    overlaps = numpy.append(0, numpy.mean(
        [1 - numpy.searchsorted(region, thresholds) / len(region) for region in regions], axis=0))
    last = numpy.count_nonzero(rates <= limit) - 1
    share = (limit - rates[last]) / (rates[last + 1] - rates[last])
    end = overlaps[last] + share * (overlaps[last + 1] - overlaps[last])
    return numpy.trapz(numpy.append(overlaps[:last + 1], end),
                       numpy.append(rates[:last + 1], limit)) / limit


def reference_figures(folder, threshold):
    """Of a category's scores.csv and maps/."""
    rows = read_csv(folder / "scores.csv")
    labels = numpy.array([int(row["anomalous"]) for row in rows])
    scores = numpy.array([float(row["score"]) for row in rows])
    maps, masks, anomalous = [], [], []
    for row in rows:
        name = folder / "maps" / row["type"] / pathlib.Path(row["picture"]).name
        if os.path.exists(f"{name}.mask.png"):
            maps.append(numpy.load(f"{name}.npy"))
            masks.append(numpy.asarray(Image.open(f"{name}.mask.png")) // 255)
            anomalous.append(int(row["anomalous"]))
    chosen = [i for i, is_anomalous in enumerate(anomalous) if is_anomalous]
    pixels = numpy.concatenate([mask.ravel() for mask in masks])
    values = numpy.concatenate([values.ravel() for values in maps])
    of_anomalous = [numpy.concatenate([arrays[i].ravel() for i in chosen])
                    for arrays in (masks, maps)]
    return {
        "instance_auroc": metrics.roc_auc_score(labels, scores),
        "full_pixel_auroc": metrics.roc_auc_score(pixels, values),
        "anomaly_pixel_auroc": metrics.roc_auc_score(*of_anomalous),
        "instance_average_precision": metrics.average_precision_score(labels, scores),
        "instance_best_f1": best_f1(labels, scores),
        "instance_f1_at_threshold": metrics.f1_score(labels, scores >= threshold),
        "full_pro": pro(masks, maps),
        "anomaly_pro": pro([masks[i] for i in chosen], [maps[i] for i in chosen]),
        "full_pixel_average_precision": metrics.average_precision_score(pixels, values),
        "full_pixel_best_f1": best_f1(pixels, values),
    }


def check_figures(results, names):
    report = json.loads((results / "results.json").read_text(encoding="utf-8"))
    assert [category["name"] for category in report["categories"]] == sorted(names), report
    table = {row["Row Names"]: row for row in read_csv(results / "results.csv")}
    assert list(table) == [*sorted(names), "Mean"], table
    assert list(table["Mean"]) == PUBLISHED, table
    of_all = []
    for category in report["categories"]:
        expected = reference_figures(results / category["name"], category["bank"]["threshold"])
        assert category["figures"].keys() == expected.keys(), category
        for name, value in expected.items():
            assert abs(category["figures"][name] - value) < TOLERANCE, (name, value, category)
        for name in PUBLISHED[1:]:
            assert float(table[category["name"]][name]) == category["figures"][name]
        of_all.append(expected)
    for name, value in report["mean"].items():
        assert abs(value - numpy.mean([figures[name] for figures in of_all])) < TOLERANCE, name


class PageChecker(html.parser.HTMLParser):
    """Every element is closed, and nothing is fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.pictures, self.charts = [], 0, 0

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)
        self.charts += tag == "svg"

    def handle_startendtag(self, tag, attrs):
        for name, value in attrs:
            assert name not in ("href", "srcset"), (tag, attrs)
            if name == "src":
                assert value.startswith("data:image/jpeg;base64,"), value[:60]
                self.pictures += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.open)


def check_page(results, charts):
    text = (results / "report.html").read_text(encoding="utf-8")
    page = PageChecker()
    page.feed(text)
    page.close()
    assert not page.open and page.charts == charts and page.pictures >= 8, vars(page)
    assert "@import" not in text and "url(" not in text and "<script" not in text


def check_whole(folder):
    """Two categories, one with masks at many sizes; then again, then another setting."""
    data = folder / "data set"
    data_sets.write_category(data / "bolt Ü")
    data_sets.write_category(data / "nut", size=(128, 96))
    picture, mask = data_sets.part(300, size=(80, 120), defect=8)
    data_sets.save(picture, data / "nut/test/große Delle/high.png")
    data_sets.save(mask, data / "nut/ground_truth/große Delle/high_mask.png")
    results = folder / "results ä"
    arguments = [data, "--output", results, "--maps", "--sheets", "all", *SMALL]
    first = evaluate_well(*arguments)
    check_figures(results, ["bolt Ü", "nut"])
    check_page(results, charts=4)
    assert "pictures are of different sizes" in first, first
    assert len(list((results / "bolt Ü/sheets").rglob("*.png"))) == 11
    assert "instance_auroc" in first and "report.html" in first, first

    before = {path: path.stat().st_mtime_ns for path in (results / "nut").rglob("*")}
    shutil.rmtree(results / "bolt Ü/sheets")
    (results / "bolt Ü/result.json").unlink()
    bank = (results / "bolt Ü/bank.safetensors").stat().st_mtime_ns
    second = evaluate_well(*arguments)
    assert "nut: done already, kept" in second and "bolt Ü: training" not in second, second
    assert (results / "bolt Ü/bank.safetensors").stat().st_mtime_ns == bank
    assert before == {path: path.stat().st_mtime_ns for path in (results / "nut").rglob("*")}
    check_figures(results, ["bolt Ü", "nut"])

    other = evaluate(*arguments, "--seed", 3)
    assert other.returncode > 0 and "seed: 0, now 3" in other.stdout, other.stdout
    assert before == {path: path.stat().st_mtime_ns for path in (results / "nut").rglob("*")}
    evaluate_well(*arguments, "--resolution", "picture", "--category", "nut", "--replace")
    check_figures(results, ["nut"])
    sizes = {numpy.load(path).shape for path in (results / "nut/maps").rglob("*.npy")}
    assert sizes == {(96, 128), (120, 80)}, sizes
    return data, results


def check_banks(folder, data, results):
    """Banks that are there give the same scores."""
    again = folder / "again"
    evaluate_well(data, "--category", "nut", "--output", again, "--bank",
                  results / "nut/bank.safetensors", "--resolution", "picture", "--maps")
    assert (again / "nut/scores.csv").read_text() == (results / "nut/scores.csv").read_text()
    assert not (again / "nut/bank.safetensors").exists()
    banks = folder / "banks"
    banks.mkdir()
    shutil.copy(results / "nut/bank.safetensors", banks / "nut.safetensors")
    done = evaluate(data, "--output", folder / "some", "--bank", banks)
    assert done.returncode > 0 and "bolt Ü: failed: " in done.stdout, done.stdout
    assert (folder / "some/nut/scores.csv").read_text() == (again / "nut/scores.csv").read_text()
    assert not (folder / "some/bolt Ü/result.json").exists()


def check_bad_folders(folder):
    """What is missing or broken is told, and the rest is evaluated."""
    data = folder / "bad data"
    good = data_sets.write_category(data / "good")
    (good / "train/good/000.png").write_text("no picture")
    (good / "test/good/broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (good / "test/good/notes.txt").write_text("no picture")
    (good / "ground_truth/große Delle/000_mask.png").unlink()
    data_sets.save(Image.new("L", (5, 5)), good / "ground_truth/große Delle/001_mask.png")
    data_sets.save(Image.new("L", (96, 80)), good / "ground_truth/große Delle/002_mask.png")
    data_sets.save(data_sets.part(9, defect=9)[0], good / "test/no masks/1.png")
    data_sets.write_category(data / "no defects", defective=0)
    data_sets.write_category(data / "no test", good=0, defective=0)
    (data / "no test/test").mkdir()
    data_sets.write_category(data / "no train", train=0)
    (data / "no train/train/good").mkdir(parents=True)
    data_sets.write_category(data / "unreadable", train=1)
    (data / "unreadable/train/good/000.png").write_text("no picture")
    results = folder / "bad results"
    done = evaluate(data, "--output", results, *SMALL)
    assert done.returncode > 0, done.stdout
    for text in ("good: not trained with: ", "broken.jpg", "1 file that by the name is no picture",
                 "große Delle: 1 of 5 pictures without a mask", "is 5x5, the picture 96x80",
                 "002_mask.png\" is empty", "no masks: 1 of 1 picture without a mask",
                 "no defects: no figures of the pictures", "no test: failed: there are no pictures",
                 "no train: failed: there are no pictures to train with",
                 "unreadable: failed: none of 1 pictures can be trained with",
                 "3 of 5 categories could not be evaluated"):
        assert text in done.stdout, (text, done.stdout)
    report = json.loads((results / "results.json").read_text())
    assert [failure["name"] for failure in report["failed"]] == ["no test", "no train",
                                                                 "unreadable"]
    figures = {category["name"]: category["figures"] for category in report["categories"]}
    assert set(figures["no defects"].values()) == {None}, figures
    assert None not in figures["good"].values(), figures
    table = read_csv(results / "results.csv")
    assert table[1]["instance_auroc"] == "" and table[2]["instance_auroc"] != "", table
    assert "no train could not be evaluated" in (results / "report.html").read_text()


def check_refused(word, *arguments):
    done = evaluate(*arguments)
    assert done.returncode > 0 and word in done.stdout, done.stdout


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        data, results = check_whole(folder)
        check_banks(folder, data, results)
        check_bad_folders(folder)
        check_refused("not empty", data, "--output", data)
        check_refused("no category", data, "--output", folder / "x", "--category", "x")
        check_refused("excludes", data, "--output", folder / "x", "--bank", "b", "--seed", "1")
        check_refused("--output", data)
        assert not (folder / "x").exists()


if __name__ == "__main__":
    main()
