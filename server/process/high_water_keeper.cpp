#include "server/process/high_water_keeper.h"

#include "eventlog/base/trace.h"

#include <exception>
#include <stop_token>

namespace slipway {

namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

HighWaterKeeper::HighWaterKeeper(InstallationClaim& claim, EventLog& log, const Clock& clock,
                                 Position from)
    : claim_(claim),
      log_(log),
      clock_(clock),
      from_(from),
      thread_("high-water", [this](const std::stop_token& stop) {
          while (wait_unless_stopped(stop, kInterval)) keep(false);
      }) {}

// What cannot be kept now is tried again in a second; the log itself is whole.
void HighWaterKeeper::keep(bool is_last) {
    if (log_.is_sealed() || log_.durable() < from_) return;
    std::string failure;
    try {
        if (const auto kept = claim_.keep_end(log_, clock_.monotonic(), is_last); !kept) {
            failure = kept.error().message;
        }
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (failure != failure_ && !failure.empty()) {
        trace(TraceLevel::error, "the end of the log is not kept outside of it: " + failure);
    }
    failure_ = failure;
}

}  // namespace slipway
