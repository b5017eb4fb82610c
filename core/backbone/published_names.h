// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The networks that the published implementation has a name for.
#pragma once

#include <string>
#include <vector>

namespace patchcore {

/// All 41, in alphabetical order.
std::vector<std::string> published_names();

/// The native network that a published name means, e.g. wide_resnet50_2 for wideresnet50; any other
/// name as it is.
std::string native_name(const std::string& name);

/// The command that makes a TorchScript file of the network that a published name means; empty for
/// other names and where the network is native.
std::string export_command(const std::string& name);

}  // namespace patchcore
