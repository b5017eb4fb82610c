// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects which setting counts: the caller's before the bank's, a part that was cut out before the
// region.
#include "core/inspection_area.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/png_files.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

InspectionMaskPointer white_mask() {
  return std::make_shared<InspectionMask>(Size{1, 1}, std::vector<std::uint8_t>{255});
}

InspectionArea banks_area() {
  return {parse_inspection_region("0.5,0.5,0.5,0.5"), white_mask()};
}

std::string text_of(const Rect& rect) {
  return std::to_string(rect.x) + "," + std::to_string(rect.y) + "," + std::to_string(rect.width) +
         "," + std::to_string(rect.height);
}

}  // namespace

TEST(InspectionArea, IsTheBanksWhereNothingElseIsSaid) {
  const InspectionArea bank = banks_area();
  const InspectionArea area = apply_override(bank, read_inspection_override("", ""));
  EXPECT_TRUE(area.region == bank.region);
  EXPECT_EQ(area.mask, bank.mask);
}

TEST(InspectionArea, IsTheCallersBeforeTheBanks) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "mask.png";
  test::write_mask(path, {8, 4}, {0, 0, 1, 1});
  InspectionArea area = apply_override(banks_area(), read_inspection_override("0,0,64,64", path));
  EXPECT_EQ(format_inspection_region(area.region), "0,0,64,64");
  EXPECT_EQ(area.mask->size(), (Size{8, 4}));

  area = apply_override(banks_area(), read_inspection_override("none", "none"));
  EXPECT_TRUE(is_whole_frame(area.region));
  EXPECT_EQ(area.mask, nullptr);
}

TEST(InspectionArea, SaysWhatIsWrong) {
  EXPECT_ERROR(read_inspection_override("1,2,3", ""), invalid_argument, "region '1,2,3'");
  EXPECT_ERROR(read_inspection_override("", "/missing.png"), not_found, "/missing.png");
}

TEST(InspectionArea, StretchesTheMaskOverTheFrame) {
  const InspectionArea area = banks_area();
  const InspectedPart part = resolve_inspection_area(area, {640, 480});
  EXPECT_EQ(text_of(part.rect), "320,240,320,240");
  EXPECT_EQ(text_of(part.masked), "0,0,640,480");
  EXPECT_EQ(part.mask, area.mask);
}

// Of a part that the frame cuts off, too: it is the part's mask.
TEST(InspectionArea, StretchesTheMaskOverWhatWasCutOut) {
  const InspectedPart part =
      resolve_inspection_area(banks_area(), {640, 480}, Rect{600, 10, 80, 50});
  EXPECT_EQ(text_of(part.rect), "600,10,40,50");
  EXPECT_EQ(text_of(part.masked), "600,10,80,50");
}

TEST(InspectionArea, RefusesWhatIsNotInTheFrame) {
  EXPECT_ERROR(resolve_inspection_area(banks_area(), {640, 480}, Rect{640, 0, 50, 50}),
               unsupported_frame, "outside of the frame of 640x480");
  const InspectionArea area = {parse_inspection_region("600,0,64,64"), nullptr};
  EXPECT_ERROR(resolve_inspection_area(area, {640, 480}), unsupported_frame, "does not fit");
}

}  // namespace patchcore
