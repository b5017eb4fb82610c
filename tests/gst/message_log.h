// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Keeps what an element posts on the bus, and can hold a thread back while it posts.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace patchcore::test {

/// A progress message, taken apart.
struct Progress {
  GstProgressType type = GST_PROGRESS_TYPE_START;
  std::string code;
  std::string text;
  int percent = -1;      ///< -1: none was given
  double coverage = -1;  ///< likewise
};

/// An error or a warning, taken apart. The domain is 0 where there was none.
struct Complaint {
  GQuark domain = 0;
  int code = 0;
  std::string text;
};

struct MessageUnref {
  void operator()(GstMessage* message) const { gst_message_unref(message); }
};
using Messages = std::vector<std::unique_ptr<GstMessage, MessageUnref>>;

class MessageLog {
 public:
  /// Initializes GStreamer.
  MessageLog();
  ~MessageLog();

  MessageLog(const MessageLog&) = delete;
  MessageLog& operator=(const MessageLog&) = delete;

  /// Takes the messages of a pipeline, or of an element outside of one.
  void attach(GstElement* element);
  /// Needed for a pipeline, which may outlive the log.
  void detach(GstElement* element);

  /// Forgets all messages.
  void clear();

  /// Takes out the messages of these types and, unless it is empty, of this name.
  Messages take(GstMessageType types, const char* name = "");

  /// From now on the thread that posts START of this progress code is held back in doing so.
  void hold_back_at(const std::string& code);
  /// Returns when a thread is held back; false if none is after a minute.
  bool wait_until_held_back();
  void release();

  /// Returns when a message of @p type was posted; false if none was after a minute.
  bool wait_for(GstMessageType type);

  std::vector<Progress> progress() const;
  std::size_t count(GstMessageType type) const;
  /// The first of this type.
  Complaint complaint(GstMessageType type) const;
  /// The structure of the last message `patchcore-trained`, or null; the log owns it.
  const GstStructure* trained() const;

 private:
  static GstBusSyncReply receive(GstBus* bus, GstMessage* message, gpointer log);

  bool wait(const std::function<bool()>& condition);

  GstBus* bus_ = nullptr;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<GstMessage*> messages_;  // all that follow: guarded by the mutex
  std::string hold_back_at_;
  bool held_back_ = false;
};

}  // namespace patchcore::test
