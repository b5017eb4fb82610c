// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The networks that the published implementation has a name for.
#include "core/backbone/published_names.h"

#include <algorithm>
#include <iterator>

namespace patchcore {
namespace {

struct PublishedName {
  const char* name;
  const char* native;    ///< null if it is not native
  const char* exported;  ///< what examples/export-backbone.py makes it from; null if it is native
};

constexpr PublishedName names[] = {
    {"alexnet", nullptr, "torchvision:alexnet"},
    {"bninception", nullptr, "pretrainedmodels:bninception"},
    {"densenet121", "densenet121", nullptr},
    {"densenet201", "densenet201", nullptr},
    {"efficientnet_b1", "efficientnet_b1", nullptr},
    {"efficientnet_b3", "efficientnet_b3", nullptr},
    {"efficientnet_b3a", "efficientnet_b3", nullptr},
    {"efficientnet_b5", "efficientnet_b5", nullptr},
    {"efficientnet_b7", "efficientnet_b7", nullptr},
    {"efficientnetv2_l", nullptr, "timm:tf_efficientnetv2_l"},
    {"efficientnetv2_m", nullptr, "timm:tf_efficientnetv2_m"},
    {"inception_v4", nullptr, "timm:inception_v4"},
    {"mnasnet_100", nullptr, "timm:mnasnet_100"},
    {"mnasnet_a1", nullptr, "timm:mnasnet_a1"},
    {"mnasnet_b1", nullptr, "timm:mnasnet_b1"},
    {"resnest50", nullptr, "timm:resnest50d_4s2x40d"},
    {"resnet101", "resnet101", nullptr},
    {"resnet200", "resnet200", nullptr},
    {"resnet50", "resnet50", nullptr},
    {"resnetv2_101", nullptr, "timm:resnetv2_101"},
    {"resnetv2_101_21k", nullptr, "timm:resnetv2_101x3_bitm_in21k"},
    {"resnetv2_101_bit", nullptr, "timm:resnetv2_101x3_bitm"},
    {"resnetv2_152_21k", nullptr, "timm:resnetv2_152x4_bitm_in21k"},
    {"resnetv2_152_384", nullptr, "timm:resnetv2_152x2_bit_teacher_384"},
    {"resnetv2_152_bit", nullptr, "timm:resnetv2_152x4_bitm"},
    {"resnetv2_50_21k", nullptr, "timm:resnetv2_50x3_bitm_in21k"},
    {"resnetv2_50_bit", nullptr, "timm:resnetv2_50x3_bitm"},
    {"resnext101", "resnext101_32x8d", nullptr},
    {"vgg11", "vgg11", nullptr},
    {"vgg19", "vgg19", nullptr},
    {"vgg19_bn", "vgg19_bn", nullptr},
    {"vit_base", nullptr, "timm:vit_base_patch16_224"},
    {"vit_deit_base", nullptr, "timm:deit_base_patch16_224"},
    {"vit_deit_distilled", nullptr, "timm:deit_base_distilled_patch16_224"},
    {"vit_large", nullptr, "timm:vit_large_patch16_224"},
    {"vit_r50", nullptr, "timm:vit_large_r50_s32_224"},
    {"vit_small", nullptr, "timm:vit_small_patch16_224"},
    {"vit_swin_base", nullptr, "timm:swin_base_patch4_window7_224"},
    {"vit_swin_large", nullptr, "timm:swin_large_patch4_window7_224"},
    {"wideresnet101", "wide_resnet101_2", nullptr},
    {"wideresnet50", "wide_resnet50_2", nullptr},
};

const PublishedName* find(const std::string& name) {
  const auto* found = std::find_if(std::begin(names), std::end(names),
                                   [&](const auto& known) { return known.name == name; });
  return found == std::end(names) ? nullptr : found;
}

}  // namespace

std::vector<std::string> published_names() {
  std::vector<std::string> all;
  for (const PublishedName& published : names) all.emplace_back(published.name);
  return all;
}

std::string native_name(const std::string& name) {
  const PublishedName* published = find(name);
  return published != nullptr && published->native != nullptr ? published->native : name;
}

std::string export_command(const std::string& name) {
  const PublishedName* published = find(name);
  if (published == nullptr || published->exported == nullptr) return "";
  return std::string("examples/export-backbone.py ") + published->exported + " " + name + ".pt";
}

}  // namespace patchcore
