// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A training run as Python sees it: any thread may use it, and Ctrl-C ends it.
#include "tools/python/training_run.h"

#include <chrono>
#include <condition_variable>
#include <optional>
#include <utility>

#include "core/error.h"
#include "tools/python/picture_array.h"
#include "tools/python/search_recall_tuple.h"
#include "tools/python/settings_binding.h"

namespace py = pybind11;

namespace patchcore {
namespace {

/// So long Ctrl-C may have to wait.
constexpr std::chrono::milliseconds signal_period{50};

struct Progress {
  TrainingStage stage;
  int percent;
  std::string text;
};

/// What the trainer's thread tells the thread of Python that waits, and that one's answers.
class BuildNews {
 public:
  /// @param with_progress  the build waits at every step until next() or give_up() is called
  TrainingCallbacks callbacks(bool with_progress) {
    TrainingCallbacks callbacks;
    callbacks.done = [this](const TrainingReport& report) { tell([&] { report_ = report; }); };
    callbacks.failed = [this](const Error& error) { tell([&] { error_ = error; }); };
    if (!with_progress) return callbacks;
    callbacks.progress = [this](TrainingStage stage, int percent, const std::string& text) {
      tell([&] { step_ = {stage, percent, text}; });
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return !step_ || given_up_; });
    };
    return callbacks;
  }

  /// Waits for a step or the end, not for long.
  std::optional<Progress> wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, signal_period, [this] { return step_ || is_over(); });
    return step_;
  }

  /// The build may go on.
  void next() {
    tell([this] { step_.reset(); });
  }

  /// Nobody waits any more.
  void give_up() {
    tell([this] { given_up_ = true; });
  }

  bool over() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return is_over();
  }

  /// Once it is over.
  TrainingReport result() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error_) throw Error(*error_);
    return *report_;
  }

 private:
  template <typename Change>
  void tell(Change&& change) {
    const std::lock_guard<std::mutex> lock(mutex_);
    change();
    changed_.notify_all();
  }

  bool is_over() const { return report_ || error_; }

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex.
  std::optional<Progress> step_;
  bool given_up_ = false;
  std::optional<TrainingReport> report_;
  std::optional<Error> error_;
};

const char* stage_name(TrainingStage stage) {
  switch (stage) {
    case TrainingStage::collecting:
      break;
    case TrainingStage::coreset:
      return "coreset";
    case TrainingStage::calibration:
      return "calibration";
    case TrainingStage::writing:
      return "writing";
  }
  return "collecting";
}

/// Until the build is over.
void pass_on(BuildNews& news, const py::object& progress) {
  while (!news.over()) {
    std::optional<Progress> step;
    {
      const py::gil_scoped_release release;
      step = news.wait();
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (!step) continue;
    progress(stage_name(step->stage), step->percent, step->text);
    news.next();
  }
}

/// As the fields of patchcore.TrainingSummary.
py::dict summary_of(const TrainingReport& report) {
  py::dict summary;
  summary["frames"] = report.frames;
  summary["earlier_frames"] = report.earlier_frames;
  summary["members"] = report.members;
  summary["patches"] = report.patches;
  summary["bank_patches"] = report.bank_patches;
  summary["dimension"] = report.dimension;
  summary["held_out_frames"] = report.held_out_frames;
  summary["threshold"] = report.threshold;
  summary["usual_score"] = report.usual_score;
  summary["threshold_is_guess"] = report.threshold_is_guess;
  summary["index"] = index_name(report.index);
  summary["recall"] = tuple_of(report.recall);
  summary["seconds"] = report.seconds;
  summary["device"] = report.device;
  return summary;
}

}  // namespace

TrainingRun::TrainingRun(const TrainerOptions& options) {
  const py::gil_scoped_release release;
  trainer_ = std::make_unique<Trainer>(options);
}

TrainingRun::~TrainingRun() {
  const py::gil_scoped_release release;
  trainer_.reset();
}

void TrainingRun::add(const py::object& picture) {
  const PictureArray array(picture);
  const py::gil_scoped_release release;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (build_started_) {
    throw Error(ErrorCode::invalid_argument,
                "the building of the memory bank was started: add pictures before, or to another "
                "trainer");
  }
  trainer_->add(array.view());
}

TrainingReport TrainingRun::build(const std::string& path, const py::object& progress) {
  BuildNews news;
  {
    const py::gil_scoped_release release;
    Trainer::check_destination(path);
    const std::lock_guard<std::mutex> lock(mutex_);
    trainer_->start_build(path, news.callbacks(!progress.is_none()));
    build_started_ = true;
  }
  try {
    pass_on(news, progress);
  } catch (...) {
    const py::gil_scoped_release release;
    trainer_->cancel();
    news.give_up();
    trainer_->wait();
    throw;
  }
  {
    const py::gil_scoped_release release;
    trainer_->wait();
  }
  return news.result();
}

void bind_training_run(py::module_& module) {
  using Run = TrainingRun;
  py::class_<Run>(module, "TrainingRun")
      .def(py::init([](const TrainingSettings& settings) {
             return std::make_unique<Run>(settings.resolved());
           }),
           py::arg("options"))
      .def("add", &Run::add, py::arg("picture"))
      .def(
          "build",
          [](Run& run, const std::string& path, const py::object& progress) {
            return summary_of(run.build(path, progress));
          },
          py::arg("path"), py::arg("progress"))
      .def("cancel", &Run::cancel)
      .def_property_readonly("added", [](const Run& run) { return run.trainer().added(); })
      .def_property_readonly("complete", [](const Run& run) { return run.trainer().complete(); })
      .def_property_readonly("collected",
                             [](const Run& run) {
                               const CollectedSoFar so_far = run.trainer().collected();
                               return py::make_tuple(so_far.frames, so_far.patches, so_far.skipped,
                                                     so_far.coverage);
                             })
      .def_property_readonly(
          "device", [](const Run& run) { return device_name(run.trainer().device().device); });
}

}  // namespace patchcore
