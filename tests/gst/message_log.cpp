// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Keeps what an element posts on the bus, and can hold a thread back while it posts.
#include "tests/gst/message_log.h"

#include <algorithm>
#include <chrono>

namespace patchcore::test {
namespace {

constexpr std::chrono::minutes patience(1);

Progress parse_progress(GstMessage* message) {
  Progress progress;
  gchar* code = nullptr;
  gchar* text = nullptr;
  gst_message_parse_progress(message, &progress.type, &code, &text);
  progress.code = code;
  progress.text = text;
  g_free(code);
  g_free(text);
  gst_structure_get_int(gst_message_get_structure(message), "percent", &progress.percent);
  gst_structure_get_double(gst_message_get_structure(message), "coverage", &progress.coverage);
  return progress;
}

}  // namespace

MessageLog::MessageLog() {
  gst_init(nullptr, nullptr);
  bus_ = gst_bus_new();
  gst_bus_set_sync_handler(bus_, receive, this, nullptr);
}

MessageLog::~MessageLog() {
  gst_bus_set_sync_handler(bus_, nullptr, nullptr, nullptr);
  gst_object_unref(bus_);
  clear();
}

void MessageLog::clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (GstMessage* message : messages_) gst_message_unref(message);
  messages_.clear();
}

Messages MessageLog::take(GstMessageType types, const char* name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto taken =
      std::stable_partition(messages_.begin(), messages_.end(), [&](GstMessage* message) {
        return (GST_MESSAGE_TYPE(message) & types) == 0 ||
               (*name != '\0' && gst_message_has_name(message, name) == FALSE);
      });
  Messages result(taken, messages_.end());
  messages_.erase(taken, messages_.end());
  return result;
}

void MessageLog::attach(GstElement* element) {
  if (!GST_IS_PIPELINE(element)) {
    gst_element_set_bus(element, bus_);
    return;
  }
  // A pipeline flushes its bus and needs its own.
  GstBus* bus = gst_element_get_bus(element);
  gst_bus_set_sync_handler(bus, receive, this, nullptr);
  gst_object_unref(bus);
}

void MessageLog::detach(GstElement* element) {
  GstBus* bus = gst_element_get_bus(element);
  gst_bus_set_sync_handler(bus, nullptr, nullptr, nullptr);
  gst_object_unref(bus);
}

void MessageLog::hold_back_at(const std::string& code) {
  const std::lock_guard<std::mutex> lock(mutex_);
  hold_back_at_ = code;
}

bool MessageLog::wait_until_held_back() {
  return wait([this] { return held_back_; });
}

void MessageLog::release() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    hold_back_at_.clear();
  }
  changed_.notify_all();
}

bool MessageLog::wait_for(GstMessageType type) {
  return wait([&] {
    return std::any_of(messages_.begin(), messages_.end(),
                       [&](GstMessage* message) { return GST_MESSAGE_TYPE(message) == type; });
  });
}

bool MessageLog::wait(const std::function<bool()>& condition) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, patience, condition);
}

std::vector<Progress> MessageLog::progress() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<Progress> all;
  for (GstMessage* message : messages_) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_PROGRESS) all.push_back(parse_progress(message));
  }
  return all;
}

std::size_t MessageLog::count(GstMessageType type) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(messages_.begin(), messages_.end(),
                    [&](GstMessage* message) { return GST_MESSAGE_TYPE(message) == type; }));
}

Complaint MessageLog::complaint(GstMessageType type) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (GstMessage* message : messages_) {
    if (GST_MESSAGE_TYPE(message) != type) continue;
    GError* error = nullptr;
    if (type == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message, &error, nullptr);
    } else {
      gst_message_parse_warning(message, &error, nullptr);
    }
    const Complaint complaint{error->domain, error->code, error->message};
    g_error_free(error);
    return complaint;
  }
  return {};
}

const GstStructure* MessageLog::trained() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const GstStructure* latest = nullptr;
  for (GstMessage* message : messages_) {
    if (gst_message_has_name(message, "patchcore-trained")) {
      latest = gst_message_get_structure(message);
    }
  }
  return latest;
}

GstBusSyncReply MessageLog::receive(GstBus*, GstMessage* message, gpointer data) {
  MessageLog& log = *static_cast<MessageLog*>(data);
  std::unique_lock<std::mutex> lock(log.mutex_);
  log.messages_.push_back(message);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_PROGRESS) {
    const Progress progress = parse_progress(message);
    if (progress.type == GST_PROGRESS_TYPE_START && progress.code == log.hold_back_at_) {
      log.held_back_ = true;
      log.changed_.notify_all();
      log.changed_.wait(lock, [&] { return log.hold_back_at_ != progress.code; });
      log.held_back_ = false;
    }
  }
  log.changed_.notify_all();
  return GST_BUS_DROP;
}

}  // namespace patchcore::test
