// A HeadScan looks at the bytes of a request's head as they come, before anything parses them: it
// finds where the head ends, and refuses what two readers may take for different things (RFC 9112,
// 2.2, 5.1 and 5.2): ends of lines that are none, control characters, lines that go on in the next.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace slipway {

class HeadScan {
  public:
    // Looks on in `bytes`, which begins as it did before and has grown. Returns the length of the
    // head once it is whole, and 0 until then or if there is a flaw().
    std::size_t look(std::string_view bytes);

    // What is wrong; empty if nothing is.
    std::string_view flaw() const { return flaw_; }

    // Headers, so far.
    std::size_t headers() const { return lines_ == 0 ? 0 : lines_ - 1; }

    // An empty line may stand before the first (RFC 9112, 2.2): its bytes are no part of the head.
    std::size_t skipped() const { return skipped_; }

  private:
    void end_line(std::string_view line, std::size_t next);

    std::size_t at_ = 0;  // all before it was looked at
    std::size_t line_begin_ = 0;
    std::size_t lines_ = 0;  // that have ended, the request line among them
    std::size_t skipped_ = 0;
    bool after_cr_ = false;
    bool whole_ = false;
    std::string_view flaw_;
};

}  // namespace slipway
