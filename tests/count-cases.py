#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Prints the number of test cases that passed, failed and were skipped.

Usage: count-cases.py TESTLOG.junit.xml

A test program without cases of its own counts as one. Names those that did not pass.
"""
import sys
import xml.etree.ElementTree


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def main(path):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for suite in xml.etree.ElementTree.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            result = outcome(case)
            counts[result] += 1
            if result != "passed":
                print(f"{result}: {suite.get('name')} {case.get('name')}")
    print(", ".join(f"{number} {result}" for result, number in counts.items()))


if __name__ == "__main__":
    main(sys.argv[1])
