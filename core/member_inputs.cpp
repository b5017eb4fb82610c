// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What each member of an ensemble sees of a frame.
#include "core/member_inputs.h"

#include <utility>

#include "core/frame_batch.h"

namespace patchcore {

void prepare_for_members(const std::vector<const FrameEmbedding*>& members, const ImageView& frame,
                         const InspectedPart& part, PreparedFrame& prepared, Workspace& workspace) {
  const FrameEmbedding& first = *members.front();
  first.prepare(frame, part, prepared, workspace);
  prepared.further.resize(members.size() - 1);
  for (std::size_t i = 1; i < members.size(); ++i) {
    MemberInput& further = prepared.further[i - 1];
    const PreprocessOptions& wanted = members[i]->preprocess();
    if (wanted.mean == first.preprocess().mean &&
        wanted.deviation == first.preprocess().deviation) {
      further.input = {};
      further.ignored = members[i]->ignored(part);
      continue;
    }
    PreparedFrame own;
    own.input = std::move(further.input);  // its memory
    members[i]->prepare(frame, part, own, workspace);
    further.input = std::move(own.input);
    further.ignored = std::move(own.ignored);
  }
}

const InputTensor& member_input(const PreparedFrame& frame, std::size_t member) {
  if (member == 0 || frame.further[member - 1].input.batch == 0) return frame.input;
  return frame.further[member - 1].input;
}

const IgnoredPatches& member_ignored(const PreparedFrame& frame, std::size_t member) {
  return member == 0 ? frame.ignored : frame.further[member - 1].ignored;
}

const InputTensor& member_batch(const std::vector<const PreparedFrame*>& frames, std::size_t member,
                                InputTensor& joined) {
  if (frames.size() == 1) return member_input(*frames.front(), member);
  std::vector<const InputTensor*> inputs;
  for (const PreparedFrame* frame : frames) inputs.push_back(&member_input(*frame, member));
  join_inputs(inputs, joined);
  return joined;
}

bool same_geometry(const PreprocessOptions& a, const PreprocessOptions& b) {
  if (a.mode != b.mode || a.tile_size != b.tile_size) return false;
  switch (a.mode) {
    case ResizeMode::area:
      return a.area_side == b.area_side;
    case ResizeMode::exact:
      return a.exact == b.exact && a.crop == b.crop;
    case ResizeMode::shorter_side:
      break;
  }
  return a.shorter_side == b.shorter_side && a.crop == b.crop;
}

}  // namespace patchcore
