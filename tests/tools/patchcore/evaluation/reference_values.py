#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Prints the values that ranking_curve_test.cpp and pixel_figures_test.cpp expect.

Computed with scikit-learn and scikit-image (python3-sklearn, python3-skimage), by their formulas.
"""
import numpy
from skimage import measure
from sklearn import metrics


def best_f1(labels, scores):
    precision, recall, thresholds = metrics.precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / numpy.maximum(precision + recall, 1e-300)
    best = numpy.argmax(f1[:-1])
    return f1[best], thresholds[best]


def pro(masks, maps, limit=0.3):
    """The regions' mean overlap over the false positive rate, from all thresholds."""
    scores = numpy.concatenate([values.ravel() for values in maps])
    normal = numpy.concatenate([mask.ravel() == 0 for mask in masks])
    regions = [values[labels == number]
               for values, labels in zip(maps, (measure.label(mask, connectivity=2)
                                                for mask in masks))
               for number in range(1, labels.max() + 1)]
    thresholds = numpy.unique(scores)[::-1]
    normal_scores = numpy.sort(scores[normal])
    rates = 1 - numpy.searchsorted(normal_scores, thresholds) / len(normal_scores)
    overlaps = numpy.mean([1 - numpy.searchsorted(numpy.sort(region), thresholds) / len(region)
                           for region in regions], axis=0)
    rates, overlaps = numpy.append(0, rates), numpy.append(0, overlaps)
    inside = rates <= limit
    last = numpy.count_nonzero(inside) - 1
    share = (limit - rates[last]) / (rates[last + 1] - rates[last])
    at_limit = overlaps[last] + share * (overlaps[last + 1] - overlaps[last])
    x, y = numpy.append(rates[inside], limit), numpy.append(overlaps[inside], at_limit)
    return numpy.trapz(y, x) / limit, len(regions)


def ranking():
    index = numpy.arange(200)
    labels = index % 3 == 0
    scores = (index * index * 7919 % 97 + 40 * (labels & (index % 2 == 0))) / 10
    f1, threshold = best_f1(labels, scores)
    print("ranking", metrics.roc_auc_score(labels, scores),
          metrics.average_precision_score(labels, scores), f1, threshold,
          metrics.f1_score(labels, scores >= 6))


def pixels():
    maps, masks = [], []
    for picture in range(5):
        y, x = numpy.mgrid[:30 + 2 * picture, :40 + 3 * picture]
        block = ((x // 5 + y // 4) % 6 == 0) & (x > 9) & (x // 10 % 2 == picture % 2)
        mask = block & (picture >= 2)
        noise = (x * x * 31 + y * 57 + x * y * 13 + picture * 91) % 101
        maps.append((noise + 30 * mask).astype(numpy.float32) / 8)
        masks.append(mask.astype(int))
    for name, first in (("full", 0), ("anomaly", 2)):
        labels = numpy.concatenate([mask.ravel() for mask in masks[first:]])
        scores = numpy.concatenate([values.ravel() for values in maps[first:]])
        f1, threshold = best_f1(labels, scores)
        overlap, regions = pro(masks[first:], maps[first:])
        print(name, len(labels), labels.sum(), regions, metrics.roc_auc_score(labels, scores),
              metrics.average_precision_score(labels, scores), f1, threshold, overlap)


if __name__ == "__main__":
    ranking()
    pixels()
