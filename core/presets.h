// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Settings of training that go together: those of other programs, and of the paper.
#pragma once

namespace patchcore {

struct TrainerOptions;

/// Whose settings.
///
/// amazon    the published implementation (amazon-science/patchcore-inspection, commit fcaa92f), as
///           its README trains its baseline
/// anomalib  anomalib 2.7.0: whole pictures at exactly 256 x 256, the neighbourhood of a patch
///           averaged, the layers joined as they are (1536 values), L2 distance, re-weighted by
///           equation 7 among 9 neighbours. Its version 2.0.0 kept the centre of 224 x 224.
/// paper     Roth et al. 2022, section 4, PatchCore-25%; also reported there for 10 % and 1 %. It
///           gives no number of neighbours for equation 7: anomalib's is taken.
enum class Preset { none, amazon, anomalib, paper };

constexpr Preset all_presets[] = {Preset::none, Preset::amazon, Preset::anomalib, Preset::paper};

/// As users write it.
const char* preset_name(Preset preset);

/// Sets backbone, layers, input size, crop, patch size, dimensions, sampler, ratio, largest number
/// of patches, neighbours, score mode and image score, whatever they were before, and nothing else;
/// Preset::none sets nothing. The mean and the deviation are the backbone's, ImageNet's.
void apply_preset(Preset preset, TrainerOptions& options);

}  // namespace patchcore
