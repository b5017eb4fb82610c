// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// TorchScript files of a few lines, made where they are needed.
#include "tests/support/torchscript_modules.h"

#include <ATen/ops/full.h>
#include <torch/csrc/jit/api/module.h>

#include <sstream>

namespace patchcore::test {

void write_torchscript(const std::string& path, const std::string& body,
                       const std::string& settings) {
  std::string source = "def forward(self, x):\n";
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) source += "    " + line + "\n";
  torch::jit::Module module("module");
  module.register_parameter("weight", at::full({1}, 2.0F), /*is_buffer=*/false);
  module.define(source);
  torch::jit::ExtraFilesMap extra;
  if (!settings.empty()) extra["patchcore.json"] = settings;
  module.save(path, extra);
}

const char* const pyramid =
    "y = torch.mul(x, self.weight)\n"
    "return {\"fine\": torch.avg_pool2d(y, [8, 8]), \"coarse\": torch.avg_pool2d(y, [16, 16])}\n";

}  // namespace patchcore::test
