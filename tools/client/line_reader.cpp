#include "tools/client/line_reader.h"

namespace slipway {

bool LineReader::take(std::string_view piece, const Visitor& visit) {
    for (auto end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
        rest_ += piece.substr(0, end);
        piece.remove_prefix(end + 1);
        if (is_over_long() || !visit(rest_)) return false;
        rest_.clear();
    }
    rest_ += piece;
    return !is_over_long();
}

}  // namespace slipway
