// Server-Sent Events (HTML, 9.2) as the server sends them, piece by piece: an id, which is a
// position of the log, and data, which is one line of JSON.

#pragma once

#include "tools/client/line_reader.h"

#include <functional>
#include <string>
#include <string_view>

namespace slipway {

class EventFeed {
  public:
    struct Message {
        std::string id;
        std::string data;
    };
    // Returns false to see no more.
    using Visitor = std::function<bool(const Message&)>;

    // Shows `visit` each message that ends in `piece`. False if it wants no more, or if there is a
    // line that no server sends (see LineReader).
    bool take(std::string_view piece, const Visitor& visit);

  private:
    bool take_line(std::string_view line, const Visitor& visit);

    LineReader lines_;
    Message message_;
};

}  // namespace slipway
