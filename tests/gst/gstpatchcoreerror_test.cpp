// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that whatever the engine throws arrives on the bus, with a fitting domain and the
// engine's own words, and goes no further.
#include "gst/gstpatchcoreerror.h"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <string>

#include "core/backbone/precision.h"
#include "core/error.h"

namespace {

using patchcore::Error;
using patchcore::ErrorCode;

struct Received {
  GQuark domain = 0;
  int code = 0;
  std::string text;
};

class PatchCoreError : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    element_ = GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new("under-test")));
    bus_ = gst_element_get_bus(element_);
  }

  void TearDown() override {
    gst_object_unref(bus_);
    gst_object_unref(element_);
  }

  /// The oldest message of @p type; domain 0 if there is none.
  Received received(GstMessageType type) {
    GstMessage* message = gst_bus_pop_filtered(bus_, type);
    if (message == nullptr) return {};
    GError* error = nullptr;
    if (type == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message, &error, nullptr);
    } else {
      gst_message_parse_warning(message, &error, nullptr);
    }
    Received result{error->domain, error->code, error->message};
    g_error_free(error);
    gst_message_unref(message);
    return result;
  }

  GstElement* element_ = nullptr;
  GstBus* bus_ = nullptr;
};

TEST_F(PatchCoreError, GuardReturnsWhatTheFunctionReturns) {
  EXPECT_EQ(gst_patch_core_guard(element_, 7, [] { return 42; }), 42);
  EXPECT_EQ(received(GST_MESSAGE_ERROR).domain, 0U);
}

TEST_F(PatchCoreError, GuardPostsWhatWasThrownAndReturnsTheOtherValue) {
  const GstFlowReturn flow = gst_patch_core_guard(element_, GST_FLOW_ERROR, []() -> GstFlowReturn {
    throw Error(ErrorCode::not_found, "There is no file /nowhere/bank");
  });
  EXPECT_EQ(flow, GST_FLOW_ERROR);
  const Received error = received(GST_MESSAGE_ERROR);
  EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_EQ(error.text, "There is no file /nowhere/bank");
}

TEST_F(PatchCoreError, AWarningSaysHowItGoesOnAndWhy) {
  gst_patch_core_post_warning(element_, Error(ErrorCode::corrupt, "/some/bank is no bank"),
                              "The bank stays as it is");
  const Received warning = received(GST_MESSAGE_WARNING);
  EXPECT_EQ(warning.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(warning.code, GST_RESOURCE_ERROR_READ);
  EXPECT_EQ(warning.text, "The bank stays as it is: /some/bank is no bank");
  gst_patch_core_post_warning(element_, std::bad_alloc(), "The bank stays as it is");
  EXPECT_EQ(received(GST_MESSAGE_WARNING).text, "The bank stays as it is: Out of memory");
  EXPECT_EQ(received(GST_MESSAGE_ERROR).domain, 0U);
}

TEST_F(PatchCoreError, GuardPostsOnEveryFrameAndNotOnlyOnTheFirst) {
  for (int frame = 0; frame < 3; ++frame) {
    gst_patch_core_guard(element_, false,
                         []() -> bool { throw Error(ErrorCode::internal, "again"); });
    EXPECT_EQ(received(GST_MESSAGE_ERROR).text, "again") << frame;
  }
}

TEST_F(PatchCoreError, EveryCodeHasADomain) {
  struct Case {
    ErrorCode code;
    GQuark domain;
    int gst_code;
  };
  const Case cases[] = {
      {ErrorCode::invalid_argument, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS},
      {ErrorCode::not_found, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND},
      {ErrorCode::read_failed, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ},
      {ErrorCode::write_failed, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE},
      {ErrorCode::no_space, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT},
      {ErrorCode::corrupt, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ},
      {ErrorCode::unsupported_file, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ},
      {ErrorCode::unsupported_frame, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT},
      {ErrorCode::cancelled, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED},
      {ErrorCode::internal, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED},
  };
  for (const Case& one : cases) {
    gst_patch_core_post_error(element_, Error(one.code, "words"));
    const Received error = received(GST_MESSAGE_ERROR);
    EXPECT_EQ(error.domain, one.domain) << static_cast<int>(one.code);
    EXPECT_EQ(error.code, one.gst_code) << static_cast<int>(one.code);
    EXPECT_EQ(error.text, "words");
  }
}

TEST_F(PatchCoreError, ForeignExceptionsAreErrorsToo) {
  gst_patch_core_post_error(element_, std::runtime_error("something else"));
  Received error = received(GST_MESSAGE_ERROR);
  EXPECT_EQ(error.domain, GST_LIBRARY_ERROR);
  EXPECT_EQ(error.text, "something else");

  gst_patch_core_post_error(element_, std::bad_alloc());
  error = received(GST_MESSAGE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  EXPECT_EQ(error.text, "Out of memory");
}

TEST_F(PatchCoreError, AGpuThatCannotBeUsedIsAWarning) {
  gst_patch_core_warn_of_device(element_, {});
  EXPECT_EQ(received(GST_MESSAGE_WARNING).domain, 0U);
  gst_patch_core_warn_of_device(element_, {{}, "the driver is 100% \xff"});
  const Received warning = received(GST_MESSAGE_WARNING);
  EXPECT_EQ(warning.domain, GST_RESOURCE_ERROR);
  EXPECT_NE(warning.text.find("the driver is 100% \xef\xbf\xbd"), std::string::npos)
      << warning.text;
}

TEST_F(PatchCoreError, Bf16IsSlowOnProcessorsAlone) {
  using patchcore::Precision;
  const patchcore::Device cpu;
  gst_patch_core_warn_of_slow_precision(element_, Precision::bf16, cpu);
  EXPECT_EQ(received(GST_MESSAGE_WARNING).domain == 0, patchcore::precision_support().fast_bf16);
  gst_patch_core_warn_of_slow_precision(element_, Precision::fp32, cpu);
  gst_patch_core_warn_of_slow_precision(element_, Precision::bf16,
                                        {patchcore::DeviceKind::cuda, 0});
  EXPECT_EQ(received(GST_MESSAGE_WARNING).domain, 0U);
}

TEST_F(PatchCoreError, PercentSignsOfFileNamesAreNoFormat) {
  gst_patch_core_post_error(element_, Error(ErrorCode::corrupt, "/tmp/100%s%n.bank"));
  EXPECT_EQ(received(GST_MESSAGE_ERROR).text, "/tmp/100%s%n.bank");
}

TEST_F(PatchCoreError, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(gst_patch_core_valid_utf8("plain \xc3\xa9"), "plain \xc3\xa9");
  gst_patch_core_post_error(element_, Error(ErrorCode::corrupt, "/tmp/\xff.bank"));
  EXPECT_EQ(received(GST_MESSAGE_ERROR).text, "/tmp/\xef\xbf\xbd.bank");
}

}  // namespace
