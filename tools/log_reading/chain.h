// The chain of digests that runs through a log, followed over the JSON lines that it was written
// out as: in a dump, and in what a server answers. An event becomes the record again that it was
// read from, byte for byte; its digest must be the one that the line says.

#pragma once

#include "eventlog/base/digest.h"
#include "eventlog/base/result.h"
#include "eventlog/events/event.h"
#include "eventlog/events/event_json.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// The bytes of 64 hexadecimal digits, as a digest is written.
std::optional<Digest> digest_of_hex(std::string_view hex);

// What a line of JSON says that its record's digest was; nothing if it says none.
std::optional<Digest> digest_of_line(std::string_view line);

// The log that the first line of a dump is of; nothing if the line does not say it. Errors:
// corruption, where it does not say it in the form that write_json has.
Result<std::optional<LogHead>> log_head_of_line(std::string_view line);

// Holds each line to the digest of the one before.
class Chain {
  public:
    // Of lines the first of which is taken at its word, as is each behind one without a digest.
    Chain() = default;
    // Of lines the first of which follows from `start`.
    explicit Chain(const Digest& start) : last_(start) {}

    // A line says `recorded`, and `said` of its digest. Errors: corruption; the caller knows where.
    Result<void> follow(const std::optional<Digest>& said, const RecordedEvent& recorded);

  private:
    std::optional<Digest> last_;
};

// The lines of a whole log as they arrive from a server, one after the other. Nothing is shown that
// is not proved: each line is the event that comes next, follows in the chain, and is what the
// server would have written, to the byte.
class LogLines {
  public:
    // Returns false to see no more.
    using Visitor = std::function<bool(const RecordedEvent&, const Digest&)>;

    // Requires: the first line is that of position 1, chained to `start`, and the last that of
    // `end`, which records that they were asked for.
    LogLines(const Digest& start, Position end) : start_(start), chain_(start), end_(end) {}

    // False if `visit` wants no more. Errors: corruption, which names the position.
    Result<bool> take(std::string_view line, const Visitor& visit);

    // There are no more lines, and why. Errors: corruption, unless the last one was there.
    Result<void> finish(const std::string& because) const;

    Position end() const { return end_; }
    // As the first line says it; servers of before 0.2 do not.
    const std::optional<LogHead>& head() const { return head_; }

  private:
    Error wrong(const std::string& what) const;
    Result<void> take_head(std::string_view line);

    Digest start_;
    Chain chain_;
    std::optional<LogHead> head_;
    Position end_;
    Position next_{1};
};

}  // namespace slipway
