// A LogPlace is where a log is kept: the port through which a log is proven and opened. It makes
// the stores that are read and written, and keeps what must be known of a log outside of its store.
//
// Threads: one at a time, but places(), which is for any.

#pragma once

#include "eventlog/base/id.h"
#include "eventlog/base/result.h"
#include "eventlog/log/keys.h"
#include "eventlog/log/place_watch.h"
#include "eventlog/log/store.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace slipway {

class LogPlace {
  public:
    virtual ~LogPlace() = default;

    // The end of the log as it was kept last; the log may be longer. Errors: corruption.
    virtual Result<Tail> anchor() const = 0;
    // Replaces it. Errors: io.
    virtual Result<void> keep_anchor(const Tail& tail) = 0;

    // The id of the log where it is kept a second time; nothing if it is not, or cannot be read.
    virtual std::optional<Uuid> kept_log_id() const = 0;
    // Keeps it if it is not kept yet. That it cannot be kept is no error: it is traced.
    virtual void keep_log_id(Uuid log_id) = 0;

    // A store to read what is there. Neither opening nor reading it changes anything of the log.
    // Errors: corruption, disk_low, io.
    virtual Result<std::unique_ptr<Store>> copy() = 0;
    // The store of the log itself. It commits nothing while places().check() fails.
    // Requires: what copy() made is gone. Errors: disk_low, io.
    virtual Result<std::unique_ptr<Store>> open() = 0;

    // Errors: indeterminate.
    virtual Result<std::uintmax_t> free_bytes() const = 0;

    // The files that must stay in their place while the log is open. More can be added.
    PlaceWatch& places() { return places_; }
    const PlaceWatch& places() const { return places_; }

  private:
    PlaceWatch places_;
};

}  // namespace slipway
