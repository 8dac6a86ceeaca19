// A LogSource is a log to be looked at, wherever it is: in a data directory, or with a running
// server. Either way it is not touched, and what is read of it is proved on the way; but a server
// writes down in its log who has taken it out.
//
// Not thread-safe.

#pragma once

#include "eventlog/events/event_json.h"
#include "eventlog/log/event_log.h"
#include "tools/log_reading/bound.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// What --help says of a place.
inline constexpr const char* kPlaceText =
    "A server's data directory, or the log in it; or the URL of a server, with an admin's token "
    "from SLIPWAY_TOKEN or the settings";

inline constexpr const char* kCaFileText =
    "Who vouches for that server, as PEM; else SLIPWAY_CA_FILE, the settings, the machine";

class LogSource {
  public:
    // Returns false to see no more.
    using Visitor = std::function<bool(const RecordedEvent&, const Digest&)>;

    // Opens the log at `place`: a server's data directory, the log in it, or http://… or https://….
    // Of a directory it opens a copy, which may be in use. `ca_file` (PEM; or
    // empty) says who vouches for a server. What people should know goes to `warn`.
    // Errors: as open_log_copy(); invalid.
    static Result<std::unique_ptr<LogSource>> open(
        const std::string& place, const std::string& ca_file,
        const std::function<void(const std::string&)>& warn);

    virtual ~LogSource() = default;

    // Shows `visit` every event within `bound`, verified and in order.
    //
    // Errors:
    //   corruption            with the first bad position; also an answer that was cut or changed
    //   unavailable, invalid  there is no server, or it refuses; nothing was shown
    //   io
    virtual Result<void> read(const Bound& bound, const Visitor& visit) = 0;

    // Which log it is and where it ends; nothing if the server does not say it. Known from the
    // first event on that read() shows.
    virtual std::optional<LogHead> head() const = 0;

    // The last position there is. Requires: read() has answered without an error.
    virtual Position end() const = 0;

    // What was verified of the log, in words. If the `whole` of it was read, and what lies beside
    // the events adds up to `events`, that too. Errors: corruption, io.
    virtual Result<std::string_view> verified(bool whole,
                                              const LogReader::IndexCounts& events) const = 0;
};

}  // namespace slipway
