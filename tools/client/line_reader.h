// A LineReader makes lines of text that comes piece by piece, cut anywhere. It keeps no more than
// the line that has not ended yet.

#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace slipway {

// The largest event is 4 MiB in the log, and JSON writes a byte with six at most.
inline constexpr std::size_t kLineBytesMax = 32 << 20;

class LineReader {
  public:
    // Returns false to see no more.
    using Visitor = std::function<bool(std::string_view line)>;

    // Shows `visit` each line that ends in `piece`, without its end. False if it wants no more, or
    // if a line is_over_long().
    bool take(std::string_view piece, const Visitor& visit);

    bool is_over_long() const { return rest_.size() > kLineBytesMax; }

    // What stands behind the end of the last line.
    const std::string& rest() const { return rest_; }

  private:
    std::string rest_;
};

}  // namespace slipway
